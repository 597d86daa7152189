#include "lensfind/population/members.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/population/halos.h"
#include "lensfind/testing/kolmogorov.h"

namespace lensfind::population {
namespace {

struct Drawn {
  GalaxySample galaxies{Population{}};
  MemberSample members{galaxies};
  RandomStream random{9, Purpose::test};
};

TEST(Members, AreAsManyAsTheClustersRichnessSays) {
  Drawn d;
  // So bright that none is refused for being brighter.
  const EarlyType target = d.galaxies.early_type(300, 0.4, -40, d.random);
  const double half = 30, m_star = d.galaxies.early_m_star_i(0.4);
  double bright = 0, number = 0;
  constexpr int draws = 400;
  for (int k = 0; k < draws; ++k) {
    for (const Member& member : d.members.draw(target, 700, half, 60, d.random)) {
      number += 1;
      bright += member.galaxy.i < m_star + 2.5 * std::log10(5) ? 1 : 0;
      EXPECT_LE(std::max(std::abs(member.offset_arcsec.x), std::abs(member.offset_arcsec.y)), half);
    }
  }
  // 5.38 kpc an arcsec at z = .4 for H0 = 70, Om = .3: a square of 60 arcsec is .1042 Mpc^2.
  // More of them than next to the core, where it is as the profile says.
  double crowded = 0;
  for (int row = 0; row < 100; ++row) {
    for (int column = 0; column < 100; ++column)
      crowded += 1e-4 * members_over_core(std::hypot(row - 49.5, column - 49.5) * 0.6 * 5.38e-3, 70);
  }
  const double want = draws * central_members_mpc2(richness(700), 70) * crowded * std::pow(60 * 5.38e-3, 2);
  EXPECT_NEAR(bright, want, 4 * std::sqrt(want) + 0.01 * want);
  EXPECT_GT(number, 2 * bright);
}

// 2 pi r dr of the surface density in a circle that fits into the square; those farther out than 10 kpc.
TEST(Members, StandAsTheProfileSays) {
  Drawn d;
  const EarlyType target = d.galaxies.early_type(300, 0.4, -40, d.random);
  constexpr double kpc = 5.38;
  std::vector<double> radii;
  while (radii.size() < 2000) {
    for (const Member& member : d.members.draw(target, 900, 30, 60, d.random)) {
      const double radius = std::hypot(member.offset_arcsec.x, member.offset_arcsec.y);
      if (radius < 30 && radius * kpc > 10) radii.push_back(radius);
    }
  }
  const test::CumulativeLaw law{10 / kpc, 30, [](double radius) { return radius * members_over_core(radius * kpc / 1000, 70); }};
  EXPECT_LT(test::kolmogorov_statistic(radii, law), test::kolmogorov_limit);
}

// x^-.9 exp(-x) in luminosity (Schechter 1976).
TEST(Members, HaveSchechtersLuminosities) {
  Drawn d;
  const EarlyType target = d.galaxies.early_type(300, 0.4, -40, d.random);
  std::vector<double> luminosities;
  while (luminosities.size() < 2000) {
    for (const Member& member : d.members.draw(target, 700, 30, 60, d.random))
      luminosities.push_back(std::log(std::pow(10, -0.4 * (member.galaxy.i - d.galaxies.early_m_star_i(0.4)))));
  }
  const test::CumulativeLaw law{std::log(0.01), std::log(10), [](double log_x) {
                                  const double x = std::exp(log_x);
                                  return std::pow(x, 0.1) * std::exp(-x);
                                }};
  EXPECT_LT(test::kolmogorov_statistic(luminosities, law), test::kolmogorov_limit);
}

TEST(Members, StandOnTheTargetsRedSequenceAndAreFainter) {
  Drawn d;
  const EarlyType target = d.galaxies.early_type(300, 0.4, d.random);
  double off = 0, number = 0;
  for (int k = 0; k < 300; ++k) {
    for (const Member& member : d.members.draw(target, 700, 30, 60, d.random)) {
      EXPECT_GE(member.galaxy.i, target.i);
      EXPECT_EQ(member.galaxy.z, target.z);
      off += target.colours.g_r - member.galaxy.colours.g_r - 0.03 * (member.galaxy.i - target.i);
      number += 1;
    }
  }
  EXPECT_NEAR(off / number, 0, 0.01);
}

}  // namespace
}  // namespace lensfind::population
