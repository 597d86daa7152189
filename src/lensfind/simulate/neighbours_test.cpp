#include "lensfind/simulate/neighbours.h"

#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "lensfind/base/median.h"
#include "lensfind/testing/kolmogorov.h"

namespace lensfind::simulate {
namespace {

Survey hsc(double stars) {
  return find_survey("hsc", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"},
                     {"population.star_density_arcmin2=" + std::to_string(stars)});
}

struct Drawn {
  std::vector<render::Light> lights;
  int within = 0;
};

/// Around `number` cutouts of 64 pixels.
Drawn drawn_neighbours(const Survey& survey, int number) {
  const population::GalaxySample galaxies{survey.population};
  const NeighbourSample sample{galaxies, survey};
  RandomStream random{5, Purpose::test};
  Drawn out;
  for (int k = 0; k < number; ++k) {
    const Neighbours neighbours = sample.draw(64, random);
    out.lights.insert(out.lights.end(), neighbours.lights.begin(), neighbours.lights.end());
    out.within += neighbours.within;
  }
  return out;
}

constexpr int cutouts = 2000;
constexpr double half_arcsec = (32 + 8) * 0.168, arcmin2 = 4 * half_arcsec * half_arcsec / 3600;

void expect_poisson(double number, double mean) { EXPECT_NEAR(number, mean, 4 * std::sqrt(mean)); }

// N(<i) = 46 x 10^(.31 (i - 25)) a square arcmin (LSST Science Book), from 17 to hsc's greatest depth.
TEST(Neighbours, GalaxiesHaveTheNumbersOfTheCounts) {
  const auto counted = [](double i) { return 46 * std::pow(10, 0.31 * (i - 25)); };
  const Drawn got = drawn_neighbours(hsc(0), cutouts);
  expect_poisson(static_cast<double>(got.lights.size()), cutouts * arcmin2 * (counted(26.5) - counted(17)));
  expect_poisson(got.within, cutouts * arcmin2 * (counted(26.5) - counted(17)) * 0.64);
  std::vector<double> magnitudes;
  for (const render::Light& light : got.lights) magnitudes.push_back(27 - 2.5 * std::log10(light.flux[2]));
  EXPECT_LT(test::kolmogorov_statistic(magnitudes, test::CumulativeLaw{17, 26.5, [](double i) { return std::pow(10, 0.31 * i); }}),
            test::kolmogorov_limit);
}

// Medians in 18 genuine CFHTLS fields (sep, apertures of 4 pixels): 90, 115 and 190 sources, each uncertain by .05, a tenth of them stars.
// Late types' tables alone are .3 mag bluer in g-r.
TEST(FieldGalaxy, HasTheColoursOfGenuineFields) {
  const Survey survey = find_survey("cfhtls", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"});
  const population::GalaxySample galaxies{survey.population};
  struct Measured {
    double i, g_r, r_i;
  };
  for (const Measured& measured : {Measured{21.5, 0.94, 0.68}, {22.5, 0.79, 0.64}, {23.5, 0.58, 0.56}}) {
    RandomStream random{6, Purpose::test};
    std::vector<double> g_r, r_i;
    for (int k = 0; k < 2000; ++k) {
      const std::vector<double> flux = field_galaxy(galaxies, survey, measured.i + random.uniform(-0.5, 0.5), random).light.flux;
      g_r.push_back(-2.5 * std::log10(flux[0] / flux[1]));
      r_i.push_back(-2.5 * std::log10(flux[1] / flux[2]));
    }
    EXPECT_NEAR(median(g_r), measured.g_r, 0.1) << measured.i;
    EXPECT_NEAR(median(r_i), measured.r_i, 0.17) << measured.i;
  }
}

TEST(Neighbours, StarsHaveTheirDensity) {
  const auto galaxies = static_cast<double>(drawn_neighbours(hsc(0), cutouts).lights.size());
  const auto all = static_cast<double>(drawn_neighbours(hsc(40), cutouts).lights.size());
  EXPECT_NEAR(all - galaxies, cutouts * arcmin2 * 40, 4 * std::sqrt(all + galaxies));
}

TEST(Neighbours, LieAnywhere) {
  std::vector<double> x, y;
  for (const render::Light& light : drawn_neighbours(hsc(3), cutouts).lights) {
    x.push_back(light.profile.centre_arcsec.x);
    y.push_back(light.profile.centre_arcsec.y);
  }
  const auto uniform = [](double at) { return (at + half_arcsec) / (2 * half_arcsec); };
  EXPECT_LT(test::kolmogorov_statistic(x, uniform), test::kolmogorov_limit);
  EXPECT_LT(test::kolmogorov_statistic(y, uniform), test::kolmogorov_limit);
}

}  // namespace
}  // namespace lensfind::simulate
