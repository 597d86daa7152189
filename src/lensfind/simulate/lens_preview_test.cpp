#include "lensfind/simulate/lens_preview.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "lensfind/render/render.h"
#include "lensfind/simulate/conditions.h"

namespace lensfind::simulate {
namespace {

constexpr double theta_e = 1.5, source_radius = 0.3;

render::Scene ring(render::Point source, double radius = source_radius) {
  render::Scene scene;
  scene.mass.ellipsoids.push_back({.theta_e_arcsec = theta_e});
  scene.unlensed.push_back({{0.8, 4, 0.8, 0.3, {}}, {400}});
  scene.sources.push_back({{radius, 0.5, 1, 0, source}, {5}});
  return scene;
}

TEST(LensPreview, MagnifiesAGaussianBehindARoundLensByTheMeanOverItsLight) {
  // An isothermal sphere magnifies a point at r < theta_E 2 theta_E / r times; the mean of 1 / r over a Gaussian is sqrt(pi / 2) / sigma,
  // and a Sersic profile of n = 0.5 is one with R_e = sigma sqrt(2 ln 2).
  const double sigma = source_radius / std::sqrt(2 * std::numbers::ln2), want = 2 * theta_e * std::sqrt(std::numbers::pi / 2) / sigma;
  EXPECT_NEAR(preview_lens(ring({}), {.pixel_scale_arcsec = 0.168}).magnification, want, 0.02 * want);
}

TEST(LensPreview, SignalToNoiseIsThatOfTheRenderedArcs) {
  for (const double contrast : {0.0, 1.0}) {
    for (const render::Point source : {render::Point{}, render::Point{0.3, -0.2}, render::Point{-0.1, 0.7}}) {
      const render::Scene scene = ring(source);
      const render::Psf psf = render::GaussianPsf{0.7};
      const render::Rendering seen = render::render(scene, {&psf, 1}, {.size = 64, .pixel_scale_arcsec = 0.168, .tolerance = 1e-5});
      const double want = best_signal_to_noise(seen.arcs[0], seen.image[0], {.background_rms = 0.04, .gain = 50}, contrast);
      const Preview got = preview_lens(
          scene,
          {.pixel_scale_arcsec = 0.168, .seeing_fwhm_arcsec = 0.7, .size = 64, .background_rms = 0.04, .gain = 50, .contrast = contrast});
      EXPECT_NEAR(got.signal_to_noise, want, 0.03 * want) << contrast << " " << source.x;
    }
  }
}

/// What the renderer says of a ring.
double rendered_signal_to_noise(const render::Scene& scene) {
  const render::Psf psf = render::GaussianPsf{0.7};
  const render::Rendering seen = render::render(scene, {&psf, 1}, {.size = 64, .pixel_scale_arcsec = 0.168, .tolerance = 1e-5});
  return best_signal_to_noise(seen.arcs[0], seen.image[0], {.background_rms = 0.04, .gain = 50});
}

constexpr PreviewOptions ring_options{
    .pixel_scale_arcsec = 0.168, .seeing_fwhm_arcsec = 0.7, .size = 64, .background_rms = 0.04, .gain = 50};

// R_e = .06 arcsec: samples as many as LensSample takes.
TEST(LensPreview, SeesASourceNarrowerThanItsPixels) {
  constexpr double radius = 0.06;
  PreviewOptions finer = ring_options;
  finer.finer = 3;
  for (const render::Point source : {render::Point{0.05, 0.02}, render::Point{0.31, -0.17}, render::Point{-0.13, 0.52},
                                     render::Point{0.71, 0.4}, render::Point{-0.9, -0.63}}) {
    const render::Scene scene = ring(source, radius);
    const render::Psf none = render::NoPsf{};
    const render::Rendering seen = render::render(scene, {&none, 1}, {.size = 64, .pixel_scale_arcsec = 0.168, .tolerance = 1e-5});
    const double magnification = rendered_magnification(seen.arcs[0], 5), snr = rendered_signal_to_noise(scene);
    const Preview got = preview_lens(scene, finer);
    EXPECT_NEAR(got.magnification, magnification, 0.1 * magnification) << source.x;
    EXPECT_NEAR(got.signal_to_noise, snr, 0.1 * snr) << source.x;
  }
}

// Arcs that fall short by themselves do so before the deflector; all others are looked at there.
TEST(LensPreview, RefusesByTheArcsAloneOnlyWhatTheRendererRefuses) {
  int by_arcs = 0;
  for (const render::Point source : {render::Point{}, render::Point{0.3, -0.2}, render::Point{-0.1, 0.7}, render::Point{1.2, 0.1}}) {
    const render::Scene scene = ring(source);
    const double rendered = rendered_signal_to_noise(scene), known = preview_lens(scene, ring_options).signal_to_noise;
    for (const double times : {0.5, 0.9, 1.1, 1.5, 4.0}) {
      PreviewOptions limited = ring_options;
      limited.min_snr = times * rendered;
      const double got = preview_lens(scene, limited).signal_to_noise;
      EXPECT_EQ(got<limited.min_snr, times> 1) << source.x << " " << times;
      // What the arcs alone have is more than what is left before the deflector.
      if (got != known) {
        ++by_arcs;
        EXPECT_GT(got, known);
        EXPECT_LT(got, limited.min_snr);
      }
    }
  }
  EXPECT_GT(by_arcs, 0);
}

TEST(LensPreview, DoesNotWorkOutTheSignalToNoiseOfTooLittleMagnification) {
  const Preview got = preview_lens(ring({0, 1}), {.pixel_scale_arcsec = 0.168, .min_magnification = 10});
  EXPECT_LT(got.magnification, 10);
  EXPECT_EQ(got.signal_to_noise, 0);
}

}  // namespace
}  // namespace lensfind::simulate
