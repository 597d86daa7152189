#include "lensfind/sky/matching.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"

namespace lensfind::sky {
namespace {

using testing::ElementsAre;

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

TEST(Matching, RefusesARadiusThatIsNone) {
  EXPECT_THROW(near({{0, 0}}, 0, {0, 0}), Error);
  EXPECT_THROW(near({{0, 0}}, std::nan(""), {0, 0}), Error);
}

}  // namespace
}  // namespace lensfind::sky
