#include "lensfind/simulate/patterns.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include <gtest/gtest.h>

#include "lensfind/render/render.h"

namespace lensfind::simulate {
namespace {

struct Pixel {
  double x, y, flux;
};

/// Of a canvas's picture, arcsec from its middle.
std::vector<Pixel> pixels_of(const Canvas& canvas) {
  const render::Light light = canvas.light({});
  std::vector<Pixel> out;
  for (int row = 0; row < light.image->rows; ++row) {
    for (int column = 0; column < light.image->columns; ++column) {
      out.push_back({(column - 0.5 * (light.image->columns - 1)) * canvas.pixel_arcsec(),
                     (row - 0.5 * (light.image->rows - 1)) * canvas.pixel_arcsec(),
                     static_cast<double>(light.image->flux[static_cast<std::size_t>(row * light.image->columns + column)])});
    }
  }
  return out;
}

/// The pitch angle by the two-dimensional Fourier transform in ln r and the angle (Saraiva Schroeder et al. 1994; Davis et al. 2012): where
/// |sum of I exp(-i (m phi + p ln r))| is greatest, tan(pitch) = -m / p. Positive where arms open with rising angle.
double pitch_of(const std::vector<Pixel>& pixels, int arms, double from, double to) {
  constexpr double first = -40, step = 0.25;
  std::vector<std::complex<double>> terms, turns;  // of a pixel: what it adds to the sum, and what takes it from one p to the next
  for (const Pixel& pixel : pixels) {
    const double r = std::hypot(pixel.x, pixel.y);
    if (r < from || r > to) continue;
    // Weighted so that equal steps of ln r count alike, whatever the disk's fall.
    terms.push_back(std::polar(pixel.flux * std::exp(r) / (r * r), -(arms * std::atan2(pixel.y, pixel.x) + first * std::log(r))));
    turns.push_back(std::polar(1.0, -step * std::log(r)));
  }
  double best = 0, at = 0;
  for (double p = first; p <= 40; p += step) {
    std::complex<double> sum;
    for (std::size_t k = 0; k < terms.size(); ++k) {
      sum += terms[k];
      terms[k] *= turns[k];
    }
    if (std::abs(sum) > best) {
      best = std::abs(sum);
      at = p;
    }
  }
  return std::atan(-arms / at);
}

TEST(Patterns, SpiralsHaveThePitchAngleAskedFor) {
  for (const int number : {2, 3, 4}) {
    for (const double degrees : {12.0, 20.0, 33.0}) {
      for (const double sense : {1.0, -1.0}) {
        const SpiralArms arms{
            .number = number, .pitch_rad = degrees * std::numbers::pi / 180, .sense = sense, .start_rad = 0.7, .inner_arcsec = 0.2};
        Canvas canvas{5, 0.05};
        arms.draw(canvas);
        EXPECT_NEAR(pitch_of(pixels_of(canvas), number, 0.6, 4) * 180 / std::numbers::pi, sense * degrees, 1.2)
            << number << " arms, " << degrees << " degrees, " << sense;
      }
    }
  }
}

// Drawn in single precision, many places at once.
TEST(Patterns, SpiralsAreAsBrightAsTheirFormulaSays) {
  for (const int arms : {2, 3, 4}) {
    const SpiralArms spiral{.number = arms,
                            .pitch_rad = 0.2,
                            .sense = arms == 3 ? -1.0 : 1.0,
                            .start_rad = 2.5,
                            .width = 0.5,
                            .scale_arcsec = 0.8,
                            .inner_arcsec = 0.4,
                            .lopsided = 0.3,
                            .axis_ratio = 0.7,
                            .angle_rad = 0.9};
    Canvas canvas{3, 0.05};
    spiral.draw(canvas);
    double all = 0, worst = 0, greatest = 0;
    const std::vector<Pixel> pixels = pixels_of(canvas);
    std::vector<double> want;
    for (const Pixel& pixel : pixels) {
      const double c = std::cos(0.9), s = std::sin(0.9), u = pixel.x * c + pixel.y * s, v = (pixel.y * c - pixel.x * s) / 0.7;
      want.push_back(spiral.brightness(std::hypot(u, v), std::atan2(v, u)));
      all += want.back();
      greatest = std::max(greatest, want.back());
    }
    for (std::size_t k = 0; k < pixels.size(); ++k) worst = std::max(worst, std::abs(all * pixels[k].flux - want[k]));
    EXPECT_LT(worst, 2e-5 * greatest) << arms;
  }
}

TEST(Patterns, RidgesOfArmsAreWhereTheyAreBrightest) {
  const SpiralArms arms{.number = 3, .pitch_rad = 0.35, .sense = -1, .start_rad = 1.1, .axis_ratio = 0.6, .angle_rad = 0.8};
  for (const double radius : {0.8, 1.5, 2.4}) {
    const render::Point at = arms.ridge(radius, 1);
    const double c = std::cos(0.8), s = std::sin(0.8), u = at.x * c + at.y * s, v = (at.y * c - at.x * s) / 0.6;
    EXPECT_NEAR(std::hypot(u, v), radius, 1e-9);
    const double here = arms.brightness(radius, std::atan2(v, u));
    EXPECT_GT(here, arms.brightness(radius, std::atan2(v, u) + 0.1));
    EXPECT_GT(here, arms.brightness(radius, std::atan2(v, u) - 0.1));
  }
}

TEST(Patterns, RingsHaveTheirRadiusWidthAndShape) {
  const Ring ring{.radius_arcsec = 2, .width_arcsec = 0.25, .axis_ratio = 0.5, .angle_rad = 0.4, .cosines = {}, .sines = {}};
  Canvas canvas{4, 0.05};
  ring.draw(canvas, {0.3, -0.2});
  double flux = 0, x = 0, y = 0, radius = 0, square = 0;
  for (const Pixel& p : pixels_of(canvas)) {
    flux += p.flux;
    x += p.flux * p.x;
    y += p.flux * p.y;
    const double c = std::cos(0.4), s = std::sin(0.4), u = (p.x - 0.3) * c + (p.y + 0.2) * s, v = ((p.y + 0.2) * c - (p.x - 0.3) * s) / 0.5;
    radius += p.flux * std::hypot(u, v);
    square += p.flux * (u * u + v * v);
  }
  EXPECT_NEAR(x, 0.3, 1e-3);
  EXPECT_NEAR(y, -0.2, 1e-3);
  // With the circle's growth as a weight the mean radius of a Gaussian section is R + w^2 / R, and the variance w^2 (1 - (w / R)^2).
  EXPECT_NEAR(radius, 2 + 0.25 * 0.25 / 2, 2e-3);
  EXPECT_NEAR(std::sqrt(square - radius * radius), 0.25 * std::sqrt(1 - 0.25 * 0.25 / 4), 2e-3);
}

TEST(Patterns, TailsBendAlongTheirCurve) {
  const TidalTail tail{.from_arcsec = 1, .to_arcsec = 4, .start_rad = 0.2, .bend_rad = 1.6, .width_arcsec = 0.1};
  Canvas canvas{6, 0.05};
  tail.draw(canvas);
  double off = 0, flux = 0;
  for (const Pixel& p : pixels_of(canvas)) {
    const double t = (std::hypot(p.x, p.y) - 1) / 3;
    if (t < 0.1 || t > 0.9) continue;
    off += p.flux * std::abs(std::remainder(std::atan2(p.y, p.x) - 0.2 - 1.6 * t, 2 * std::numbers::pi));
    flux += p.flux;
  }
  EXPECT_LT(off / flux, 0.07);
  EXPECT_GT(flux, 0.7);
}

TEST(Patterns, ShellsEndSharplyAndStandByTurns) {
  const Shells shells{.radii_arcsec = {2, 3}, .angle_rad = 0, .opening_rad = 0.6, .depth_arcsec = 0.4};
  Canvas canvas{4, 0.04};
  shells.draw(canvas);
  const auto near = [&](double x) {
    double sum = 0;
    for (const Pixel& p : pixels_of(canvas)) sum += std::abs(p.x - x) < 0.1 && std::abs(p.y) < 0.1 ? p.flux : 0;
    return sum;
  };
  EXPECT_GT(near(1.9), 10 * near(2.2));
  EXPECT_GT(near(-2.9), 10 * near(-3.2));
  EXPECT_GT(near(1.9), 3 * near(-1.9));
}

// As fine as a survey's canvas is, pixels after the PSF are those of one three times as fine, to 2% of the peak: thin arms are a few of the
// canvas' pixels wide.
TEST(Patterns, AreDrawnToTheRenderersError) {
  const SpiralArms arms{
      .number = 2, .pitch_rad = 0.3, .width = 0.5, .scale_arcsec = 0.9, .inner_arcsec = 0.4, .axis_ratio = 0.8, .angle_rad = 0.5};
  constexpr double seeing = 0.7, scale = 0.2;
  const auto image = [&](double pixel) {
    Canvas canvas{4, pixel};
    arms.draw(canvas);
    render::Scene scene;
    scene.unlensed.push_back(canvas.light({0.03, -0.05}));
    scene.unlensed.back().flux = {1000};
    const render::Psf psf = render::GaussianPsf{seeing};
    return render::render(scene, {&psf, 1}, {.size = 48, .pixel_scale_arcsec = scale}).image[0];
  };
  const render::Plane coarse = image(scale / 3), fine = image(scale / 9);
  float greatest = 0, peak = 0;
  for (std::size_t k = 0; k < fine.values.size(); ++k) {
    greatest = std::max(greatest, std::abs(coarse.values[k] - fine.values[k]));
    peak = std::max(peak, fine.values[k]);
  }
  EXPECT_LT(greatest / peak, 0.02F);
}

}  // namespace
}  // namespace lensfind::simulate
