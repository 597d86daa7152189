#include "lensfind/render/coarse_cells.h"

#include <algorithm>
#include <cmath>

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

TEST(CoarseCells, AreMarkedWhereverLightIsSeen) {
  RandomStream random{11, Purpose::scene, 0};
  constexpr int rays = 1000;
  std::size_t marked = 0;
  for (int k = 0; k < masses; ++k) {
    const Mass mass = random_mass(random);
    const double step = random.uniform(0.2, 0.8), half = 0.5 * step * cells;
    CoarseCells coarse{mass, prepare(mass), {{-half, -half}, step, cells}, 0};
    coarse.allow_for_curvature(mass);
    int missed = 0;
    for (int ray = 0; ray < rays; ++ray) {
      const Point place{random.uniform(-half, half), random.uniform(-half, half)};
      CoarseCells seen = coarse;
      seen.mark(source_position(mass, place), 1e-4, 1e-4);
      const std::vector<std::uint32_t> list = seen.marked();
      const auto cell =
          static_cast<std::uint32_t>(static_cast<int>((place.y + half) / step) * cells + static_cast<int>((place.x + half) / step));
      missed += std::ranges::find(list, cell) == list.end() ? 1 : 0;
      marked += list.size();
    }
    EXPECT_EQ(missed, 0) << k;
  }
  EXPECT_LT(marked, static_cast<std::size_t>(masses * rays * cells * cells) / 4);
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

TEST(CoarseCells, OfNoMassToSpeakOfShowSources) {
  const Mass mass{{{.theta_e_arcsec = 1e-20}}, {}};
  CoarseCells coarse{mass, prepare(mass), {{-5, -5}, 10.0 / cells, cells}, 0};
  coarse.allow_for_curvature(mass);
  coarse.mark({3.2, 3.2}, 0.1, 0.1);
  const std::vector<std::uint32_t> list = coarse.marked();
  EXPECT_NE(std::ranges::find(list, static_cast<std::uint32_t>(20 * cells + 20)), list.end());
}

TEST(ReachOf, HoldsForFlatProfiles) {
  for (const double q : {0.5, 1e-4}) {
    for (const double angle : {0.0, 0.3, 0.7, 1.5, 2.6}) {
      const PreparedSersic light = prepare({.effective_radius_arcsec = 0.4, .index = 1, .axis_ratio = q, .angle_rad = angle}, 1e-3);
      const double radius = 0.4 * std::sqrt(static_cast<double>(light.farthest)), c = std::cos(angle), s = std::sin(angle);
      const Point reach = reach_of(light);
      const double want_x = radius * std::sqrt(c * c / q + s * s * q), want_y = radius * std::sqrt(s * s / q + c * c * q);
      EXPECT_NEAR(reach.x, want_x, 1e-5 * want_x) << q << ' ' << angle;
      EXPECT_NEAR(reach.y, want_y, 1e-5 * want_y) << q << ' ' << angle;
    }
  }
}

}  // namespace
}  // namespace lensfind::render
