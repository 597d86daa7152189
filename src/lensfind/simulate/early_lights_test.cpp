#include "lensfind/simulate/early_lights.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>

#include <gtest/gtest.h>

namespace lensfind::simulate {
namespace {

Survey survey_with(const std::vector<std::string>& more = {}) {
  return find_survey("hsc", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"}, more);
}

double brightness_of(const std::vector<render::Light>& lights, render::Point at, std::size_t band) {
  double sum = 0;
  for (const render::Light& light : lights) sum += light.flux[band] * render::brightness(light.profile, at);
  return sum;
}

double total(const std::vector<render::Light>& lights, std::size_t band) {
  double sum = 0;
  for (const render::Light& light : lights) sum += light.flux[band];
  return sum;
}

/// Early types of all sorts with their light.
template <class Take>
void for_each_galaxy(const Survey& survey, int number, const Take& take) {
  const population::GalaxySample galaxies{survey.population};
  RandomStream random{3, Purpose::test};
  for (int k = 0; k < number; ++k) {
    const population::EarlyType galaxy = galaxies.early_type(random.uniform(150, 350), random.uniform(0.1, 0.8), random);
    take(galaxy, early_lights(galaxy, {}, survey, random));
  }
}

TEST(EarlyLights, HoldTheGalaxysLightInEveryBand) {
  const Survey survey = survey_with({"population.lens_dust_fraction=0", "population.lens_disk_fraction=0.5"});
  for_each_galaxy(survey, 100, [&](const population::EarlyType& galaxy, const std::vector<render::Light>& lights) {
    for (std::size_t b = 0; b < 3; ++b) {
      const double want = std::pow(10, -0.4 * (magnitude(survey.bands[b], galaxy.i, galaxy.colours) - 27));
      EXPECT_NEAR(total(lights, b) / want, 1, 1e-9);
      for (const render::Light& light : lights) EXPECT_GT(light.flux[b], 0);
    }
  });
}

// Wu et al. (2005): g-r falls by .07 a dex between half the effective radius and twice it.
TEST(EarlyLights, ColoursHaveTheGradientAskedFor) {
  const Survey survey = survey_with({"population.lens_dust_fraction=0", "population.lens_disk_fraction=0", "population.lens_sersic_index=4",
                                     "population.lens_sersic_index_scatter=0"});
  for_each_galaxy(survey, 20, [&](const population::EarlyType& galaxy, const std::vector<render::Light>& lights) {
    const auto colour = [&](double radii) {
      // On the diagonal of the ellipse's own frame the elliptical radius is known for any axis ratio.
      const double r = radii * galaxy.light.effective_radius_arcsec, q = galaxy.light.axis_ratio, t = galaxy.light.angle_rad;
      const render::Point at{r / std::sqrt(q) * std::cos(t), r / std::sqrt(q) * std::sin(t)};
      return -2.5 * std::log10(brightness_of(lights, at, 0) / brightness_of(lights, at, 1));
    };
    EXPECT_NEAR((colour(2) - colour(0.5)) / std::log10(4), -0.07, 0.02);
  });
}

TEST(EarlyLights, DustTakesNoMoreThanIsThere) {
  const Survey survey = survey_with({"population.lens_dust_fraction=1", "population.lens_disk_fraction=0.4"});
  double min = 1;
  int galaxies = 0;
  for_each_galaxy(survey, 200, [&](const population::EarlyType& galaxy, const std::vector<render::Light>& lights) {
    ASSERT_LT(lights.back().flux[0], 0);
    const std::vector<render::Light> bare{lights.begin(), lights.end() - 1};
    const render::Sersic& lane = lights.back().profile;
    for (double along = 0; along < 4; along += 0.05) {
      const double r = along * galaxy.light.effective_radius_arcsec;
      const render::Point at{r * std::cos(lane.angle_rad), r * std::sin(lane.angle_rad)};
      for (std::size_t b = 0; b < 3; ++b) min = std::min(min, brightness_of(lights, at, b) / brightness_of(bare, at, b));
    }
    // Dust reddens what shines through.
    const render::Point middle{0.3 * galaxy.light.effective_radius_arcsec * std::cos(lane.angle_rad),
                               0.3 * galaxy.light.effective_radius_arcsec * std::sin(lane.angle_rad)};
    EXPECT_LT(brightness_of(lights, middle, 0) / brightness_of(bare, middle, 0),
              brightness_of(lights, middle, 2) / brightness_of(bare, middle, 2));
    ++galaxies;
  });
  EXPECT_EQ(galaxies, 200);
  EXPECT_GT(min, 0.25);
  EXPECT_LT(min, 0.75);
}

TEST(EarlyLights, DisksAreSeenFromAllSides) {
  const Survey survey = survey_with({"population.lens_dust_fraction=0", "population.lens_disk_fraction=1"});
  int edge_on = 0;
  for_each_galaxy(survey, 400, [&](const population::EarlyType&, const std::vector<render::Light>& lights) {
    ASSERT_EQ(lights.back().profile.index, 1);
    // q^2 = .04 + .96 cos^2 i, cos i uniform: q < .4 for cos i < .354.
    edge_on += lights.back().profile.axis_ratio < 0.4 ? 1 : 0;
  });
  EXPECT_NEAR(edge_on, 400 * 0.3536, 4 * std::sqrt(400 * 0.3536 * 0.6464));
}

}  // namespace
}  // namespace lensfind::simulate
