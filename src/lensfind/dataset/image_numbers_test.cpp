#include "lensfind/dataset/image_numbers.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"

namespace lensfind::dataset {
namespace {

/// Gaussians of one width in three bands, one twice as bright as the one before, on white noise.
image::Image gaussians(double sigma, double noise, double off_centre = 0) {
  image::Image image{image::ImageShape{3, 64, 64}};
  RandomStream random{3, Purpose::test};
  for (int b = 0; b < 3; ++b) {
    for (int row = 0; row < 64; ++row) {
      for (int column = 0; column < 64; ++column) {
        const double squared = std::pow(row - 31.5 - off_centre, 2) + std::pow(column - 31.5, 2);
        image.at(b, row, column) = static_cast<float>(100 * (1 << b) * std::exp(-squared / (2 * sigma * sigma)) + random.normal(0, noise));
      }
    }
  }
  return image;
}

double number(const std::vector<ImageNumber>& numbers, const std::string& name) {
  const auto found = std::ranges::find(numbers, name, &ImageNumber::name);
  EXPECT_NE(found, numbers.end()) << name;
  return found->is_logarithm ? std::exp(found->value) : found->value;
}

TEST(ImageNumbers, OfThreeBandsAreSixtyThreeOfNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const ImageNumber& each : image_numbers(gaussians(4, 1).view(), {"g", "r", "i"})) {
    names.insert(each.name);
    EXPECT_TRUE(std::isfinite(each.value)) << each.name;
  }
  EXPECT_EQ(names.size(), 63u);
  EXPECT_EQ(image_numbers(image::Image{image::ImageShape{1, 16, 16}}.view()).size(), 21u) << "also of a flat cutout";
  for (const ImageNumber& each : image_numbers(image::Image{image::ImageShape{1, 16, 16}}.view())) EXPECT_TRUE(std::isfinite(each.value));
}

TEST(ImageNumbers, AreTheNoiseAndItsSmoothness) {
  const auto numbers = image_numbers(gaussians(4, 1).view(), {"g", "r", "i"});
  EXPECT_NEAR(number(numbers, "noise in r"), 1, .06);  // 2,000 pixels lie outside
  EXPECT_NEAR(number(numbers, "differences 1 pixels apart over those 2 apart in r"), 1, .08);
  image::Image smooth = gaussians(4, 1);
  for (int row = 0; row < 64; ++row)
    for (int column = 63; column > 0; --column)
      smooth.at(1, row, column) = (smooth.at(1, row, column) + smooth.at(1, row, column - 1)) / std::sqrt(2.F);
  // Means of neighbours: differences of next pixels have variance 1, of pixels two apart 2.
  EXPECT_NEAR(number(image_numbers(smooth.view(), {"g", "r", "i"}), "differences 1 pixels apart over those 2 apart in r"),
              1 / std::sqrt(2.), .06);
}

TEST(ImageNumbers, AreSizesColoursAndShapes) {
  const auto numbers = image_numbers(gaussians(4, .01).view(), {"g", "r", "i"});
  EXPECT_NEAR(number(numbers, "half-light radius in pixels in i"), 4 * std::sqrt(2 * std::log(2.)), .1);
  EXPECT_NEAR(number(numbers, "g over r at 3 to 5 pixels"), .5, .01);
  EXPECT_NEAR(number(numbers, "brightest pixel in i"), 400, 8);
  EXPECT_LT(number(numbers, "asymmetry in i"), .01);
  EXPECT_GT(number(image_numbers(gaussians(4, .01, 3).view(), {"g", "r", "i"}), "asymmetry in i"), .5);
}

TEST(ImageNumbers, CountPixelsOfACutOffSky) {
  image::Image image = gaussians(4, 1);
  for (float& value : image.band(0)) value = std::max(0.F, value);
  const auto numbers = image_numbers(image.view(), {"g", "r", "i"});
  EXPECT_NEAR(number(numbers, "fraction of pixels at the lowest value in g"), .5 * (1 - 5.2 * 5.2 * M_PI * 4 / 4096), .1);
  EXPECT_LT(number(numbers, "fraction of pixels at the lowest value in r"), .001);
}

}  // namespace
}  // namespace lensfind::dataset
