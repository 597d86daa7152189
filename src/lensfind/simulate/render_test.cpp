#include "lensfind/simulate/render.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "lensfind/base/value.h"
#include "lensfind/image/npy.h"
#include "lensfind/simulate/scene_json.h"
#include "lensfind/simulate/shared_files.h"

namespace lensfind::simulate {
namespace {

double sum(const Plane& plane) {
  double total = 0;
  for (int row = 0; row < plane.side; ++row) {
    for (int column = 0; column < plane.side; ++column) total += static_cast<double>(plane.at(row, column));
  }
  return total;
}

TEST(Render, ImagesAgreeWithTheConvergedReference) {
  const auto path = shared_file("reference/lensing/images/cases.json");
  if (!path) GTEST_SKIP() << "no ../shared/reference/lensing";
  const Value file = read_json(*path);
  for (const Value& value : file.as_array()) {
    const SceneCase scene = read_scene_case(value, path->parent_path(), "cases.json");
    const Image want = read_npy(path->parent_path() / (scene.name + ".npy"));
    const Rendering got =
        render(scene.scene, {&scene.psf, 1}, {.size = scene.size, .pixel_scale_arcsec = scene.pixel_scale_arcsec, .tolerance = 1e-5});
    const float peak = *std::max_element(want.values().begin(), want.values().end());
    float worst = 0;
    for (int row = 0; row < scene.size; ++row) {
      for (int column = 0; column < scene.size; ++column)
        worst = std::max(worst, std::abs(got.image[0].at(row, column) - want.at(0, row, column)));
    }
    RecordProperty(scene.name, std::to_string(worst / peak));
    EXPECT_LE(worst / peak, 2e-4) << scene.name;
  }
}

TEST(Render, PixelsAddUpToTheTotalFlux) {
  Scene scene;
  scene.unlensed.push_back({{0.3, 1, 0.7, 0.4, {0.11, -0.07}}, {10, 20}});
  const std::vector<Psf> psfs{GaussianPsf{0.8}, NoPsf{}};
  const Rendering got = render(scene, psfs, {.size = 96, .pixel_scale_arcsec = 0.168});
  EXPECT_NEAR(sum(got.image[0]), 10, 2e-4 * 10);
  EXPECT_NEAR(sum(got.image[1]), 20, 2e-4 * 20);
}

TEST(Render, SmallSourceBehindARoundLensIsMagnifiedAsAPoint) {
  // A point at beta behind an isothermal sphere: magnification 2 theta_E / beta (both images).
  const double theta_e = 1.2, beta = 0.4;
  Scene scene;
  scene.mass.ellipsoids.push_back({.theta_e_arcsec = theta_e});
  scene.sources.push_back({{0.003, 1, 1, 0, {beta, 0}}, {1}});
  const Psf psf = GaussianPsf{0.7};
  const Rendering got = render(scene, {&psf, 1}, {.size = 64, .pixel_scale_arcsec = 0.168});
  EXPECT_NEAR(sum(got.arcs[0]), 2 * theta_e / beta, 3e-3 * 2 * theta_e / beta);
}

}  // namespace
}  // namespace lensfind::simulate
