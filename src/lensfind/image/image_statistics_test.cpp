#include "lensfind/image/image_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "lensfind/base/random.h"

namespace lensfind::image {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

constexpr double fwhm_of_sigma = 2.3548200450309493;  // 2 sqrt(2 ln 2)

/// Gaussian stars of a known width on a sky of known level and noise, two bands; the second is 10 times as bright.
struct Sky {
  double level = 5, noise = 1, sigma = 1.7, peak = 2000, broad = 4;

  [[nodiscard]] Image draw(std::uint64_t seed = 1) const {
    Image image{ImageShape{2, 64, 64}};
    RandomStream random{seed, Purpose::test};
    for (int b = 0; b < 2; ++b) {
      for (int row = 0; row < 64; ++row) {
        for (int column = 0; column < 64; ++column) {
          const auto star = [&](double y, double x, double s) {
            return peak * std::exp(-((row - y) * (row - y) + (column - x) * (column - x)) / (2 * s * s));
          };
          const double value = random.normal(level, noise) + star(20, 18, sigma) + star(44, 40, broad);
          image.at(b, row, column) = static_cast<float>(b == 0 ? value : 10 * value);
        }
      }
    }
    return image;
  }
};

TEST(ImageStatistics, SkyIsWhatWasDrawn) {
  const ImageStatistics found = image_statistics(Sky{}.draw().view());
  EXPECT_THAT(found.sky_level, ElementsAre(DoubleNear(5, .2), DoubleNear(50, 2)));
  EXPECT_THAT(found.sky_noise, ElementsAre(DoubleNear(1, .06), DoubleNear(10, .6)));
  EXPECT_NEAR(found.highest[0], 2005, 4);
  EXPECT_NEAR(found.lowest[0], 5 - 3.6, .8);  // the least of 4,096 normal deviates lies 3.6 standard deviations below
}

TEST(ImageStatistics, SixTimesTheNoiseIsFoundSixTimes) {
  const double before = image_statistics(Sky{}.draw().view()).sky_noise[0];
  EXPECT_NEAR(image_statistics(Sky{.noise = 6}.draw().view()).sky_noise[0] / before, 6, .2);
}

TEST(ImageStatistics, SeeingIsTheWidthOfTheSharpestSource) {
  for (const double sigma : {1.2, 1.7, 3.0}) {
    const auto found = image_statistics(Sky{.sigma = sigma}.draw().view()).seeing_fwhm_pixels;
    ASSERT_TRUE(found);
    EXPECT_NEAR(*found, fwhm_of_sigma * sigma, .05 * fwhm_of_sigma * sigma);
  }
}

void expect_that_a_rim_does_not_count(int height, int width, int down, int right) {
  const Image drawn = Sky{}.draw();
  Image filled{ImageShape{2, height, width}};
  for (int b = 0; b < 2; ++b) {
    std::ranges::fill(filled.band(b), b == 0 ? 5.0f : 50.0f);
    for (int row = 0; row < 64; ++row)
      for (int column = 0; column < 64; ++column) filled.at(b, row + down, column + right) = drawn.view().at(b, row, column);
  }
  const ImageStatistics found = image_statistics(filled.view()), wanted = image_statistics(drawn.view());
  EXPECT_EQ(found.sky_noise, wanted.sky_noise);
  EXPECT_EQ(found.sky_level, wanted.sky_level);
  EXPECT_EQ(found.saturated, wanted.saturated);
  EXPECT_EQ(found.seeing_fwhm_pixels, wanted.seeing_fwhm_pixels);
}

TEST(ImageStatistics, ARimThatWasFilledUpDoesNotCount) { expect_that_a_rim_does_not_count(91, 85, 13, 10); }

TEST(ImageStatistics, ARimBelowAndAtTheRightAloneDoesNotCount) { expect_that_a_rim_does_not_count(91, 85, 0, 0); }

TEST(ImageStatistics, NoiseAloneHasNoSources) {
  EXPECT_FALSE(image_statistics(Sky{.peak = 0}.draw().view()).seeing_fwhm_pixels);
  EXPECT_FALSE(image_statistics(Image{ImageShape{1, 8, 8}, 3}.view()).seeing_fwhm_pixels);
}

TEST(ImageStatistics, FlatTopsCountAsSaturated) {
  Image image = Sky{}.draw();
  EXPECT_LT(image_statistics(image.view()).saturated, 6 / 4096.);
  for (int row = 0; row < 10; ++row) {
    for (int column = 0; column < 10; ++column) image.at(1, row, column) = 30000;
  }
  EXPECT_DOUBLE_EQ(image_statistics(image.view()).saturated, 100 / 4096.);
}

TEST(SkyCutOff, IsSeenByThePixelsThatShareTheLowestValue) {
  Image image{ImageShape{2, 20, 20}};
  RandomStream random{5, Purpose::test};
  for (float& value : image.values()) value = static_cast<float>(random.normal());
  EXPECT_FALSE(is_sky_cut_off(image.view()));
  for (float& value : image.band(1)) value = std::max(-1.3F, value);  // 9.7% of a normal law lie below
  EXPECT_TRUE(is_sky_cut_off(image.view()));
  for (float& value : image.band(1)) value = value == -1.3F ? std::numeric_limits<float>::quiet_NaN() : value;
  EXPECT_FALSE(is_sky_cut_off(image.view())) << "missing pixels are no sky";
}

}  // namespace
}  // namespace lensfind::image
