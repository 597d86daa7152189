#include "lensfind/inject/paint_grid.h"

#include <cmath>
#include <map>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"

namespace lensfind::inject {
namespace {

TEST(PaintGrid, EachCellComesAsOftenAsAnyOther) {
  const PaintGrid grid{{1, 2, 4}, {10, 20, 40, 80}};
  ASSERT_EQ(grid.size(), 6);
  std::map<std::pair<double, double>, int> times;
  for (std::int64_t number = 0; number < 60; ++number) {
    const PaintCell cell = grid.cell(number, 5);
    EXPECT_DOUBLE_EQ(cell.radius_high_arcsec, 2 * cell.radius_low_arcsec);
    EXPECT_DOUBLE_EQ(cell.snr_high, 2 * cell.snr_low);
    ++times[{cell.radius_low_arcsec, cell.snr_low}];
  }
  EXPECT_EQ(times.size(), 6u);
  for (const auto& [cell, count] : times) EXPECT_EQ(count, 10);
}

// With as many galaxies as cells, lens after lens on the next galaxy.
TEST(PaintGrid, AGalaxyMeetsManyCells) {
  const PaintGrid grid{{1, 2, 4}, {10, 20, 40, 80}};
  for (std::int64_t galaxy = 0; galaxy < 6; ++galaxy) {
    std::set<std::pair<double, double>> met;
    for (std::int64_t number = galaxy; number < 120; number += 6)
      met.emplace(grid.cell(number, 5).radius_low_arcsec, grid.cell(number, 5).snr_low);
    EXPECT_GE(met.size(), 5u) << galaxy;
  }
}

TEST(PaintGrid, EdgesThatAreNoneAreRefused) {
  EXPECT_THROW((PaintGrid{{1}, {10, 20}}), Error);
  EXPECT_THROW((PaintGrid{{1, 2}, {}}), Error);
  EXPECT_THROW((PaintGrid{{2, 1}, {10, 20}}), Error);
  EXPECT_THROW((PaintGrid{{1, 1}, {10, 20}}), Error);
  EXPECT_THROW((PaintGrid{{0, 1}, {10, 20}}), Error);
  EXPECT_THROW((PaintGrid{{1, 2}, {10, NAN}}), Error);
}

// Background of rms 2 and the arcs' own photons: snr = 3 f / sqrt(4 + 3 f), which is 4 where 9 f^2 = 16 (4 + 3 f).
TEST(PaintGrid, LightIsScaledToTheWantedRatio) {
  const auto snr = [](double factor) { return 3 * factor / std::sqrt(4 + 3 * factor); };
  EXPECT_NEAR(light_factor(snr, 4).value(), (48 + std::sqrt(48 * 48 + 4 * 9 * 64)) / 18, .02);
  EXPECT_FALSE(light_factor(snr, 100)) << "it would take hundreds of times the light";
  EXPECT_FALSE(light_factor([](double) { return 0; }, 4)) << "nothing is seen";
}

}  // namespace
}  // namespace lensfind::inject
