#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lensfind/simulate/early_lights.h"
#include "lensfind/simulate/nonlens_sample.h"
#include "lensfind/testing/kolmogorov.h"

namespace lensfind::simulate {
namespace {

/// Redshifts of non-lenses of one kind, in order.
std::vector<double> redshifts(const std::string& kind, double as_far) {
  const Survey survey = find_survey(
      "cfhtls", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"},
      {fmt::format(R"(population.nonlens_kinds=[{{kind="{}",fraction=1}}])", kind), fmt::format("population.nonlens_as_far={}", as_far)});
  const population::GalaxySample galaxies{survey.population};
  const LensSample lenses{galaxies, survey};
  const NonLensSample nonlenses{galaxies, lenses, survey};
  render::Renderer renderer;
  std::vector<double> out;
  for (std::uint64_t k = 0; k < 300; ++k) {
    RandomStream random{8, Purpose::test, k};
    const Conditions conditions = draw_conditions(survey, random);
    out.push_back(nonlenses.draw({}, conditions, 32, renderer, random).z);
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// The greatest distance of two distribution functions (Kolmogorov-Smirnov), of samples in order.
double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double out = 0;
  for (const double at : a) {
    const auto below = [at](const std::vector<double>& of) {
      return static_cast<double>(std::upper_bound(of.begin(), of.end(), at) - of.begin()) / static_cast<double>(of.size());
    };
    out = std::max(out, std::abs(below(a) - below(b)));
  }
  return out;
}

// Two samples of 300 from one law are farther apart than .133 in one case of a hundred.
TEST(NonlensKinds, SpiralsStandAsFarAsDeflectorsWhereAsked) {
  const std::vector<double> deflectors = redshifts("elliptical", 1);
  EXPECT_LT(distance(redshifts("spiral", 1), deflectors), 0.133);
  const std::vector<double> counted = redshifts("spiral", 0);
  EXPECT_GT(distance(counted, deflectors), 0.25);
  EXPECT_LT(counted[150], deflectors[150]);
}

// N(<i) = 46 x 10^(.31 (i - 25)) a square arcmin from 17 on, and 3 stars from there to 24, uniform in magnitude.
void expect_field_as_counted(double faintest, double stars_arcmin2) {
  const Survey survey =
      find_survey("cfhtls", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"},
                  {R"(population.nonlens_kinds=[{kind="field",fraction=1}])", fmt::format("population.field_i_faintest={}", faintest)});
  const population::GalaxySample galaxies{survey.population};
  const LensSample lenses{galaxies, survey};
  const NonLensSample nonlenses{galaxies, lenses, survey};
  render::Renderer renderer;
  std::vector<double> stars, magnitudes, radii;
  constexpr int number = 4000;
  for (std::uint64_t k = 0; k < number; ++k) {
    RandomStream random{9, Purpose::test, k};
    const NonLens one = nonlenses.draw({0.3, -0.2}, draw_conditions(survey, random), 32, renderer, random);
    EXPECT_EQ(one.lights.front().profile.centre_arcsec.x, 0.3);
    EXPECT_NEAR(one.magnitudes[2], one.i, 1e-6);
    if (one.effective_radius_arcsec == 0) {
      stars.push_back(one.i);
    } else {
      magnitudes.push_back(one.i);
      radii.push_back(one.effective_radius_arcsec);
    }
  }
  const double counted = 46 * (std::pow(10, 0.31 * (faintest - 25)) - std::pow(10, -0.31 * 8));
  const double part = stars_arcmin2 / (stars_arcmin2 + counted);
  EXPECT_NEAR(static_cast<double>(stars.size()), number * part, 4 * std::sqrt(number * part * (1 - part)));
  const double last_star = std::min(faintest, 24.0);
  EXPECT_LE(std::ranges::max(stars), last_star);
  EXPECT_LT(test::kolmogorov_statistic(stars, [&](double i) { return (i - 17) / (last_star - 17); }), test::kolmogorov_limit);
  EXPECT_LT(test::kolmogorov_statistic(magnitudes, test::CumulativeLaw{17, faintest, [](double i) { return std::pow(10, 0.31 * i); }}),
            test::kolmogorov_limit);
  std::ranges::sort(radii);
  EXPECT_LT(radii[radii.size() / 2], 0.6);
}

TEST(NonlensKinds, TheFieldHasGalaxiesAndStarsAsTheyAreCounted) { expect_field_as_counted(24.5, 3); }

// Stars of 17 to 22.5 are 5.5 in 7 of those to 24.
TEST(NonlensKinds, ABrightFieldHasFewerStars) { expect_field_as_counted(22.5, 3 * 5.5 / 7); }

TEST(NonlensKinds, BlendedColoursLieBetween) {
  const population::Colours late{.g_r = 0.4, .r_i = 0.2, .i_z = 0.1}, early{.g_r = 1.6, .r_i = 0.8, .i_z = 0.4};
  const population::Colours quarter = blend(late, early, 0.25);
  EXPECT_NEAR(quarter.g_r, 0.7, 1e-12);
  EXPECT_NEAR(quarter.r_i, 0.35, 1e-12);
  EXPECT_NEAR(quarter.i_z, 0.175, 1e-12);
}

}  // namespace
}  // namespace lensfind::simulate
