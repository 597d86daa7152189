#include "lensfind/network/square_symmetries.h"

#include <algorithm>
#include <numeric>
#include <set>

#include <gmock/gmock.h>

namespace lensfind::network {
namespace {

using Picture = std::vector<int>;  // of side x side, row-major

Picture quarter_turn(const Picture& from, std::size_t side) {  // numpy.rot90
  Picture to(from.size());
  for (std::size_t row = 0; row < side; ++row) {
    for (std::size_t column = 0; column < side; ++column) to[(side - 1 - column) * side + row] = from[row * side + column];
  }
  return to;
}

Picture moved(Picture picture, std::size_t side, int symmetry) {
  if (symmetry >= 4) {
    for (std::size_t row = 0; row < side; ++row) {
      const auto first = picture.begin() + static_cast<std::ptrdiff_t>(row * side);
      std::reverse(first, first + static_cast<std::ptrdiff_t>(side));
    }
  }
  for (int turn = 0; turn < symmetry % 4; ++turn) picture = quarter_turn(picture, side);
  return picture;
}

Picture numbered(std::size_t side) {
  Picture picture(side * side);
  std::iota(picture.begin(), picture.end(), 0);
  return picture;
}

TEST(SquareSymmetries, ComposeAsPicturesDo) {
  for (int first = 0; first < 8; ++first) {
    for (int second = 0; second < 8; ++second) {
      const Picture both = moved(moved(numbered(3), 3, first), 3, second);
      EXPECT_EQ(both, moved(numbered(3), 3, compose(second, first))) << second << " after " << first;
    }
    EXPECT_EQ(compose(inverse(first), first), 0);
    EXPECT_EQ(compose(first, inverse(first)), 0);
  }
}

TEST(SquareSymmetries, MoveKernelsOfOddAndEvenSidesAsPictures) {
  for (const std::int64_t side : {1, 2, 3, 4, 5}) {
    const std::vector<std::int64_t> indices = kernel_indices({1, 1, side, side}, Sharing::lifting);
    for (int symmetry = 0; symmetry < 8; ++symmetry) {
      const Picture expected = moved(numbered(static_cast<std::size_t>(side)), static_cast<std::size_t>(side), symmetry);
      const auto first = indices.begin() + symmetry * side * side;
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), first)) << "side " << side << ", symmetry " << symmetry;
    }
  }
}

TEST(SquareSymmetries, UseEachStoredNumberOnceInEveryCopy) {
  const std::vector<std::int64_t> indices = kernel_indices({3, 16, 3, 3}, Sharing::regular);
  ASSERT_EQ(indices.size(), 8u * 3 * 16 * 9);
  for (std::ptrdiff_t symmetry = 0; symmetry < 8; ++symmetry) {
    const auto first = indices.begin() + symmetry * 432;
    EXPECT_EQ(std::set<std::int64_t>(first, first + 432).size(), 432u);
  }
}

}  // namespace
}  // namespace lensfind::network
