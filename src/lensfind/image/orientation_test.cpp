#include "lensfind/image/orientation.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace lensfind::image {
namespace {

/// The usual axes (north up, east left, 0.2 arcsec a pixel) turned by `angle_deg` anti-clockwise as drawn with row 0 at the bottom,
/// mirrored left to right before that where `mirrored`.
SkyAxes turned(double angle_deg, bool mirrored = false) {
  const double a = angle_deg * std::numbers::pi / 180;
  const double east_x = (mirrored ? 1 : -1) * std::cos(a);
  const double east_y = (mirrored ? 1 : -1) * std::sin(a);
  // East and north are unit vectors in the image; one column is their components' sum.
  return {
      .east_by_column = .2 * east_x, .north_by_column = -.2 * std::sin(a), .east_by_row = .2 * east_y, .north_by_row = .2 * std::cos(a)};
}

/// An image whose one bright pixel lies `north` and `east` arcsec from the middle.
Image star(const SkyAxes& axes, double north, double east, int side) {
  const double det = axes.east_by_column * axes.north_by_row - axes.east_by_row * axes.north_by_column;
  const double column = (axes.north_by_row * east - axes.east_by_row * north) / det + .5 * (side - 1);
  const double row = (axes.east_by_column * north - axes.north_by_column * east) / det + .5 * (side - 1);
  Image image{ImageShape{1, side, side}};
  image.at(0, static_cast<int>(std::lround(row)), static_cast<int>(std::lround(column))) = 1;
  return image;
}

void expect_star(const Image& map, double west, double north) {
  const int side = map.shape().width;
  double x = 0, y = 0, sum = 0;
  for (int row = 0; row < side; ++row) {
    for (int column = 0; column < side; ++column) {
      const float value = map.at(0, row, column);
      if (!std::isfinite(value)) continue;
      x += static_cast<double>(value) * column;
      y += static_cast<double>(value) * row;
      sum += static_cast<double>(value);
    }
  }
  EXPECT_NEAR(x / sum - .5 * (side - 1), west / .2, .75);
  EXPECT_NEAR(y / sum - .5 * (side - 1), north / .2, .75);
}

TEST(NorthUp, PutsNorthUpAndEastLeftHoweverTheImageLies) {
  for (const bool mirrored : {false, true}) {
    for (int angle = -180; angle < 180; angle += 15) {
      const SkyAxes axes = turned(angle, mirrored);
      SCOPED_TRACE(::testing::Message() << angle << (mirrored ? " mirrored" : ""));
      expect_star(north_up(star(axes, 1.6, 0, 41).view(), axes, 41), 0, 1.6);
      expect_star(north_up(star(axes, 1, -2, 41).view(), axes, 41), 2, 1);
    }
  }
}

TEST(NorthUp, MovesPixelsAsTheyAreByQuarters) {
  Image image{ImageShape{2, 6, 6}};
  float value = 0;
  for (float& pixel : image.values()) pixel = value += 1;
  const auto same = [&](const Image& map, auto place) {
    for (int b = 0; b < 2; ++b) {
      for (int v = 0; v < 6; ++v) {
        for (int u = 0; u < 6; ++u) {
          const auto [row, column] = place(v, u);
          EXPECT_EQ(map.at(b, v, u), image.at(b, row, column));
        }
      }
    }
  };
  using Place = std::pair<int, int>;
  same(north_up(image.view(), turned(.9), 6), [](int v, int u) { return Place{v, u}; });
  same(north_up(image.view(), turned(0, true), 6), [](int v, int u) { return Place{v, 5 - u}; });
  same(north_up(image.view(), turned(180), 6), [](int v, int u) { return Place{5 - v, 5 - u}; });
  same(north_up(image.view(), turned(90), 6), [](int v, int u) { return Place{u, 5 - v}; });
}

TEST(NorthUp, CutsTheMiddleAndFillsCornersFromBeyond) {
  const Image large{ImageShape{1, 64, 64}, 3.0F};
  const Image whole = north_up(large.view(), turned(45), 40);
  for (const float value : whole.values()) EXPECT_FLOAT_EQ(value, 3);
  const Image map = north_up(Image{ImageShape{1, 40, 40}, 3.0F}.view(), turned(45), 40);
  EXPECT_TRUE(std::isnan(map.at(0, 0, 0)));
  EXPECT_EQ(map.at(0, 20, 20), 3);
  EXPECT_EQ(north_up(Image{ImageShape{1, 41, 41}, 1.0F}.view(), turned(0), 20).at(0, 19, 0), 1);
}

TEST(NorthUp, LeavesAxesWithoutAreaAlone) {
  Image image{ImageShape{1, 2, 2}};
  image.at(0, 0, 1) = 5;
  EXPECT_EQ(north_up(image.view(), {}, 2).at(0, 0, 1), 5);
  EXPECT_EQ(north_up_text({}), "");
}

TEST(SkyAxes, KnowTheirScaleAngleAndHand) {
  EXPECT_NEAR(turned(30).pixel_scale_arcsec(), .2, 1e-12);
  EXPECT_NEAR(turned(30).north_angle_deg(), 30, 1e-9);
  EXPECT_NEAR(turned(-120).north_angle_deg(), -120, 1e-9);
  EXPECT_FALSE(turned(30).is_mirrored());
  EXPECT_TRUE(turned(30, true).is_mirrored());
  EXPECT_EQ(north_up_text(turned(-37.2)), "turned by 37 degrees");
  EXPECT_EQ(north_up_text(turned(.4, true)), "mirrored");
  EXPECT_EQ(north_up_text(turned(.4)), "");
}

}  // namespace
}  // namespace lensfind::image
