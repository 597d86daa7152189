#include "lensfind/render/sersic.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "lensfind/base/value.h"
#include "lensfind/render/point_kernels.h"
#include "lensfind/render/scene_json.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::render {
namespace {

TEST(Sersic, ScaleIsExactForGaussianAndKnownForExponential) {
  EXPECT_NEAR(sersic_b(0.5), std::numbers::ln2, 1e-13);  // closed form: half the light of a Gaussian
  EXPECT_NEAR(sersic_b(1), 1.678346990016661, 1e-12);    // (1 + b) exp(-b) = 1/2
  EXPECT_NEAR(sersic_b(4), 7.669249442500804, 1e-11);    // scipy.special.gammaincinv(8, 0.5)
}

TEST(Sersic, BrightnessAgreesWithTheTable) {
  for (const auto& path : test::reference_files("lensing/sersic.json")) {
    const Value file = read_json(path);
    for (const Value& entry : file.at("cases").as_array()) {
      Value scene = empty_object();
      scene.set("pixel_scale", 0.1).set("psf", empty_object().set("type", "none")).set("source", Value{Value::Array{entry.at("sersic")}});
      const Sersic light = read_scene_case(scene, {}, "sersic.json").scene.sources.front().profile;
      EXPECT_NEAR(sersic_b(light.index) / entry.at("sersic").at("b_n").as_number(), 1, 1e-12);
      EXPECT_NEAR(effective_brightness(light) / entry.at("sersic").at("I_eff").as_number(), 1, 1e-12);
      for (std::size_t i = 0; i < entry.at("x").as_array().size(); ++i) {
        const Point at{entry.at("x").as_array()[i].as_number(), entry.at("y").as_array()[i].as_number()};
        EXPECT_NEAR(brightness(light, at) / entry.at("I").as_array()[i].as_number(), 1, 1e-11);
      }
    }
  }
}

TEST(Sersic, LightWithinRadiusIsTheExponentialsClosedForm) {
  const Sersic light{.effective_radius_arcsec = 2, .index = 1, .axis_ratio = 0.5};
  for (const double radius : {0.1, 1.0, 2.0, 5.0, 20.0}) {
    const double x = 1.678346990016661 * radius / 2;
    EXPECT_NEAR(light_within(light, radius), 1 - (1 + x) * std::exp(-x), 1e-13);
  }
  EXPECT_NEAR(brightness(light, {radius_at_brightness(light, 1e-3) / std::sqrt(0.5), 0}), 1e-3, 1e-12);
}

TEST(Sersic, KernelAgreesWithDoublePrecision) {
  for (const double n : {0.5, 1.0, 2.5, 4.0, 8.0}) {
    const Sersic light{0.8, n, 0.6, 0.9, {0.1, -0.2}};
    std::vector<float> x, y;
    for (int i = 0; i < 64; ++i) {
      const double r = std::pow(10, -2.5 + 0.05 * i);
      x.push_back(static_cast<float>(0.1 + r * std::cos(i)));
      y.push_back(static_cast<float>(-0.2 + r * std::sin(i)));
    }
    std::vector<float> got(x.size());
    brightness(prepare(light), x, y, got);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double want = brightness(light, {x[i], y[i]});
      EXPECT_NEAR(got[i], want, 3e-5 * want + 1e-25) << "n = " << n << ", position " << i;
    }
  }
}

}  // namespace
}  // namespace lensfind::render
