#include "lensfind/network/lens_logit.h"

#include <array>

#include <gtest/gtest.h>

namespace lensfind::network {
namespace {

TEST(LensLogit, IsTheDifferenceOfTwoOutputsOrTheOnlyOne) {
  const std::array<float, 2> two{1, 3};
  const std::array<double, 1> one{-1.5};
  EXPECT_EQ(lens_logit(std::span<const float>{two}), 2);
  EXPECT_EQ(lens_logit(std::span<const double>{one}), -1.5);
}

TEST(LensLogit, OfFloatsIsTakenInDoublePrecision) {
  const std::array<float, 2> far{-16777216.F, 1.F};  // 2^24 + 1 is no float
  EXPECT_EQ(lens_logit(std::span<const float>{far}), 16777217);
}

}  // namespace
}  // namespace lensfind::network
