#include "lensfind/render/source_image.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>
#include <numeric>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/image/npy.h"
#include "lensfind/render/render.h"

namespace lensfind::render {
namespace {

namespace fs = std::filesystem;

/// A profile's brightness at a picture's pixels, its centre in the middle.
SourceImage picture_of(const Sersic& profile, int side, double pixel_arcsec) {
  std::vector<float> flux;
  for (int row = 0; row < side; ++row) {
    for (int column = 0; column < side; ++column) {
      const Point at{(column - 0.5 * (side - 1)) * pixel_arcsec, (row - 0.5 * (side - 1)) * pixel_arcsec};
      flux.push_back(static_cast<float>(brightness(profile, at)));
    }
  }
  return source_image("picture", side, side, std::move(flux));
}

double sum(const Plane& plane) {
  double total = 0;
  for (int row = 0; row < plane.side; ++row) {
    for (int column = 0; column < plane.side; ++column) total += static_cast<double>(plane.at(row, column));
  }
  return total;
}

/// Greatest difference of the images of a profile and of its picture behind a lens, over the peak.
double difference_from_profile(const Psf& psf, double radius_arcsec, double index) {
  constexpr double picture_pixel = 0.02;
  const Sersic profile{radius_arcsec, index, 0.6, 0.5, {0.1, 0.05}};
  Sersic upright = profile;
  upright.centre_arcsec = {};
  upright.angle_rad = 0;  // turned when it is placed
  const auto picture = std::make_shared<const SourceImage>(picture_of(upright, 201, picture_pixel));
  Scene analytic;
  analytic.mass.ellipsoids.push_back({.theta_e_arcsec = 1.3, .axis_ratio = 0.7, .angle_rad = 0.4});
  analytic.mass.shear = {0.03, -0.02};
  analytic.sources.push_back({profile, {10}, nullptr});
  Scene pictured = analytic;
  pictured.sources.front().image = picture;
  pictured.sources.front().profile.effective_radius_arcsec = picture->half_light_radius_pixels * picture_pixel;
  const RenderOptions options{.size = 64, .pixel_scale_arcsec = 0.168, .tolerance = 1e-5};
  const Plane want = render(analytic, {&psf, 1}, options).image[0], got = render(pictured, {&psf, 1}, options).image[0];
  double worst = 0, peak = 0;
  for (int row = 0; row < 64; ++row) {
    for (int column = 0; column < 64; ++column) {
      worst = std::max(worst, std::abs(static_cast<double>(got.at(row, column) - want.at(row, column))));
      peak = std::max(peak, static_cast<double>(want.at(row, column)));
    }
  }
  return worst / peak;
}

TEST(SourceImage, ThePictureOfAProfileIsLensedAsTheProfile) {
  EXPECT_LT(difference_from_profile(GaussianPsf{0.7}, 0.12, 0.5), 2e-4);
  EXPECT_LT(difference_from_profile(moffat_psf(0.7, 3, 0.168), 0.12, 0.5), 2e-4);
  // A picture is blunter than an exponential profile's peak.
  EXPECT_LT(difference_from_profile(GaussianPsf{0.7}, 0.25, 1), 1e-3);
}

// What neither is lensed nor turned is sampled row by row; turned by next to nothing it is not.
TEST(SourceImage, LyingStraightIsTheSameAsTurnedByNothing) {
  const auto picture = std::make_shared<const SourceImage>(picture_of({0.5, 1, 0.6, 0.5, {}}, 61, 0.06));
  for (const Psf& psf : {Psf{GaussianPsf{0.7}}, Psf{moffat_psf(0.7, 3, 0.168)}}) {
    // In the middle, across an edge, and with cells finer than pixels.
    for (const auto& [x, y, pixel] : {std::tuple{0.1, 0.05, 0.168}, {5.0, -4.4, 0.168}, {0.3, -0.2, 0.5}}) {
      Scene scene;
      scene.unlensed.push_back({{picture->half_light_radius_pixels * 0.06, 1, 1, 0, {x, y}}, {10}, picture});
      const RenderOptions options{.size = 64, .pixel_scale_arcsec = pixel};
      const Plane straight = render(scene, {&psf, 1}, options).image[0];
      scene.unlensed.front().profile.angle_rad = 1e-7;
      const Plane turned = render(scene, {&psf, 1}, options).image[0];
      float worst = 0, peak = 0;
      for (int row = 0; row < 64; ++row) {
        for (int column = 0; column < 64; ++column) {
          worst = std::max(worst, std::abs(straight.at(row, column) - turned.at(row, column)));
          peak = std::max(peak, turned.at(row, column));
        }
      }
      EXPECT_GT(peak, 0);
      EXPECT_LT(worst, 1e-5f * peak) << x << " " << pixel;
    }
  }
}

TEST(SourceImage, FluxIsConservedAndMagnifiedAsAPoint) {
  // A point at beta behind an isothermal sphere: magnification 2 theta_E / beta.
  const double theta_e = 1.2, beta = 0.4;
  const auto picture = std::make_shared<const SourceImage>(picture_of({0.2, 1, 0.8}, 101, 0.02));
  Scene scene;
  scene.sources.push_back({{.effective_radius_arcsec = 0.03, .centre_arcsec = {beta, 0}}, {3}, picture});
  const Psf psf = GaussianPsf{0.7};
  const RenderOptions options{.size = 64, .pixel_scale_arcsec = 0.168};
  EXPECT_NEAR(sum(render(scene, {&psf, 1}, options).arcs[0]), 3, 0.01);
  scene.mass.ellipsoids.push_back({.theta_e_arcsec = theta_e});
  EXPECT_NEAR(sum(render(scene, {&psf, 1}, options).arcs[0]) / 3, 2 * theta_e / beta, 0.01 * 2 * theta_e / beta);
}

TEST(SourceImage, IsTurnedFromXTowardsY) {
  std::vector<float> flux(21 * 21, 0.0f);
  flux[10 * 21 + 10] = 1;
  flux[10 * 21 + 18] = 0.9f;  // to the right of the middle
  const auto picture = std::make_shared<const SourceImage>(source_image("two spots", 21, 21, flux));
  Scene scene;
  scene.unlensed.push_back(
      {{.effective_radius_arcsec = 0.1 * picture->half_light_radius_pixels, .angle_rad = std::numbers::pi / 2}, {1}, picture});
  const Psf psf = GaussianPsf{0.3};
  const Plane image = render(scene, {&psf, 1}, {.size = 31, .pixel_scale_arcsec = 0.1}).image[0];
  EXPECT_GT(image.at(23, 15), 0.4 * image.at(15, 15));
  EXPECT_LT(image.at(15, 23), 0.05 * image.at(15, 15));
}

TEST(SourceImage, RefusesWhatIsNoPictureOfAGalaxy) {
  EXPECT_THROW((void)source_image("a", 2, 9, std::vector<float>(18, 1.0f)), Error);
  EXPECT_THROW((void)source_image("a", 9, 9, std::vector<float>(81, 0.0f)), Error);
  EXPECT_THROW((void)source_image("a", 9, 9, std::vector<float>(81, NAN)), Error);
  EXPECT_THROW((void)read_source_images("no-such-folder"), Error);
}

}  // namespace
}  // namespace lensfind::render
