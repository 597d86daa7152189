#include "lensfind/image/symmetry.h"

#include <numeric>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lensfind/base/error.h"

namespace lensfind::image {
namespace {

using ::testing::ElementsAre;

/// 0, 1, 2, ... in reading order.
Image counted(ImageShape shape) {
  Image image{shape};
  std::iota(image.values().begin(), image.values().end(), 0.0F);
  return image;
}

template <typename Change>
std::vector<float> changed(ImageShape shape, Change change) {
  Image image = counted(shape);
  change(image.view());
  return {image.values().begin(), image.values().end()};
}

TEST(Flips, TurnRowsOrColumnsRound) {
  EXPECT_THAT(changed({2, 2, 3}, flip_horizontal), ElementsAre(2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9));
  EXPECT_THAT(changed({2, 3, 2}, flip_vertical), ElementsAre(4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7));
}

TEST(Transpose, ExchangesRowsAndColumns) {
  EXPECT_THAT(changed({2, 2, 2}, transpose), ElementsAre(0, 2, 1, 3, 4, 6, 5, 7));
  const std::vector<float> large = changed({1, 37, 37}, transpose);  // over several blocks, the last one cut
  for (std::size_t row = 0; row < 37; ++row) {
    for (std::size_t column = 0; column < 37; ++column) ASSERT_EQ(large[row * 37 + column], static_cast<float>(column * 37 + row));
  }
}

// numpy.rot90([[0, 1, 2], [3, 4, 5], [6, 7, 8]], k) for k = 1, 2, 3.
TEST(TurnQuarters, IsNumpysRot90) {
  const ImageShape shape{1, 3, 3};
  EXPECT_THAT(changed(shape, [](auto image) { rotate90(image, 1); }), ElementsAre(2, 5, 8, 1, 4, 7, 0, 3, 6));
  EXPECT_THAT(changed(shape, [](auto image) { rotate90(image, 2); }), ElementsAre(8, 7, 6, 5, 4, 3, 2, 1, 0));
  EXPECT_THAT(changed(shape, [](auto image) { rotate90(image, 3); }), ElementsAre(6, 3, 0, 7, 4, 1, 8, 5, 2));
  EXPECT_EQ(changed(shape, [](auto image) { rotate90(image, -3); }), changed(shape, [](auto image) { rotate90(image, 1); }));
}

TEST(ApplyD4, GivesEightDifferentImagesOfWhichTheFirstIsTheImage) {
  std::set<std::vector<float>> seen;
  for (int element = 0; element < d4_elements; ++element) seen.insert(changed({1, 4, 4}, [&](auto image) { apply_d4(image, element); }));
  EXPECT_EQ(seen.size(), 8u);
  EXPECT_EQ(changed({1, 4, 4}, [](auto image) { apply_d4(image, 0); }), changed({1, 4, 4}, [](auto) {}));
}

TEST(Symmetries, RefuseOblongImagesWhereTheyMust) {
  Image oblong{ImageShape{1, 2, 3}};
  EXPECT_THROW(transpose(oblong.view()), Error);
  EXPECT_THROW(rotate90(oblong.view(), 1), Error);
  EXPECT_NO_THROW(rotate90(oblong.view(), 2));
}

}  // namespace
}  // namespace lensfind::image
