// Stars as the renderer draws them, against genuine PSFs: numpy's sums over the images of shared/data/euclid-q1 (one object) and
// des-galaxies (medians of ten). Pixels counted are (sum P)^2 / sum(P^2).
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/render/render.h"
#include "lensfind/simulate/conditions.h"
#include "lensfind/simulate/noise.h"

namespace lensfind::simulate {
namespace {

Survey survey_named(const std::string& name) { return find_survey(name, {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"}); }

struct Star {
  double beyond = 0, effective_pixels = 0;  ///< `beyond`: light beyond a radius over all
};

/// A survey's star in the middle of `side` pixels, an odd number, and its light beyond `radius` pixels.
Star rendered_star(const Survey& of, std::size_t band, int side, double radius) {
  render::Scene scene;
  scene.unlensed.push_back({{.effective_radius_arcsec = 0.02 * of.pixel_scale_arcsec, .index = 0.5}, {1}});
  const render::Psf psf = rendered_psf(of, band, of.seeing_fwhm_arcsec[band]);
  const render::Plane seen = render::render(scene, {&psf, 1}, {.size = side, .pixel_scale_arcsec = of.pixel_scale_arcsec}).image[0];
  double sum = 0, squares = 0, outside = 0;
  for (int row = 0; row < side; ++row) {
    for (int column = 0; column < side; ++column) {
      const auto value = static_cast<double>(seen.at(row, column));
      sum += value;
      squares += value * value;
      if (std::hypot(row - side / 2, column - side / 2) > radius) outside += value;
    }
  }
  return {outside / sum, sum * sum / squares};
}

TEST(GenuinePsfs, EuclidsStarsCountAsManyPixels) {
  const Survey euclid = survey_named("euclid");
  constexpr std::array genuine{13.35, 50.87, 68.11, 75.98};
  for (std::size_t b = 0; b < 4; ++b)
    EXPECT_NEAR(effective_pixels(survey_psf(euclid, b), euclid.pixel_scale_arcsec) / genuine[b], 1, 0.06) << euclid.bands[b];
  // VIS in its image of 21 x 21 pixels, beyond 0.16 arcsec.
  const Star vis = rendered_star(euclid, 0, 21, 1.6);
  EXPECT_NEAR(vis.effective_pixels / 13.35, 1, 0.06);
  EXPECT_NEAR(vis.beyond, 0.346, 0.04);
}

TEST(GenuinePsfs, StarsOfDesHaveTheirWings) {
  Survey des = survey_named("des");
  // Beyond one FWHM of the survey's, and pixels counted.
  constexpr std::array beyond{0.210, 0.204, 0.209}, pixels{58.98, 46.69, 37.63};
  for (std::size_t b = 0; b < 3; ++b) {
    // Seen as sharply as these: the pixels that a PSF counts go as the square of its width.
    const double radius = des.seeing_fwhm_arcsec[b] / des.pixel_scale_arcsec;
    des.seeing_fwhm_arcsec[b] *= std::sqrt(pixels[b] / effective_pixels(survey_psf(des, b), des.pixel_scale_arcsec));
    const Star ours = rendered_star(des, b, 25, radius);
    EXPECT_NEAR(ours.effective_pixels / pixels[b], 1, 0.05) << des.bands[b];
    EXPECT_NEAR(ours.beyond, beyond[b], 0.03) << des.bands[b];
  }
}

}  // namespace
}  // namespace lensfind::simulate
