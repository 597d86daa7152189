#include "lensfind/image/scaling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lensfind/base/error.h"

namespace lensfind::image {
namespace {

using ::testing::ElementsAre;

TEST(ScaleMinmax, ScalesEachBandByItself) {
  Image image{{2, 1, 3}, std::vector<float>{2, 4, 3, -1, 0, 3}};
  scale_minmax(image.view());
  EXPECT_THAT(image.values(), ElementsAre(0, 1, .5F, 0, .25F, 1));
}

TEST(ScaleMinmax, TurnsAConstantBandToZero) {
  Image image{{2, 1, 2}, std::vector<float>{5, 5, 1, 2}};
  scale_minmax(image.view());
  EXPECT_THAT(image.values(), ElementsAre(0, 0, 0, 1));
}

TEST(ScaleMinmax, LeavesNothingOutsideOf0To1) {
  Image image{{1, 1, 3}, std::vector<float>{.1F, .1F + 1e-8F, .3F}};
  scale_minmax(image.view());
  EXPECT_THAT(image.values(), ::testing::Each(::testing::AllOf(::testing::Ge(0), ::testing::Le(1))));
}

TEST(CentreCrop, TakesTheMiddleOfEveryBand) {
  // 4 x 5 pixels a band; value = 100 band + 10 row + column.
  Image image{ImageShape{2, 4, 5}};
  for (int b = 0; b < 2; ++b) {
    for (int row = 0; row < 4; ++row) {
      for (int column = 0; column < 5; ++column) image.at(b, row, column) = static_cast<float>(100 * b + 10 * row + column);
    }
  }
  Image middle{ImageShape{2, 2, 2}};
  centre_crop(image.view(), middle.view());
  EXPECT_THAT(middle.values(), ElementsAre(11, 12, 21, 22, 111, 112, 121, 122));
}

TEST(CentreCrop, RefusesSmallerImages) {
  const Image image{ImageShape{1, 4, 4}};
  Image taller{ImageShape{1, 5, 4}};
  Image colour{ImageShape{3, 4, 4}};
  EXPECT_THROW(centre_crop(image.view(), taller.view()), Error);
  EXPECT_THROW(centre_crop(image.view(), colour.view()), Error);
}

}  // namespace
}  // namespace lensfind::image
