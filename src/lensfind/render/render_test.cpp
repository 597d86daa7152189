#include "lensfind/render/render.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"
#include "lensfind/base/value.h"
#include "lensfind/image/npy.h"
#include "lensfind/render/scene_json.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::render {
namespace {

double sum(const Plane& plane) {
  double total = 0;
  for (int row = 0; row < plane.side; ++row) {
    for (int column = 0; column < plane.side; ++column) total += static_cast<double>(plane.at(row, column));
  }
  return total;
}

TEST(Render, NothingIsJudgedWhereThereAreNoArcsByThemselves) {
  const Psf psf = GaussianPsf{0.7};
  Scene scene{.mass = {{{.theta_e_arcsec = 1}}, {}}, .unlensed = {{{0.5, 1, 1, 0, {}}, {1}}}};
  Renderer renderer;
  int asked = 0;
  const ArcsJudge judge{0, [&](const Plane&) { return ++asked > 1; }};
  EXPECT_THROW((void)renderer.render_if(scene, {&psf, 1}, {.size = 16}, judge), Error) << "no sources";
  scene.sources = {{{0.3, 1, 1, 0, {}}, {1}}};
  EXPECT_THROW((void)renderer.render_if(scene, {&psf, 1}, {.size = 16, .separate_arcs = false}, judge), Error);
  EXPECT_THROW((void)renderer.render_if(scene, {&psf, 1}, {.size = 16}, {1, judge.goes_on}), Error) << "a band that is none";
  EXPECT_EQ(asked, 0);
  EXPECT_FALSE(renderer.render_if(scene, {&psf, 1}, {.size = 16}, judge));
  EXPECT_TRUE(renderer.render_if(scene, {&psf, 1}, {.size = 16}, judge));
}

TEST(Render, ImagesAgreeWithTheConvergedReference) {
  for (const auto& path : test::reference_files("lensing/images/cases.json")) {
    const Value file = read_json(path);
    for (const Value& value : file.as_array()) {
      const SceneCase scene = read_scene_case(value, path.parent_path(), "cases.json");
      const image::Image want = image::read_npy(path.parent_path() / (scene.name + ".npy"));
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
}

TEST(Render, ToleranceOfZeroIsTheRoundingOfAFloat) {
  // A host without noise once asked for this: every cell was divided eleven times.
  Scene scene;
  scene.mass = {.ellipsoids = {{1.2, .7, .4, {}, 2}}, .shear = {.03, .02}};
  scene.sources.push_back({{.25, 1, .6, 1, {.1, .05}}, {100}, nullptr});
  const Psf psf = GaussianPsf{.7};
  const RenderOptions fine{.size = 48, .tolerance = 1e-5};
  RenderOptions none = fine;
  none.negligible_flux = none.tolerable_flux = {0};
  const Plane want = render(scene, {&psf, 1}, fine).image[0], got = render(scene, {&psf, 1}, none).image[0];
  const float peak = *std::ranges::max_element(want.values);
  for (std::size_t i = 0; i < want.values.size(); ++i) EXPECT_NEAR(got.values[i], want.values[i], 2e-4F * peak);
}

TEST(Render, RefusesPsfsThatNoLatticeHolds) {
  Scene scene;
  scene.unlensed.push_back({{0.8, 4, 0.8, 0.3, {}}, {100}, nullptr});
  for (const double fwhm_arcsec : {1e9, 1e-9, std::nan("")}) {
    const Psf psf = GaussianPsf{fwhm_arcsec};
    EXPECT_THROW(render(scene, {&psf, 1}, {.size = 32}), Error) << fwhm_arcsec;
  }
  // Narrow beside wide: 64 pixels in steps as fine as the one asks for, with a margin as the other does.
  const std::vector<Psf> both{GaussianPsf{.012}, GaussianPsf{50}};
  scene.unlensed[0].flux = {100, 100};
  EXPECT_THROW(render(scene, both, {.size = 64}), Error);
}

TEST(Render, LightTakenAwayIsAsRightAsLightGiven) {
  Scene given;
  given.mass.ellipsoids.push_back({.theta_e_arcsec = 1.2, .axis_ratio = 0.7});
  given.unlensed.push_back({{0.8, 4, 0.8, 0.3, {}}, {100}, nullptr});
  given.sources.push_back({{0.1, 1, 0.7, 1, {0.1, 0.05}}, {5}, nullptr});
  Scene taken = given;
  taken.unlensed[0].flux = {-100};
  taken.sources[0].flux = {-5};
  const Psf psf = GaussianPsf{0.7};
  const Plane plus = render(given, {&psf, 1}, {.size = 32}).image[0], minus = render(taken, {&psf, 1}, {.size = 32}).image[0];
  for (int row = 0; row < 32; ++row) {
    for (int column = 0; column < 32; ++column) EXPECT_FLOAT_EQ(minus.at(row, column), -plus.at(row, column));
  }
}

/// Of a Gaussian of light (a Sersic profile of index 1/2), the mean over a pixel behind a Gaussian PSF: products of error functions.
double gaussian_pixel(double at, double centre, double sigma) {
  const double scale = 1 / (sigma * std::numbers::sqrt2);
  return 0.5 * (std::erf((at + 0.5 - centre) * scale) - std::erf((at - 0.5 - centre) * scale));
}

/// The greatest error over the brightest pixel, a band, of one Gaussian of light behind Gaussian PSFs; all in pixels.
std::vector<double> errors_of_gaussian(double radius, double axis_ratio, Point centre, const std::vector<double>& psf_sigmas) {
  constexpr double pixel = 0.2;
  constexpr int size = 40;
  const double fwhm_of_sigma = 2 * std::sqrt(2 * std::numbers::ln2), sigma = radius / std::sqrt(2 * std::numbers::ln2);
  Scene scene;
  scene.unlensed.push_back(
      {{radius * pixel, 0.5, axis_ratio, 0, {centre.x * pixel, centre.y * pixel}}, std::vector(psf_sigmas.size(), 1.0)});
  std::vector<Psf> psfs;
  for (const double psf : psf_sigmas) psfs.push_back(GaussianPsf{psf * fwhm_of_sigma * pixel});
  const Rendering got = render(scene, psfs, {.size = size, .pixel_scale_arcsec = pixel, .tolerance = 1e-4});
  std::vector<double> out;
  for (std::size_t b = 0; b < psfs.size(); ++b) {
    double worst = 0, peak = 0;
    for (int row = 0; row < size; ++row) {
      for (int column = 0; column < size; ++column) {
        const double x = column - 0.5 * (size - 1), y = row - 0.5 * (size - 1);
        const double want = gaussian_pixel(x, centre.x, std::hypot(psf_sigmas[b], sigma / std::sqrt(axis_ratio))) *
                            gaussian_pixel(y, centre.y, std::hypot(psf_sigmas[b], sigma * std::sqrt(axis_ratio)));
        peak = std::max(peak, want);
        worst = std::max(worst, std::abs(static_cast<double>(got.image[b].at(row, column)) - want));
      }
    }
    out.push_back(worst / peak);
  }
  return out;
}

TEST(Render, GaussiansOfLightAreProductsOfErrorFunctionsInSharpAndWideBandsTogether) {
  for (const std::vector<double>& sigmas :
       {std::vector{1.02, 1.25, 1.45, 2.2}, std::vector{0.25, 1.0}, std::vector{0.68}, std::vector{1.0}}) {
    for (const double radius : {0.05, 0.6, 2.5}) {
      for (const Point centre : {Point{0, 0}, Point{0.49, -0.27}, Point{-3.2, 7.75}}) {
        const std::vector<double> errors = errors_of_gaussian(radius, 0.6, centre, sigmas);
        for (std::size_t b = 0; b < errors.size(); ++b)
          EXPECT_LT(errors[b], 1e-3) << "sigma " << sigmas[b] << ", radius " << radius << ", at " << centre.x << " " << centre.y;
      }
    }
  }
}

TEST(Render, PixelsThatAreLookedAtAreThoseOfTheWholeImage) {
  Scene scene;
  scene.unlensed.push_back({{1.2, 4, 0.7, 0.4, {0.5, -0.3}}, {300, 500}});
  scene.unlensed.push_back({{0.02, 0.5, 1, 0, {2.1, 1.7}}, {20, 10}});
  scene.unlensed.push_back({{0.8, 1, 0.3, 1.1, {-3.9, 4.4}}, {50, 10}});
  const std::vector<Psf> psfs{GaussianPsf{0.45}, GaussianPsf{0.8}};
  RenderOptions options{.size = 64, .pixel_scale_arcsec = 0.168};
  Renderer renderer;
  const Rendering whole = renderer.render(scene, psfs, options);
  // A band across the image from corner to corner, and nothing of the first rows.
  for (int row = 0; row < 64; ++row)
    options.seen.push_back(row < 5 ? ColumnSpan{} : ColumnSpan{std::max(0, row - 9), std::min(64, row + 7)});
  const Rendering part = renderer.render(scene, psfs, options);
  for (std::size_t b = 0; b < psfs.size(); ++b) {
    for (int row = 0; row < 64; ++row) {
      const ColumnSpan seen = options.seen[static_cast<std::size_t>(row)];
      for (int column = seen.first; column < seen.end; ++column)
        EXPECT_NEAR(part.image[b].at(row, column), whole.image[b].at(row, column), 1e-5f * whole.image[b].at(32, 32))
            << row << " " << column;
    }
  }
}

TEST(Render, ScenesRenderedBeforeLeaveNoTrace) {
  const std::vector<Psf> psfs{GaussianPsf{0.5}, GaussianPsf{0.8}};
  Renderer used;
  RandomStream random{1, Purpose::test};
  for (int k = 0; k < 40; ++k) {
    Scene scene;
    scene.mass.ellipsoids.push_back({.theta_e_arcsec = random.uniform(0.5, 2), .axis_ratio = random.uniform(0.4, 1)});
    scene.unlensed.push_back({{random.uniform(0.2, 1), random.uniform(1, 5), 0.7, 0.4, {0.03, -0.02}}, {100, 300}});
    scene.sources.push_back({{random.uniform(0.05, 0.3), 1, 0.6, 1, {random.uniform(-0.3, 0.3), 0.1}}, {30, 20}});
    const RenderOptions options{.size = k % 3 == 0 ? 48 : 64, .pixel_scale_arcsec = 0.168};
    const Rendering first = render(scene, psfs, options), later = used.render(scene, psfs, options);
    for (std::size_t b = 0; b < psfs.size(); ++b) EXPECT_EQ(first.image[b].values, later.image[b].values) << k;
  }
}

// The judge sees the arcs of its band as they are in the end.
TEST(Render, GoesOnWhereTheJudgeOfTheArcsDoes) {
  Scene scene;
  scene.mass.ellipsoids.push_back({.theta_e_arcsec = 1.2, .axis_ratio = 0.7});
  scene.unlensed.push_back({{0.8, 4, 0.8, 0.3, {}}, {100, 200}});
  scene.sources.push_back({{0.2, 1, 0.7, 0.4, {0.2, 0.1}}, {5, 3}});
  const std::vector<Psf> psfs{GaussianPsf{0.7}, MoffatPsf{0.8, 3}};
  const RenderOptions options{.size = 48, .pixel_scale_arcsec = 0.2};
  Renderer renderer;
  const Rendering whole = renderer.render(scene, psfs, options);
  const auto judged = renderer.render_if(scene, psfs, options, {1, [&](const Plane& arcs) { return arcs.values == whole.arcs[1].values; }});
  ASSERT_TRUE(judged);
  for (std::size_t b = 0; b < 2; ++b) {
    EXPECT_EQ(judged->arcs[b].values, whole.arcs[b].values);
    EXPECT_EQ(judged->image[b].values, whole.image[b].values);
  }
  EXPECT_FALSE(renderer.render_if(scene, psfs, options, {0, [](const Plane&) { return false; }}));
  EXPECT_EQ(renderer.render(scene, psfs, options).image[0].values, whole.image[0].values) << "nothing is left";
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
}  // namespace lensfind::render
