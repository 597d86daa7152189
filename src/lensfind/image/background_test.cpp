#include "lensfind/image/background.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"

namespace lensfind::image {
namespace {

std::vector<float> noise(int count, double level, double std_dev) {
  RandomStream random{3, Purpose::test};
  std::vector<float> pixels;
  for (int i = 0; i < count; ++i) pixels.push_back(static_cast<float>(random.normal(level, std_dev)));
  return pixels;
}

// Of a normal distribution cut at 3 standard deviations 0.3% are missing: the median absolute deviation is low by 0.5%.
TEST(BackgroundOf, FindsLevelAndNoiseUnderObjects) {
  std::vector<float> pixels = noise(20000, 12, .5);
  for (int i = 0; i < 2000; ++i) pixels[static_cast<std::size_t>(10 * i)] += 50 + static_cast<float>(i);
  pixels[7] = std::numeric_limits<float>::quiet_NaN();
  pixels[8] = std::numeric_limits<float>::infinity();
  const Background sky = background_of(pixels);
  EXPECT_NEAR(sky.level, 12, .02);
  EXPECT_NEAR(sky.noise, .5, .015);
}

TEST(BackgroundOf, HasNoNoiseWhereAllIsAlike) {
  const Background sky = background_of(std::vector<float>(100, 4.0F));
  EXPECT_EQ(sky.level, 4);
  EXPECT_EQ(sky.noise, 0);
  EXPECT_EQ(background_of({}).noise, 0);
  EXPECT_EQ(background_of(std::vector<float>(3, std::nanf(""))).level, 0);
}

}  // namespace
}  // namespace lensfind::image
