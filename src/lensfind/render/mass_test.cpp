#include "lensfind/render/mass.h"

#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/value.h"
#include "lensfind/render/point_kernels.h"
#include "lensfind/render/reference_mass.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::render {
namespace {

bool isothermal(const Mass& mass) {
  for (const PowerLawEllipsoid& lens : mass.ellipsoids) {
    if (lens.slope != 2) return false;
  }
  return true;
}

TEST(Mass, DeflectionConvergenceAndDeterminantAgreeWithLenstronomy) {
  for (const auto& path : test::reference_files("lensing/deflections.json")) {
    const Value file = read_json(path);
    for (const Value& entry : file.as_array()) {
      const Mass mass = read_mass(entry);
      // lenstronomy's SIE has a core of 1e-10 arcsec (README.md there), its EPL has none.
      const double tolerance = isothermal(mass) ? 3e-7 : 1e-12;
      // The second derivatives of its SIE are differences of deflections and good to 2e-4.
      const double second = isothermal(mass) ? 2e-4 : 1e-9;
      for (std::size_t i = 0; i < entry.at("x").as_array().size(); ++i) {
        const auto number = [&](const char* key) { return entry.at(key).as_array()[i].as_number(); };
        const Point at{number("x"), number("y")};
        const Point alpha = deflection(mass, at);
        EXPECT_NEAR(alpha.x, number("alpha_x"), tolerance) << entry.at("name").as_string() << " " << i;
        EXPECT_NEAR(alpha.y, number("alpha_y"), tolerance) << entry.at("name").as_string() << " " << i;
        const Distortion d = distortion(mass, at);
        EXPECT_NEAR(d.convergence, number("kappa"), second * number("kappa")) << entry.at("name").as_string() << " " << i;
        EXPECT_NEAR(d.determinant(), number("det_A"), second * (1 + std::abs(number("det_A")))) << entry.at("name").as_string() << " " << i;
      }
    }
  }
}

TEST(Mass, ImagesOfAPointSourceComeFromItWithTheirMagnifications) {
  for (const auto& path : test::reference_files("lensing/point_images.json")) {
    const Value file = read_json(path);
    for (const Value& entry : file.as_array()) {
      const Mass mass = read_mass(entry);
      for (std::size_t i = 0; i < entry.at("x").as_array().size(); ++i) {
        const Point image{entry.at("x").as_array()[i].as_number(), entry.at("y").as_array()[i].as_number()};
        const Point source = source_position(mass, image);
        EXPECT_NEAR(source.x, entry.at("source_x").as_number(), 1e-9);
        EXPECT_NEAR(source.y, entry.at("source_y").as_number(), 1e-9);
        EXPECT_NEAR(distortion(mass, image).determinant() * entry.at("magnification").as_array()[i].as_number(), 1, 3e-5);
      }
    }
  }
}

TEST(Mass, IsothermalDeflectionIsItsClosedForm) {
  const PowerLawEllipsoid lens{.theta_e_arcsec = 1.3, .axis_ratio = 0.6};
  for (const Point at : {Point{0.4, 0.3}, Point{-1.2, 0.7}, Point{2.0, -3.0}, Point{0.0, 1.0}}) {
    // Kormann et al. 1994 in the frame of the major axis.
    const double q = lens.axis_ratio, e = std::sqrt(1 - q * q), w = std::hypot(q * at.x, at.y),
                 front = lens.theta_e_arcsec * std::sqrt(q) / e;
    const Point alpha = deflection({{lens}, {}}, at);
    EXPECT_NEAR(alpha.x, front * std::atan(e * at.x / w), 1e-14);
    EXPECT_NEAR(alpha.y, front * std::atanh(e * at.y / w), 1e-14);
  }
}

TEST(Mass, KernelsAgreeWithDoublePrecision) {
  const Mass mass{{{1.4, 0.55, 0.7, {0.02, -0.03}, 2.15}, {0.3, 1.0, 0, {2, 1}, 2}}, {0.03, -0.05}};
  std::vector<float> x, y;
  for (int i = 0; i < 160; ++i) {
    x.push_back(static_cast<float>(5 * std::sin(1.7 * i)));
    y.push_back(static_cast<float>(5 * std::cos(2.3 * i)));
  }
  std::vector<float> source_x(x.size()), source_y(x.size());
  map_to_source(prepare(mass), x, y, source_x, source_y);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Point want = source_position(mass, {x[i], y[i]});
    EXPECT_NEAR(source_x[i], want.x, 4e-6);
    EXPECT_NEAR(source_y[i], want.y, 4e-6);
  }
}

}  // namespace
}  // namespace lensfind::render
