#include "lensfind/image/tone.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"

namespace lensfind::image {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;

TEST(ChangeBrightness, MultipliesAddsAndCuts) {
  Image image{{1, 1, 4}, std::vector<float>{0, .25F, .5F, 1}};
  change_brightness(image.view(), 1.5F, -.1F);
  EXPECT_THAT(image.values(), ElementsAre(FloatEq(0), FloatEq(.275F), FloatEq(.65F), FloatEq(1)));
}

TEST(ChangeGamma, IsThePower) {
  std::vector<float> values{-1, 0, 1e-38F, 1e-20F};
  for (int i = 1; i <= 1000; ++i) values.push_back(static_cast<float>(i) / 1000);
  for (const float gamma : {.3F, .8F, 1.0F, 1.2F, 3.0F}) {
    Image image{{1, 1, static_cast<int>(values.size())}, values};
    change_gamma(image.view(), gamma);
    for (std::size_t i = 3; i < values.size(); ++i) {
      const double expected = std::pow(static_cast<double>(values[i]), static_cast<double>(gamma));
      EXPECT_NEAR(image.values()[i], expected, (values[i] < 1e-3F ? 1e-5 : 2e-6) * expected + 1e-37) << values[i] << "^" << gamma;
    }
    for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(image.values()[i], 0);
  }
}

// Made by Python's colorsys: tests/reference/augmentation.py.
TEST(ShiftHsv, AgreesWithColorsys) {
  const Value reference = read_json(std::string{LENSFIND_SOURCE_DIR} + "/tests/reference/augmentation.json");
  for (const Value& one : reference.at("colours").as_array()) {
    const auto number = [&](const char* key, std::size_t i) { return static_cast<float>(one.at(key).as_array()[i].as_number()); };
    Image image{{3, 1, 1}, std::vector<float>{number("colour", 0), number("colour", 1), number("colour", 2)}};
    shift_hsv(image.view(), {number("shift", 0), number("shift", 1), number("shift", 2)});
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(image.values()[i], number("out", i), 3e-6) << to_json(one, -1);
  }
}

TEST(ShiftHsv, LeavesGreyPixelsGrey) {
  Image image{{3, 1, 2}, std::vector<float>{.4F, 0, .4F, 0, .4F, 0}};
  shift_hsv(image.view(), {30, .2F, .1F});
  EXPECT_THAT(image.values(), ElementsAre(FloatEq(.5F), FloatEq(.1F), FloatEq(.5F), FloatEq(.1F), FloatEq(.5F), FloatEq(.1F)));
}

TEST(ShiftHsv, WantsThreeBands) {
  Image image{ImageShape{2, 4, 4}};
  EXPECT_THROW(shift_hsv(image.view(), {}), Error);
}

}  // namespace
}  // namespace lensfind::image
