#include "lensfind/render/coarse_cells.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"
#include "lensfind/render/mass.h"

namespace lensfind::render {
namespace {

constexpr int cells = 25, masses = 30;

/// A deflector of any slope and flattening near the origin, sheared; with a satellite, and with a group's halo.
Mass random_mass(RandomStream& random) {
  Mass mass{{{.theta_e_arcsec = random.uniform(0.4, 2.5),
              .axis_ratio = random.uniform(0.35, 1),
              .angle_rad = random.uniform(0, 3),
              .centre_arcsec = {random.uniform(-0.1, 0.1), random.uniform(-0.1, 0.1)},
              .slope = random.uniform(1.6, 2.4)}},
            {random.normal(0, 0.05), random.normal(0, 0.05)}};
  if (random.chance(0.5)) {
    mass.ellipsoids.push_back({.theta_e_arcsec = random.uniform(0.05, 0.8),
                               .axis_ratio = random.uniform(0.35, 1),
                               .angle_rad = random.uniform(0, 3),
                               .centre_arcsec = {random.uniform(-3, 3), random.uniform(-3, 3)}});
  }
  if (random.chance(0.5)) {
    mass.halos.push_back({.strength_arcsec = random.uniform(1, 5),
                          .core_arcsec = random.uniform(0.5, 4),
                          .ellipticity = random.uniform(0, 0.3),
                          .angle_rad = random.uniform(0, 3)});
  }
  return mass;
}

/// Cells of the image in which one of 8 x 8 rays a cell ends in a box of the source plane.
std::set<std::uint32_t> cells_hit(const Mass& mass, const CoarseCells::Grid& grid, Point at, double reach_x, double reach_y) {
  constexpr int rays = 8;
  std::set<std::uint32_t> out;
  for (int row = 0; row < rays * cells; ++row) {
    for (int column = 0; column < rays * cells; ++column) {
      const Point place = grid.corner_arcsec + Point{grid.step_arcsec * (column + 0.5) / rays, grid.step_arcsec * (row + 0.5) / rays};
      const Point off = source_position(mass, place) - at;
      if (std::abs(off.x) < reach_x && std::abs(off.y) < reach_y)
        out.insert(static_cast<std::uint32_t>(row / rays * cells + column / rays));
    }
  }
  return out;
}

TEST(CoarseCells, AreMarkedWhereverLightIsSeen) {
  RandomStream random{11, Purpose::scene, 0};
  std::size_t hit = 0, marked = 0;
  for (int k = 0; k < masses; ++k) {
    const Mass mass = random_mass(random);
    const double step = random.uniform(0.2, 0.8);
    const CoarseCells::Grid grid{{-0.5 * step * cells, -0.5 * step * cells}, step, cells};
    const Point at{random.uniform(-1.5, 1.5), random.uniform(-1.5, 1.5)};
    const double reach_x = random.uniform(0.02, 0.5), reach_y = random.uniform(0.02, 0.5);
    CoarseCells coarse{mass, prepare(mass), grid, 0};
    coarse.allow_for_curvature(mass);
    coarse.mark(at, reach_x, reach_y);
    const std::vector<std::uint32_t> list = coarse.marked();
    const std::set<std::uint32_t> found{list.begin(), list.end()};
    for (const std::uint32_t cell : cells_hit(mass, grid, at, reach_x, reach_y)) {
      ++hit;
      EXPECT_TRUE(found.contains(cell)) << k << ": row " << cell / cells << ", column " << cell % cells;
    }
    marked += found.size();
  }
  EXPECT_GT(hit, 500U);
  EXPECT_LT(marked, static_cast<std::size_t>(masses * cells * cells) / 3);
}

TEST(CoarseCells, SpanTheirMarkedOnesRowByRow) {
  const Mass mass{{{.theta_e_arcsec = 1}}, {}};
  const CoarseCells::Grid grid{{-5, -5}, 10.0 / cells, cells};
  CoarseCells coarse{mass, prepare(mass), grid, 0.02};
  coarse.mark({3.2, 0}, 0.1, 0.1);
  for (int row = 0; row < cells; ++row) {
    ColumnSpan want{cells, 0};
    for (const std::uint32_t cell : coarse.marked()) {
      const auto number = static_cast<int>(cell);
      if (number / cells == row) want = {std::min(want.first, number % cells), std::max(want.end, number % cells + 1)};
    }
    EXPECT_EQ(coarse.marked_in(row).first, want.first) << row;
    EXPECT_EQ(coarse.marked_in(row).end, want.end) << row;
  }
  // Its image at 4.2 arcsec, beside the cells about the mass's centre.
  EXPECT_EQ(coarse.marked_in(cells / 2).end, static_cast<int>((4.2 + 0.1 + 5) / 10 * cells) + 1);
}

TEST(ReachOf, HoldsAllThatIsNotLeftOutOfAProfile) {
  const Sersic light{.effective_radius_arcsec = 0.4, .index = 1.3, .axis_ratio = 0.5, .angle_rad = 0.7, .centre_arcsec = {0.2, -0.1}};
  const double faint = 1e-3;
  const Point reach = reach_of(prepare(light, faint));
  Point farthest{};
  for (double x = -4; x < 4; x += 0.01) {
    for (double y = -4; y < 4; y += 0.01) {
      if (brightness(light, light.centre_arcsec + Point{x, y}) > faint) farthest = {std::max(farthest.x, x), std::max(farthest.y, y)};
    }
  }
  EXPECT_NEAR(reach.x, farthest.x, 0.03);
  EXPECT_NEAR(reach.y, farthest.y, 0.03);
}

}  // namespace
}  // namespace lensfind::render
