#include "lensfind/sky/matching.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <set>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"

namespace lensfind::sky {
namespace {

using ::testing::ElementsAre;

std::vector<std::size_t> near(const std::vector<Position>& positions, double radius, const Position& place) {
  std::vector<std::size_t> found;
  PositionIndex{positions, radius}.near(place, [&](std::size_t index, double) { found.push_back(index); });
  std::ranges::sort(found);
  return found;
}

TEST(Matching, CrossesTheMeridianAndThePoles) {
  const std::vector<Position> positions{{359.9999, 0}, {.0001, 0}, {0, 89.9999}, {180, 89.9999}, {90, -89.9999}};
  EXPECT_THAT(near(positions, 1, {0, 0}), ElementsAre(0, 1));
  EXPECT_THAT(near(positions, 1, {359.99995, 0}), ElementsAre(0, 1));
  EXPECT_THAT(near(positions, 1, {90, 90}), ElementsAre(2, 3));
  EXPECT_THAT(near(positions, 1, {270, -90}), ElementsAre(4));
}

TEST(Matching, IncludesItsRadius) {
  // A degree of declination is 3,600 arcsec.
  EXPECT_THAT(near({{10, 20}}, 3600, {10, 19}), ElementsAre(0));
  EXPECT_THAT(near({{10, 20}}, 3599.9, {10, 19}), ElementsAre());
}

TEST(Matching, FindsWhatLookingAtAllFinds) {
  RandomStream random{1, Purpose::test};
  std::vector<Position> positions;
  for (int i = 0; i < 3000; ++i) positions.push_back({360 * random.uniform(), std::asin(2 * random.uniform() - 1) * 57.29577951308232});
  for (int i = 0; i < 300; ++i) {
    const Position place{360 * random.uniform(), 89.9 - 179.8 * random.uniform()};
    std::vector<std::size_t> all;
    for (std::size_t k = 0; k < positions.size(); ++k)
      if (separation_arcsec(place, positions[k]) <= 3000) all.push_back(k);
    EXPECT_EQ(near(positions, 3000, place), all);
  }
}

TEST(Matching, GroupsChainsOfNeighbours) {
  // Steps of 1 arcsec connect the first, third and fourth, though the outer two are 2 arcsec apart.
  const double second = 1 / 3600.;
  const std::vector<Position> positions{{0, 0}, {5, 0}, {0, second}, {0, 2 * second}, {5, second / 2}};
  EXPECT_THAT(group_positions(positions, 1.001), ElementsAre(0, 1, 0, 0, 1));
  EXPECT_THAT(group_positions(positions, .4), ElementsAre(0, 1, 2, 3, 4));
}

TEST(Matching, GroupsAreThoseOfAllPairs) {
  RandomStream random{2, Purpose::test};
  std::vector<Position> positions;
  for (int clump = 0; clump < 40; ++clump) {
    const Position centre{clump < 3 ? 359.9999 : 360 * random.uniform(), clump == 5 ? 89.9999 : 180 * random.uniform() - 90};
    for (int i = 0; i < 30; ++i) {
      const double dec = std::clamp(centre.dec_deg + 4e-3 * (random.uniform() - .5), -90.0, 90.0);
      positions.push_back({std::fmod(centre.ra_deg + 4e-3 * (random.uniform() - .5) + 360, 360), dec});
    }
  }
  for (const double radius : {.5, 1.5, 4.0}) {
    std::vector<std::size_t> expected(positions.size());
    std::iota(expected.begin(), expected.end(), std::size_t{0});
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < positions.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
          if (expected[i] != expected[j] && separation_arcsec(positions[i], positions[j]) <= radius)
            expected[i] = expected[j] = std::min(expected[i], expected[j]), changed = true;
    }
    const auto groups = group_positions(positions, radius);
    for (std::size_t i = 0; i < positions.size(); ++i) ASSERT_EQ(groups[i], groups[expected[i]]) << radius;
    EXPECT_EQ(std::set<std::size_t>(groups.begin(), groups.end()).size(), std::set<std::size_t>(expected.begin(), expected.end()).size());
  }
}

TEST(Matching, ManyAtOnePlaceAreGroupedInTime) {
  std::vector<Position> positions(60000, {150, 2});
  for (std::size_t i = 0; i < 60000; ++i) positions.push_back({150 + 1e-9 * static_cast<double>(i % 7), 2.001});  // 3.6 arcsec away
  const auto begun = std::chrono::steady_clock::now();
  const auto groups = group_positions(positions, 2);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{5});  // all pairs take minutes
  EXPECT_EQ(groups[59999], 0u);
  EXPECT_EQ(groups[60000], 1u);
}

TEST(Matching, RefusesARadiusThatIsNone) {
  EXPECT_THROW(near({{0, 0}}, 0, {0, 0}), Error);
  EXPECT_THROW(near({{0, 0}}, std::nan(""), {0, 0}), Error);
}

}  // namespace
}  // namespace lensfind::sky
