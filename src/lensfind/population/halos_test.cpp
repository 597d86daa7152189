#include "lensfind/population/halos.h"

#include <cmath>

#include <gtest/gtest.h>

namespace lensfind::population {
namespace {

struct Known {
  double z, mass, per_log_mass;
};

// dn / d ln M of colossus 1.4 (Diemer 2018): tinker08 at 200c, eisenstein98, H0 = 70, Om = .3, Ob = .049, sigma_8 = .81, n_s = .965.
TEST(HaloFunction, NumbersAreThoseOfColossus) {
  const HaloFunction halos{Structure{}};
  for (const auto& [z, mass, want] : {Known{0, 1e13, 1.92222e-4}, Known{0, 1e14, 1.56705e-5}, Known{0, 5e14, 1.18652e-6},
                                      Known{0.5, 1e13, 1.81029e-4}, Known{0.5, 1e14, 1.01269e-5}, Known{0.5, 5e14, 3.64808e-7},
                                      Known{1, 1e13, 1.41567e-4}, Known{1, 1e14, 4.15695e-6}, Known{1, 5e14, 4.44153e-8}}) {
    EXPECT_NEAR(halos.per_log_mass(mass, z) / want, 1, 0.06) << z << " " << mass;
  }
}

TEST(HaloFunction, DispersionsFollowMassAsInEvrard) {
  const HaloFunction halos{Structure{}};
  // 1e15 / h(z) solar masses have 1082.9 km/s at any redshift.
  EXPECT_NEAR(halos.dispersion(1e15 / 0.7, 0), 1082.9, 0.1);
  EXPECT_NEAR(halos.mass(halos.dispersion(7e13, 0.6), 0.6), 7e13, 1e7);
  // Numbers a dispersion are numbers a mass times its change.
  const double step = 1e-4, mass = halos.mass(600, 0.4), wider = halos.mass(600 * (1 + step), 0.4);
  EXPECT_NEAR(halos.per_dispersion(600, 0.4) * 600 * step / (halos.per_log_mass(mass, 0.4) * std::log(wider / mass)), 1, 1e-3);
}

TEST(Richness, MembersAreThoseOfTheProfile) {
  // Summed up over circles out to R_lambda there are lambda of them.
  const double lambda = 30, h = 0.7, radius = std::pow(lambda / 100, 0.2) / h;
  const double central = central_members_mpc2(lambda, 70);
  EXPECT_GT(central, 5 * lambda / (M_PI * radius * radius));
  EXPECT_LT(central, 12 * lambda / (M_PI * radius * radius));
  EXPECT_NEAR(richness(480), 20, 1e-9);
}

// NFW's surface density goes as [1 - arccosh(1/x) / sqrt(1 - x^2)] / (x^2 - 1) (Bartelmann 1996): 1.651 at x = .15, .524 at x = 2/3.
TEST(Richness, MembersCrowdTowardsTheCentre) {
  const double h = 0.7;
  EXPECT_NEAR(members_over_core(0.15 * 0.15 / h, 70), 1.651 / 0.524, 0.01);
  EXPECT_NEAR(members_over_core(0.1 / h, 70), 1, 1e-9);
  EXPECT_EQ(members_over_core(0.001, 70), members_over_core(0.01, 70));
}

}  // namespace
}  // namespace lensfind::population
