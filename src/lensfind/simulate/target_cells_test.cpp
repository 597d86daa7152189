#include "lensfind/simulate/target_cells.h"

#include <cmath>

#include <gtest/gtest.h>

namespace lensfind::simulate {
namespace {

// Of galaxies drawn by the law itself, as many are targets, and as far away.
TEST(TargetCells, HoldAllTargets) {
  population::Population p;
  p.lens_i_brightest = 18;
  p.lens_i_faintest = 21;
  const population::GalaxySample galaxies{p};
  const population::DeflectorLaw law{galaxies};
  const TargetCells cells{galaxies, law};
  EXPECT_LT(cells.fraction(), 0.5);
  RandomStream random{3, Purpose::test};
  struct Targets {
    double number = 0, z = 0, square = 0;
  } by_law, by_cells;
  const auto count = [&](double z, double absolute_r, Targets& targets) {
    const double i = galaxies.early_i(absolute_r, z);
    if (i <= p.lens_i_brightest || i >= p.lens_i_faintest) return;
    targets.number += 1;
    targets.z += z;
    targets.square += z * z;
  };
  constexpr int draws = 40'000;
  for (int k = 0; k < draws; ++k) {
    const double z = law.galaxy_redshift(random);
    count(z, galaxies.early_absolute_r(law.galaxy_dispersion(random), random), by_law);
    const TargetCells::Galaxy galaxy = cells.draw_in(random.below(cells.number()), random);
    count(galaxy.z, galaxy.absolute_r, by_cells);
  }
  EXPECT_GT(by_cells.number, 0.6 * draws);
  const double expected = by_cells.number * cells.fraction(), mean = by_cells.z / by_cells.number;
  EXPECT_NEAR(by_law.number, expected, 4 * std::sqrt(expected));
  const double scatter = std::sqrt(by_cells.square / by_cells.number - mean * mean);
  EXPECT_NEAR(by_law.z / by_law.number, mean, 4 * scatter / std::sqrt(by_law.number));
}

// None can be: the draws go on, and whoever wants a target says that there is none.
TEST(TargetCells, MayHoldNoTarget) {
  population::Population p;
  p.lens_i_brightest = -10;
  p.lens_i_faintest = -5;
  const population::GalaxySample galaxies{p};
  const population::DeflectorLaw law{galaxies};
  EXPECT_LT((TargetCells{galaxies, law}.fraction()), 1e-3);
}

}  // namespace
}  // namespace lensfind::simulate
