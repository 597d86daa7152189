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

/// By differences over 1e-4 arcsec of what has the value `of` at a place.
template <class Function>
Point gradient(const Function& of, Point at) {
  constexpr double h = 1e-4;
  return {(of({at.x + h, at.y}) - of({at.x - h, at.y})) / (2 * h), (of({at.x, at.y + h}) - of({at.x, at.y - h})) / (2 * h)};
}

TEST(Mass, AHaloDeflectsByTheGradientOfItsPotential) {
  const CoredHalo halo{.strength_arcsec = 3.1, .core_arcsec = 1.2, .ellipticity = 0.15, .angle_rad = 0.6, .centre_arcsec = {0.2, -0.1}};
  const auto potential = [&](Point at) {
    const double c = std::cos(0.6), s = std::sin(0.6), u = (at.x - 0.2) * c + (at.y + 0.1) * s, v = -(at.x - 0.2) * s + (at.y + 0.1) * c;
    return 3.1 * std::sqrt(1.2 * 1.2 + 0.85 * u * u + 1.15 * v * v);
  };
  const Mass mass{.ellipsoids = {}, .shear = {}, .halos = {halo}};
  for (const Point at : {Point{0.4, 0.3}, Point{-1.2, 0.7}, Point{2.0, -3.0}, Point{0.2, -0.1}}) {
    const Point want = gradient(potential, at), alpha = deflection(mass, at);
    EXPECT_NEAR(alpha.x, want.x, 1e-7);
    EXPECT_NEAR(alpha.y, want.y, 1e-7);
    const Point of_x = gradient([&](Point p) { return deflection(mass, p).x; }, at),
                of_y = gradient([&](Point p) { return deflection(mass, p).y; }, at);
    const Distortion d = distortion(mass, at);
    EXPECT_NEAR(d.convergence, 0.5 * (of_x.x + of_y.y), 1e-7);
    EXPECT_NEAR(d.gamma1, 0.5 * (of_x.x - of_y.y), 1e-7);
    EXPECT_NEAR(d.gamma2, of_x.y, 1e-7);
  }
}

// A galaxy theta_E from whose middle the deflection is its own and a halo's: theta = b_g + b_h theta / sqrt(s^2 + theta^2).
TEST(Mass, EinsteinRadiusHoldsAMeanConvergenceOfOne) {
  const Mass galaxy{.ellipsoids = {{.theta_e_arcsec = 1.3, .axis_ratio = 1, .angle_rad = 0, .centre_arcsec = {0.3, 0.1}, .slope = 1.8}},
                    .shear = {0.08, -0.03}};
  EXPECT_NEAR(einstein_radius(galaxy, {0.3, 0.1}, 20), 1.3, 1e-5);
  const Mass group{.ellipsoids = {{.theta_e_arcsec = 1.6}}, .shear = {}, .halos = {{.strength_arcsec = 5, .core_arcsec = 4}}};
  const double theta = einstein_radius(group, {}, 30);
  EXPECT_GT(theta, 4);
  EXPECT_NEAR(theta, 1.6 + 5 * theta / std::hypot(4, theta), 1e-4);
  // All of a mass within the circle counts as if it stood in the middle: far inside, a sphere beside the middle has theta_E R again.
  const Mass beside{.ellipsoids = {{.theta_e_arcsec = 3, .axis_ratio = 1, .angle_rad = 0, .centre_arcsec = {0.02, 0}, .slope = 2.9}},
                    .shear = {}};
  EXPECT_NEAR(einstein_radius(beside, {}, 30), 3, 0.01);
}

TEST(Mass, ScaledDeflectsByTheFactor) {
  const Mass mass{{{1.4, 0.55, 0.7, {0.02, -0.03}, 2.15}}, {0.03, -0.05}, {{2.4, 1.5, 0.2, 0.5, {-0.4, 0.3}}}};
  const Point at{0.7, -1.1}, near = deflection(mass, at), far = deflection(scaled(mass, 1.37), at);
  EXPECT_NEAR(far.x, 1.37 * near.x, 1e-12);
  EXPECT_NEAR(far.y, 1.37 * near.y, 1e-12);
}

TEST(Mass, KernelsAgreeWithDoublePrecision) {
  const Mass mass{{{1.4, 0.55, 0.7, {0.02, -0.03}, 2.15}, {0.3, 1.0, 0, {2, 1}, 2}}, {0.03, -0.05}, {{2.4, 1.5, 0.2, 0.5, {-0.4, 0.3}}}};
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
