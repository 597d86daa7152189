#include "lensfind/dataset/lens_augmentations.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lensfind/base/error.h"

namespace lensfind::dataset {
namespace {

using ::testing::HasSubstr;

/// White noise of a standard deviation a band, about 5.
image::Image noisy_bands(std::vector<double> std_devs, int side, std::uint64_t seed) {
  image::Image image{image::ImageShape{static_cast<int>(std_devs.size()), side, side}};
  RandomStream random{seed, Purpose::test};
  for (std::size_t b = 0; b < std_devs.size(); ++b)
    for (float& value : image.band(static_cast<int>(b))) value = static_cast<float>(random.normal(5, std_devs[b]));
  return image;
}

double from_centre(int row, int column, int side) { return std::hypot(row - (side - 1) / 2.0, column - (side - 1) / 2.0); }

/// Mean and standard deviation of the pixels of a band up to `radius` from the centre.
std::pair<double, double> within(const image::Image& image, int band, double radius) {
  double count = 0, sum = 0, squares = 0;
  const int side = image.shape().width;
  for (int row = 0; row < side; ++row) {
    for (int column = 0; column < side; ++column) {
      if (from_centre(row, column, side) > radius) continue;
      const double value = image.at(band, row, column);
      ++count;
      sum += value;
      squares += value * value;
    }
  }
  return {sum / count, std::sqrt(squares / count - sum / count * sum / count)};
}

TEST(CoreErasing, ChangesTheDiskAndNothingElse) {
  // Of a 9 x 9 image the pixels up to 2 from the middle one are 13: 1, 3, 5, 3, 1.
  const image::Image before = noisy_bands({1, 1}, 9, 1);
  image::Image after = before;
  RandomStream random{1, Purpose::test, 1};
  erase_core(after.view(), 2, random);
  for (int b = 0; b < 2; ++b) {
    int changed = 0;
    for (int row = 0; row < 9; ++row) {
      for (int column = 0; column < 9; ++column) {
        const bool differs = before.at(b, row, column) != after.at(b, row, column);
        changed += differs ? 1 : 0;
        if (differs) {
          EXPECT_LE(std::hypot(row - 4, column - 4), 2);
        }
      }
    }
    EXPECT_EQ(changed, 13);
  }
}

TEST(CoreErasing, IsCheckedAgainstTheCutoutByItsLargestRadius) {
  // The corners of 6 x 6 pixels lie 3.54 pixels from the centre.
  const image::ImageShape small{1, 6, 6};
  EXPECT_NO_THROW(check_cores({{.name = "d4"}, {.name = "core_erasing", .range = {1, 3.5}}}, small));
  EXPECT_THROW(check_cores({{.name = "core_erasing", .range = {1, 3.6}}}, small), Error);
  EXPECT_THROW(check_cores({{.name = "core_erasing"}}, small), Error);  // 1.5 to 4 pixels
  EXPECT_THROW(check_cores({{.name = "one_of", .one_of = {{.name = "d4"}, {.name = "core_erasing"}}}}, small), Error);
}

TEST(CoreErasing, LeavesWhatSurroundsTheCoreWithTheNoiseOfItsBand) {
  // A core of 1000 on noise of .1 and .4: what fills it has the mean 5 and the band's own scatter. 317 pixels lie within 10 pixels of the
  // centre of a 64-pixel image, so the mean errs by the scatter / 17.8, and by the ring's median; pixel_scatter by some 5%.
  image::Image image = noisy_bands({.1, .4}, 64, 2);
  for (int b = 0; b < 2; ++b)
    for (int row = 29; row < 35; ++row)
      for (int column = 29; column < 35; ++column) image.at(b, row, column) = 1000;
  RandomStream random{2, Purpose::test, 1};
  erase_core(image.view(), 10, random);
  const auto [first_mean, first_scatter] = within(image, 0, 10);
  EXPECT_NEAR(first_mean, 5, .04);
  EXPECT_NEAR(first_scatter, .1, .025);
  const auto [mean, scatter] = within(image, 1, 10);
  EXPECT_NEAR(mean, 5, .16);
  EXPECT_NEAR(scatter, .4, .1);
}

TEST(CoreErasing, TakesTheLevelOfTheRingAroundTheDiskNotTheSky) {
  // The galaxy's light at r pixels is 100 - 5 r. The ring from 4 to 6.66 pixels has the median radius sqrt((16 + 44.3) / 2) = 5.5: 72.5.
  image::Image image{image::ImageShape{1, 33, 33}};
  for (int row = 0; row < 33; ++row)
    for (int column = 0; column < 33; ++column) image.at(0, row, column) = static_cast<float>(100 - 5 * from_centre(row, column, 33));
  const float scatter = 4;  // of a slope of 5 a pixel pixel_scatter makes at most 5 / .858, mean over directions below 4
  RandomStream random{3, Purpose::test, 1};
  erase_core(image.view(), 4, random);
  EXPECT_NEAR(within(image, 0, 4).first, 72.5, 5 * scatter / std::sqrt(49) + 1);  // 49 pixels
}

TEST(CoreErasing, RefusesACoreThatFillsTheImage) {
  image::Image image = noisy_bands({1}, 8, 4);
  RandomStream random{4, Purpose::test, 1};
  try {
    erase_core(image.view(), 6, random);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("6.0 pixels fills an image of 8 x 8"));
  }
}

TEST(PsfMismatch, SpreadsAPointByAWidthOfItsOwnInEachBand) {
  // Widths even in [0, 1.5]: the mean variance of a point is 1.5^2 / 3 along each axis, and no band has more than 2.25.
  constexpr int draws = 400;
  std::array<double, 2> mean_variance{};
  double largest = 0, product = 0;
  for (std::uint64_t draw = 0; draw < draws; ++draw) {
    image::Image point{image::ImageShape{2, 33, 33}};
    point.at(0, 16, 16) = point.at(1, 16, 16) = 1;
    RandomStream random{5, Purpose::test, draw};
    mismatch_psf(point.view(), 1.5, random);
    std::array<double, 2> variance{};
    for (int b = 0; b < 2; ++b) {
      double flux = 0;
      for (int row = 0; row < 33; ++row) {
        for (int column = 0; column < 33; ++column) {
          flux += point.at(b, row, column);
          variance[static_cast<std::size_t>(b)] += static_cast<double>(point.at(b, row, column)) * (row - 16) * (row - 16);
        }
      }
      EXPECT_NEAR(flux, 1, 1e-5);
      largest = std::max(largest, variance[static_cast<std::size_t>(b)]);
      mean_variance[static_cast<std::size_t>(b)] += variance[static_cast<std::size_t>(b)] / draws;
    }
    product += (variance[0] - .75) * (variance[1] - .75) / draws;
  }
  // The square of an even number has the standard deviation sqrt(4/45) of its largest value.
  const double uncertainty = 2.25 * std::sqrt(4 / 45.0 / draws);
  EXPECT_NEAR(mean_variance[0], .75, 4 * uncertainty);
  EXPECT_NEAR(mean_variance[1], .75, 4 * uncertainty);
  EXPECT_NEAR(largest, 2.25, .05);
  EXPECT_NEAR(product, 0, 4 * 2.25 * 2.25 * 4 / 45 / std::sqrt(draws));  // the bands know nothing of each other
}

TEST(NoiseInjection, IsInUnitsOfEachBandsOwnScatter) {
  // Scatters even in [0, 2] times .1 and 3: the mean variance that is added is 2^2 / 3 times the band's own.
  constexpr int draws = 300;
  const image::Image before = noisy_bands({.1, 3}, 64, 6);
  std::array<double, 2> added{};
  for (std::uint64_t draw = 0; draw < draws; ++draw) {
    image::Image after = before;
    RandomStream random{6, Purpose::test, draw};
    inject_noise(after.view(), 2, random);
    for (int b = 0; b < 2; ++b) {
      for (std::size_t p = 0; p < 4096; ++p) {
        const double difference = after.band(b)[p] - before.band(b)[p];
        added[static_cast<std::size_t>(b)] += difference * difference / 4096 / draws;
      }
    }
  }
  const double uncertainty = std::sqrt(4 * 4 / 45.0 * 4 / draws);  // of the drawn variance; pixel_scatter errs by 4% besides
  EXPECT_NEAR(added[0] / .01, 4 / 3.0, 3 * uncertainty + .1);
  EXPECT_NEAR(added[1] / 9, 4 / 3.0, 3 * uncertainty + .1);
}

TEST(PasteAnnulus, TakesTheAnnulusOfEveryBandAndLeavesTheCore) {
  // Of a 6 x 6 image: distances of a quadrant are .7, 1.6, 2.5 / 1.6, 2.1, 2.9 / 2.5, 2.9, 3.5.
  image::Image image{image::ImageShape{2, 6, 6}, 1.0F};
  const image::Image other{image::ImageShape{2, 6, 6}, 2.0F};
  paste_annulus(other.view(), 1, 2.7, image.view());
  const std::array<float, 36> expected{1, 1, 2, 2, 1, 1,  //
                                       1, 2, 2, 2, 2, 1,  //
                                       2, 2, 1, 1, 2, 2,  //
                                       2, 2, 1, 1, 2, 2,  //
                                       1, 2, 2, 2, 2, 1,  //
                                       1, 1, 2, 2, 1, 1};
  for (int b = 0; b < 2; ++b) EXPECT_TRUE(std::ranges::equal(image.band(b), expected));
}

}  // namespace
}  // namespace lensfind::dataset
