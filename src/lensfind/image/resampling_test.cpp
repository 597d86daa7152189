#include <cmath>
#include <numbers>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/image/blur.h"
#include "lensfind/image/symmetry.h"
#include "lensfind/image/warp.h"

namespace lensfind::image {
namespace {

/// Made by scipy and OpenCV: tests/reference/augmentation.py.
Value reference() { return read_json(std::string{LENSFIND_SOURCE_DIR} + "/tests/reference/augmentation.json"); }

std::vector<double> numbers(const Value& list) {
  std::vector<double> values;
  for (const Value& value : list.as_array()) values.push_back(value.as_number());
  return values;
}

/// The reference's one band, repeated with other factors in five bands.
Image five_bands(const Value& band, int height, int width) {
  Image image{ImageShape{5, height, width}};
  const std::vector<double> values = numbers(band);
  for (int b = 0; b < 5; ++b) {
    for (std::size_t i = 0; i < values.size(); ++i) image.band(b)[i] = static_cast<float>((b + 1) * values[i]);
  }
  return image;
}

void expect_bands(const Image& image, const std::vector<double>& expected, double tolerance, const std::string& what) {
  for (int b = 0; b < 5; ++b) {
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(image.band(b)[i], (b + 1) * expected[i], (b + 1) * tolerance) << what << ", band " << b << ", pixel " << i;
  }
}

TEST(Warp, AgreesWithScipy) {
  const Value warps = reference().at("warps");
  for (const Value& one : warps.at("cases").as_array()) {
    const std::vector<double> map = numbers(one.at("map"));
    const bool bilinear = one.at("interpolation").as_string() == "bilinear";
    const bool zero = one.at("border").as_string() == "zero";
    Image image = five_bands(warps.at("image"), 5, 6);
    warp(image.view(), {map[0], map[1], map[2], map[3], map[4], map[5]}, bilinear ? Interpolation::bilinear : Interpolation::nearest,
         zero ? Border::zero : Border::reflect);
    expect_bands(image, numbers(one.at("out")), 3e-6,
                 to_json(one.at("map"), -1) + one.at("border").as_string() + one.at("interpolation").as_string());
  }
}

Image slope(int size) {
  Image image{ImageShape{1, size, size}};
  for (int row = 0; row < size; ++row) {
    for (int column = 0; column < size; ++column) image.at(0, row, column) = static_cast<float>(100 * row + column);
  }
  return image;
}

TEST(MapOf, TurnsCounterClockwiseAsQuarterTurnsDo) {
  Image warped = slope(8);
  warp(warped.view(), map_of({.angle_rad = std::numbers::pi / 2}, warped.shape()), Interpolation::nearest, Border::zero);
  Image turned = slope(8);
  rotate90(turned.view(), 1);
  EXPECT_TRUE(std::ranges::equal(warped.values(), turned.values()));
}

TEST(MapOf, ShiftsByWholePixelsExactly) {
  Image image = slope(8);
  warp(image.view(), map_of({.shift_x = 2, .shift_y = -3}, image.shape()), Interpolation::bilinear, Border::zero);
  for (int row = 0; row < 8; ++row) {
    for (int column = 0; column < 8; ++column) {
      const bool inside = row + 3 < 8 && column >= 2;
      EXPECT_EQ(image.at(0, row, column), inside ? static_cast<float>(100 * (row + 3) + column - 2) : 0.0F);
    }
  }
}

TEST(MapOf, MagnifiesAboutTheCentre) {
  // Twice as large: what was .5 px right of the centre (column 3.5 of 8) is 1 px right of it.
  const AffineMap map = map_of({.scale_x = 2, .scale_y = 1}, {1, 8, 8});
  EXPECT_DOUBLE_EQ(map.xx * 4.5 + map.xy * 2 + map.x0, 4.0);
  EXPECT_DOUBLE_EQ(map.yx * 4.5 + map.yy * 2 + map.y0, 2.0);
}

TEST(Warp, LeavesTheImageUnderTheIdentity) {
  for (const Border border : {Border::zero, Border::reflect}) {
    Image image = slope(9);
    warp(image.view(), {}, Interpolation::bilinear, border);
    EXPECT_TRUE(std::ranges::equal(image.values(), slope(9).values()));
  }
}

TEST(Warp, SurvivesMapsFarOutside) {
  for (const Border border : {Border::zero, Border::reflect}) {
    Image image = slope(8);
    warp(image.view(), {.xx = 1e6, .x0 = -1e7, .yy = -1e6, .y0 = 1e7}, Interpolation::bilinear, border);
    for (const float value : image.values()) EXPECT_TRUE(value >= 0 && value <= 707);
  }
}

TEST(Blur, AgreesWithOpenCv) {
  const Value blurs = reference().at("blurs");
  for (const Value& one : blurs.at("cases").as_array()) {
    Image image = five_bands(blurs.at("image"), 6, 7);
    const auto side = static_cast<int>(one.at("side").as_integer());
    const std::string& kind = one.at("kind").as_string();
    (kind == "box" ? box_blur : gaussian_blur)(image.view(), side);
    expect_bands(image, numbers(one.at("out")), 1e-6, kind + " " + std::to_string(side));
  }
}

TEST(BoxBlur, RefusesSidesThatCannotBe) {
  Image image = slope(4);
  for (const int side : {0, 2, 9}) EXPECT_THROW(box_blur(image.view(), side), Error) << side;
}

TEST(GaussianBlur, RefusesSidesThatCannotBe) {
  Image image = slope(3);
  for (const int side : {0, 2, 7, 9}) EXPECT_THROW(gaussian_blur(image.view(), side), Error) << side;
}

Image point(int side) {
  Image image{ImageShape{1, side, side}};
  image.at(0, side / 2, side / 2) = 1;
  return image;
}

TEST(DiscreteGaussianBlur, HasTheWeightsOfBesselFunctions) {
  // scipy.special.ive(n, sigma^2), n = 0 to 3.
  const std::vector<std::pair<double, std::vector<double>>> cases{
      {.3, {.915782833054503, .04116855838304002, .0009259800980585312, 1.3887358216417459e-05}},
      {1, {.4657596075936404, .20791041534970842, .04993877689422356, .008155307772814294}},
      {2, {.20700192122398664, .1787508395024353, .11762650147276903, .061124338029666284}}};
  for (const auto& [sigma, weights] : cases) {
    Image image = point(41);
    discrete_gaussian_blur(image.view(), sigma);
    for (int dy = 0; dy < 4; ++dy) {
      for (int dx = 0; dx < 4; ++dx) {
        const double expected = weights[static_cast<std::size_t>(dy)] * weights[static_cast<std::size_t>(dx)];
        EXPECT_NEAR(image.at(0, 20 + dy, 20 - dx), expected, 1e-5 * weights[0] * weights[0]) << sigma << " at " << dy << ", " << dx;
      }
    }
  }
}

TEST(DiscreteGaussianBlur, AddsItsVarianceForAnyWidth) {
  for (const double sigma : {.1, .5, 1.3, 3.0}) {
    Image image = point(65);
    discrete_gaussian_blur(image.view(), sigma);
    double variance = 0;
    for (int row = 0; row < 65; ++row)
      for (int column = 0; column < 65; ++column) variance += static_cast<double>(image.at(0, row, column)) * (column - 32) * (column - 32);
    EXPECT_NEAR(variance, sigma * sigma, 2e-3 * sigma * sigma);
  }
}

TEST(DiscreteGaussianBlur, LeavesAConstantAndWhatNeedsNone) {
  Image grey{ImageShape{2, 5, 4}, .25F};
  discrete_gaussian_blur(grey.view(), 4);  // its weights reach beyond so small an image
  for (const float value : grey.values()) EXPECT_NEAR(value, .25, 1e-6);
  Image image = slope(6);
  const std::vector<float> before{image.values().begin(), image.values().end()};
  discrete_gaussian_blur(image.view(), 0);
  EXPECT_TRUE(std::ranges::equal(image.values(), before));
  for (const double sigma : {-.1, 10.1, std::nan("")}) EXPECT_THROW(discrete_gaussian_blur(image.view(), sigma), Error) << sigma;
}

}  // namespace
}  // namespace lensfind::image
