#include <algorithm>
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/image/blur.h"
#include "lensfind/image/hsv_8bit.h"
#include "lensfind/image/symmetry.h"
#include "lensfind/image/tone.h"
#include "lensfind/image/warp.h"

/// Each change that the published study's chain makes, with given parameters, beside what albumentations 1.4.20 made of the same float
/// image: tests/reference/augmentation.py.
namespace lensfind::image {
namespace {

Value reference() { return read_json(std::string{LENSFIND_SOURCE_DIR} + "/tests/reference/augmentation.json"); }

Image image_of(const Value& numbers, int height, int width) {
  Image image{ImageShape{3, height, width}};
  std::ranges::transform(numbers.as_array(), image.values().begin(), [](const Value& v) { return static_cast<float>(v.as_number()); });
  return image;
}

class Albumentations : public ::testing::Test {
 protected:
  [[nodiscard]] Image image() const { return image_of(fixed_.at("image"), 16, 16); }

  static void expect_same(const Image& ours, const Value& theirs, double tolerance, const std::string& what) {
    const Image wanted = image_of(theirs, ours.shape().height, ours.shape().width);
    for (std::size_t i = 0; i < wanted.values().size(); ++i)
      ASSERT_NEAR(ours.values()[i], wanted.values()[i], tolerance) << what << " " << i;
  }

  const Value fixed_ = reference().at("fixed");
};

TEST_F(Albumentations, FlipsAndQuarterTurnsAreTheSame) {
  Image left = image(), up = image(), over = image();
  flip_horizontal(left.view());
  flip_vertical(up.view());
  transpose(over.view());
  expect_same(left, fixed_.at("flips").at("horizontal_flip"), 1e-7, "horizontal flip");
  expect_same(up, fixed_.at("flips").at("vertical_flip"), 1e-7, "vertical flip");
  expect_same(over, fixed_.at("flips").at("transpose"), 1e-7, "transpose");
  for (int quarters = 0; quarters < 4; ++quarters) {
    Image turned = image();
    rotate90(turned.view(), quarters);
    expect_same(turned, fixed_.at("rotate90s").as_array()[static_cast<std::size_t>(quarters)], 1e-7, std::to_string(quarters));
  }
}

int mirrored(int at, int size) {
  const int around = std::abs(at) % (2 * size - 2);
  return std::min(around, 2 * size - 2 - around);
}

float bilinear(const Image& image, int band, double column, double row) {
  const int size = image.shape().width;
  const int left = static_cast<int>(std::floor(column)), top = static_cast<int>(std::floor(row));
  const double right = column - left, lower = row - top;
  const auto at = [&](int dy, int dx) { return static_cast<double>(image.at(band, mirrored(top + dy, size), mirrored(left + dx, size))); };
  const double above = at(0, 0) + right * (at(0, 1) - at(0, 0)), below = at(1, 0) + right * (at(1, 1) - at(1, 0));
  return static_cast<float>(above + lower * (below - above));
}

/// Where OpenCV's warpAffine samples: in steps of 1/32 pixel, from terms in steps of 1/1024.
double opencv_position(double along, double offset, int index) {
  return std::floor(static_cast<double>(std::lrint(offset * 1024) + 16 + std::lrint(along * index * 1024)) / 32) / 32;
}

Image warped_as_opencv(const Image& image, const AffineMap& map) {
  Image out{image.shape()};
  for (int b = 0; b < 3; ++b) {
    for (int y = 0; y < out.shape().height; ++y) {
      for (int x = 0; x < out.shape().width; ++x) {
        out.at(b, y, x) =
            bilinear(image, b, opencv_position(map.xx, map.xy * y + map.x0, x), opencv_position(map.yx, map.yy * y + map.y0, x));
      }
    }
  }
  return out;
}

/// The most by which bilinear values change over half a step of OpenCV's positions along either axis.
double half_step(const Image& image) {
  float max = 0;
  for (int b = 0; b < 3; ++b) {
    for (int y = 0; y + 1 < image.shape().height; ++y) {
      for (int x = 0; x + 1 < image.shape().width; ++x) {
        max = std::max(max, std::abs(image.at(b, y, x + 1) - image.at(b, y, x)) + std::abs(image.at(b, y + 1, x) - image.at(b, y, x)));
      }
    }
  }
  return static_cast<double>(max) / 64;
}

/// Our exact interpolation differs from OpenCV's by the rounding of its positions and by nothing else.
void expect_warped(const Image& image, const CentredChange& change, const Value& theirs) {
  const AffineMap map = map_of(change, image.shape());
  const Image wanted = image_of(theirs, 16, 16), rounded = warped_as_opencv(image, map);
  Image exact = image;
  warp(exact.view(), map, Interpolation::bilinear, Border::reflect);
  const double step = half_step(image);
  for (std::size_t i = 0; i < wanted.values().size(); ++i) {
    ASSERT_NEAR(rounded.values()[i], wanted.values()[i], 2e-6) << i;
    ASSERT_NEAR(exact.values()[i], wanted.values()[i], step + 1e-5) << i;
  }
}

double radians(double degrees) { return degrees * std::numbers::pi / 180; }

TEST_F(Albumentations, TurnsAreTheSameAtItsPositions) {
  for (const Value& one : fixed_.at("rotates").as_array())
    expect_warped(image(), {.angle_rad = radians(one.at("angle").as_number())}, one.at("out"));
}

TEST_F(Albumentations, ShiftedScaledAndTurnedImagesAreTheSameAtItsPositions) {
  for (const Value& one : fixed_.at("shift_scale_rotates").as_array()) {
    const auto pair = [&](const char* key, std::size_t i) { return one.at(key).as_array()[i].as_number(); };
    expect_warped(image(),
                  {.scale_x = pair("scale", 0),
                   .scale_y = pair("scale", 1),
                   .angle_rad = radians(one.at("angle").as_number()),
                   .shift_x = 16 * pair("shift", 0),
                   .shift_y = 16 * pair("shift", 1)},
                  one.at("out"));
  }
}

TEST_F(Albumentations, BlurredImagesAreTheSame) {
  Image blurred = image();
  gaussian_blur(blurred.view(), 3);
  expect_same(blurred, fixed_.at("gaussian_blur"), 1e-6, "blur");
}

TEST_F(Albumentations, BrightnessContrastAndGammaAreTheSame) {
  for (const Value& one : fixed_.at("brightness_contrasts").as_array()) {
    Image changed = image();
    change_brightness(changed.view(), static_cast<float>(one.at("contrast").as_number()),
                      static_cast<float>(one.at("brightness").as_number()));
    expect_same(changed, one.at("out"), 1e-6, "brightness");
  }
  for (const Value& one : fixed_.at("gammas").as_array()) {
    Image changed = image();
    change_gamma(changed.view(), static_cast<float>(one.at("gamma").as_number()));
    expect_same(changed, one.at("out"), 1e-5, "gamma");
  }
}

HsvShift8Bit shift_of(const Value& one) {
  const auto& shift = one.at("shift").as_array();
  return {shift[0].as_number(), shift[1].as_number(), shift[2].as_number()};
}

/// How many values of the reference are missed; a value at which its float arithmetic ties may be off by one step of 1/255.
int missed(const Image& ours, const Value& theirs) {
  const Image wanted = image_of(theirs, ours.shape().height, ours.shape().width);
  int off = 0;
  for (std::size_t i = 0; i < wanted.values().size(); ++i) {
    EXPECT_NEAR(ours.values()[i], wanted.values()[i], 1.01 / 255) << i;
    off += std::abs(ours.values()[i] - wanted.values()[i]) > 1e-6F ? 1 : 0;
  }
  return off;
}

TEST_F(Albumentations, ColoursAreTheSameInEightBits) {
  for (const Value& one : fixed_.at("hue_saturation_values").as_array()) {
    Image changed = image();
    shift_hsv_8bit(changed.view(), shift_of(one));
    EXPECT_LE(missed(changed, one.at("out")), 1);
  }
  const Value more = reference().at("eight_bit");
  for (const Value& one : more.at("cases").as_array()) {
    Image changed = image_of(more.at("colours"), 40, 25);
    shift_hsv_8bit(changed.view(), shift_of(one));
    EXPECT_LE(missed(changed, one.at("out")), 3);
  }
}

TEST(ShiftHsv8Bit, WantsThreeBands) {
  Image image{ImageShape{2, 4, 4}};
  EXPECT_THROW(shift_hsv_8bit(image.view(), {}), Error);
}

}  // namespace
}  // namespace lensfind::image
