#include "lensfind/inspect/smooth_model.h"

#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"
#include "lensfind/inspect/zscale.h"

namespace lensfind::inspect {
namespace {

/// An exponential disk of peak 1000 on a sky of 10 with noise 1, seen at an angle, and an arc of 30 on one side of it.
struct Scene {
  image::Image image{image::ImageShape{2, 61, 61}}, arc{image::ImageShape{2, 61, 61}};
};

Scene scene(double axis_ratio, double angle, bool with_arc) {
  Scene out;
  RandomStream random{1, Purpose::test};
  for (int band = 0; band < 2; ++band) {
    for (int row = 0; row < 61; ++row) {
      for (int column = 0; column < 61; ++column) {
        const double dx = column - 30.4, dy = row - 29.7;
        const double along = dx * std::cos(angle) + dy * std::sin(angle), across = -dx * std::sin(angle) + dy * std::cos(angle);
        const double radius = std::hypot(along, across / axis_ratio);
        const double ring = std::hypot(dx, dy), turn = std::atan2(dy, dx);
        const double arc = with_arc && turn > .3 && turn < 1.5 ? 30 * std::exp(-std::pow((ring - 14) / 1.5, 2)) : 0;
        out.arc.at(band, row, column) = static_cast<float>(arc);
        out.image.at(band, row, column) = static_cast<float>(10 + 1000 * std::exp(-radius / 4) + arc + random.normal());
      }
    }
  }
  return out;
}

TEST(EllipseOf, FindsCentreShapeAndAngle) {
  for (const double angle : {0., .6, -1.2}) {
    const Ellipse ellipse = ellipse_of(scene(.6, angle, false).image.view());
    EXPECT_NEAR(ellipse.x, 30.4, .05);
    EXPECT_NEAR(ellipse.y, 29.7, .05);
    EXPECT_NEAR(ellipse.axis_ratio, .6, .06);
    EXPECT_NEAR(std::remainder(ellipse.angle_rad - angle, 3.14159265), 0, .05);
  }
}

TEST(EllipseOf, AnEmptyImageHasACircleInItsMiddle) {
  const Ellipse ellipse = ellipse_of(image::Image{image::ImageShape{1, 20, 20}}.view());
  EXPECT_EQ(ellipse.x, 9.5);
  EXPECT_EQ(ellipse.axis_ratio, 1);
}

TEST(WithoutSmoothGalaxy, LeavesTheArcAndLittleElse) {
  const Scene with = scene(.8, .5, true);
  const image::Image residual = without_smooth_galaxy(with.image.view());
  double arc = 0, kept = 0, left = 0, light = 0;
  for (int row = 0; row < 61; ++row) {
    for (int column = 0; column < 61; ++column) {
      const double truth = with.arc.at(0, row, column), is = residual.at(0, row, column), radius = std::hypot(column - 30.4, row - 29.7);
      if (truth > 5) {
        arc += truth;
        kept += is;
      } else if (radius > 3 && radius < 25) {
        left += std::abs(is);
        light += with.image.at(0, row, column) - 10;
      }
    }
  }
  EXPECT_GT(kept / arc, .85) << "the arc stays";
  EXPECT_LT(kept / arc, 1.15);
  EXPECT_LT(left / light, .1) << "the galaxy goes";
}

TEST(WithoutSmoothGalaxy, MissingPixelsStayMissing) {
  Scene with = scene(.8, .5, false);
  with.image.at(0, 3, 4) = NAN;
  EXPECT_TRUE(std::isnan(without_smooth_galaxy(with.image.view()).at(0, 3, 4)));
}

// astropy 7's ZScaleInterval on the same numbers.
TEST(ZScale, IsThatOfAstropy) {
  std::vector<float> values;
  std::uint64_t state = 1;
  const auto next = [&] {
    state = (state * 1664525 + 1013904223) % (std::uint64_t{1} << 32U);
    return static_cast<double>(state) / 4294967296.;
  };
  for (int i = 0; i < 4096; ++i) {
    const double first = next();
    values.push_back(static_cast<float>(first + next()));
  }
  for (std::size_t i = 100; i < 140; ++i) values[i] += 50;
  for (std::size_t i = 3000; i < 3300; ++i) values[i] += 3;
  const DisplayLimits limits = zscale(values);
  EXPECT_NEAR(limits.black, 0.03827222064137459, 1e-5);
  EXPECT_NEAR(limits.white, 4.003651321436434, 1e-5);
  const DisplayLimits few = zscale(std::span{values}.first(37));
  EXPECT_NEAR(few.black, 0.041875943541526794, 1e-5);
  EXPECT_NEAR(few.white, 1.9327223300933838, 1e-5);
  EXPECT_EQ(zscale({}).white, 1);
}

}  // namespace
}  // namespace lensfind::inspect
