#include "lensfind/population/deflector_law.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "lensfind/testing/kolmogorov.h"

namespace lensfind::population {
namespace {

TEST(DeflectorLaw, AGroupsEinsteinRadiusSolvesItsEquation) {
  for (const double core : {0.5, 4.0, 12.0}) {
    const double theta = group_einstein_radius(1.6, 5, core);
    EXPECT_NEAR(theta, 1.6 + 5 * theta / std::hypot(core, theta), 1e-7) << core;
  }
  // Without a core both act as one isothermal sphere.
  EXPECT_NEAR(group_einstein_radius(1.6, 5, 1e-9), 6.6, 1e-6);
}

TEST(DeflectorLaw, EinsteinRadiiOfGroupsAreThoseOfTheirMass) {
  const GalaxySample galaxies{Population{}};
  const DeflectorLaw law{galaxies};
  const Group group{.sigma_km_s = 600, .core_kpc = 30, .ellipticity = 0, .galaxy_sigma_km_s = 290};
  const GroupRadii radii = law.radii(group, 0.4, 0.65);
  const render::Mass mass{.ellipsoids = {{.theta_e_arcsec = radii.galaxy_arcsec}},
                          .shear = {},
                          .halos = {{.strength_arcsec = radii.halo_arcsec, .core_arcsec = radii.core_arcsec}}};
  EXPECT_NEAR(render::einstein_radius(mass, {}, 30), radii.theta_e_arcsec, 1e-4);
  // 4 pi (600 km/s / c)^2 x .65 = 6.75 arcsec; 30 kpc at z = .4 are 5.6 arcsec.
  EXPECT_NEAR(radii.halo_arcsec, 6.75, 0.02);
  EXPECT_NEAR(radii.core_arcsec, 5.58, 0.03);
}

// Choi et al. (2007): n = phi* = 8.0e-3 h^3 Mpc^-3, so the sum over the law's whole range is that number.
TEST(DeflectorLaw, GalaxiesAreAsManyAsTheDispersionFunctionSays) {
  Population all;
  all.group_abundance = 0;
  const GalaxySample galaxies{all};
  const DeflectorLaw law{galaxies};
  const auto one = [](double sigma) {
    return 0.00274 * std::pow(sigma / 161, 2.32) * std::exp(-std::pow(sigma / 161, 2.67)) * 2.67 / std::tgamma(2.32 / 2.67) / sigma;
  };
  double number = 0, weight = 0, volume = 0;
  for (double sigma = 0.5; sigma < 1000; ++sigma) number += one(sigma);
  EXPECT_NEAR(number / 0.00274, 1, 1e-3);
  for (double sigma = 100.5; sigma < 400; ++sigma)
    weight += one(sigma) * std::pow(4 * M_PI * std::pow(sigma / 299792.458, 2) * 206264.806, 2);
  for (double z = 0.0525; z < 2; z += 0.005) volume += galaxies.cosmology().volume_mpc3_deg2(z) * 0.005;
  EXPECT_NEAR(law.galaxy_weight() / (weight * volume), 1, 2e-3);
  EXPECT_EQ(law.group_weight(), 0);
  // The comoving distance of z = 2 is 5,180 Mpc for H0 = 70, Om = .3 (Wright 2006): a sphere of 582 Gpc^3.
  EXPECT_NEAR(volume * 41252.96 / 1e9, 582, 1);
}

TEST(DeflectorLaw, GroupsAreDrawnAsTheirHalosAre) {
  const GalaxySample galaxies{Population{}};
  const DeflectorLaw law{galaxies};
  const HaloFunction halos{Structure{}};
  RandomStream random{4, Purpose::test};
  std::vector<double> sigmas;
  for (int k = 0; k < 3000; ++k) sigmas.push_back(law.draw_group(random).sigma_km_s);
  const test::CumulativeLaw numbers{350, 1000, [&](double sigma) {
                                      double sum = 0;
                                      for (double z = 0.05; z < 1.5; z += 0.05)
                                        sum += halos.per_dispersion(sigma, z) * galaxies.cosmology().volume_mpc3_deg2(z);
                                      return sum * std::pow(sigma * sigma + 420.0 * 420.0, 2);
                                    }};
  EXPECT_LT(test::kolmogorov_statistic(sigmas, numbers), test::kolmogorov_limit);
}

// Lenses of a galaxy's size are galaxies, those beyond any galaxy's are groups; they change places near 3 arcsec of theta_E over D_ls / D_s
// (Oguri 2006: about 2 arcsec for theta_E).
TEST(DeflectorLaw, WideLensesAreGroups) {
  const GalaxySample galaxies{Population{}};
  const DeflectorLaw law{galaxies};
  const auto groups = [&](double radius) {
    const DeflectorLaw::Numbers numbers = law.numbers(0.5, radius);
    return numbers.groups / (numbers.galaxies + numbers.groups);
  };
  EXPECT_LT(groups(1.5), 0.05);
  EXPECT_GT(groups(6), 0.95);
  EXPECT_EQ(groups(30), 1);
}

// Summed over radii and volume with the area theta_E^2 these are the two weights, as far as a group's radius goes as the efficiency: a core
// makes it a little smaller where it is.
TEST(DeflectorLaw, NumbersOfRadiiSumUpToAllDeflectors) {
  const GalaxySample galaxies{Population{}};
  const DeflectorLaw law{galaxies};
  const HaloFunction halos{Structure{}};
  double by_radius = 0, by_dispersion = 0, groups = 0, all_groups = 0;
  for (double radius = 0.2878; radius < 4.59; radius += 0.001) by_radius += law.numbers(0.5, radius).galaxies * 0.001;
  // 4 pi (sigma / c)^2: .288 arcsec at 100 km/s, 4.61 at 400.
  for (double sigma = 100; sigma < 399.2; sigma += 0.1)
    by_dispersion +=
        0.00274 * std::pow(sigma / 161, 2.32) * std::exp(-std::pow(sigma / 161, 2.67)) * 2.67 / std::tgamma(2.32 / 2.67) / sigma * 0.1;
  EXPECT_NEAR(by_radius / by_dispersion, 1, 5e-3);
  for (double radius = 0.05; radius < 40; radius += 0.1) groups += law.numbers(0.85, radius).groups * 0.1;
  for (double sigma = 350; sigma < 1000; ++sigma) all_groups += halos.per_dispersion(sigma, 0.85);
  EXPECT_NEAR(groups / all_groups, 1, 0.03);
  EXPECT_EQ(law.numbers(1.8, 5).groups, 0);
  // A source just behind its deflector.
  for (const double radius : {40.0, 1e12, std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(law.numbers(0.5, radius).groups, 0) << radius;
    EXPECT_EQ(law.numbers(0.5, radius).galaxies, 0) << radius;
  }
}

}  // namespace
}  // namespace lensfind::population
