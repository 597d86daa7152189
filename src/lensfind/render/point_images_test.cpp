#include "lensfind/render/point_images.h"

#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/value.h"
#include "lensfind/render/reference_mass.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::render {
namespace {

// An isothermal sphere has two images of a point within theta_E, of magnification 2 theta_E / beta together, and one beyond.
TEST(PointImages, OfAnIsothermalSphereAreTwoWithinItsEinsteinRadius) {
  for (const Point centre : {Point{}, Point{0.3, -0.2}}) {
    const Mass sphere{{{.theta_e_arcsec = 1.3, .centre_arcsec = centre}}, {}};
    const PointImageFinder finder{sphere, centre, 3.5 * 1.3};
    for (double angle = 0.1; angle < 6; angle += 0.37) {
      const auto at = [&](double beta) { return finder.find(centre + Point{1.3 * beta * std::cos(angle), 1.3 * beta * std::sin(angle)}); };
      for (const double beta : {0.2, 0.4, 0.6, 0.8, 0.9, 0.97}) {
        const PointImages images = at(beta);
        EXPECT_TRUE(images.multiple) << beta << " " << angle;
        EXPECT_NEAR(images.magnification * beta / 2, 1, 0.4) << beta << " " << angle;
      }
      EXPECT_FALSE(at(1.01).multiple) << angle;
    }
  }
}

TEST(PointImages, AreMagnifiedAsLenstronomySays) {
  for (const auto& path : test::reference_files("lensing/point_images.json")) {
    const Value file = read_json(path);
    for (const Value& entry : file.as_array()) {
      const Mass mass = read_mass(entry);
      const PowerLawEllipsoid& lens = mass.ellipsoids.front();
      const PointImages images = PointImageFinder{mass, lens.centre_arcsec, 3.5 * lens.theta_e_arcsec}.find(
          {entry.at("source_x").as_number(), entry.at("source_y").as_number()});
      EXPECT_EQ(images.multiple, entry.at("n_images").as_number() > 1) << entry.at("name").as_string();
      // One of them has two images merging at a critical line.
      const double ratio = images.magnification / entry.at("total_abs_magnification").as_number();
      EXPECT_GT(ratio, 0.6) << entry.at("name").as_string();
      EXPECT_LT(ratio, 2.5) << entry.at("name").as_string();
    }
  }
}

}  // namespace
}  // namespace lensfind::render
