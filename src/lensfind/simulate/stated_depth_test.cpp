#include <cmath>
#include <filesystem>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "lensfind/simulate/cutout.h"

namespace lensfind::simulate {
namespace {

constexpr int size = 96, half = 11;

/// Cutouts in which there is nothing: the target is of magnitude 40.
std::vector<SimulatedCutout> empty_sky(const char* survey) {
  std::vector<std::string> settings{"depth_scatter_mag=0",
                                    "seeing_scatter=0",
                                    "population.source_count_amplitude=1e-9",
                                    "population.star_density_arcmin2=0",
                                    "population.neighbour_i_brightest=39",
                                    "population.field_i_faintest=40",
                                    R"(population.nonlens_kinds=[{kind="field",fraction=1}])"};
  for (const char* fault :
       {"halo", "trail", "mask", "bleed", "oversubtracted", "cosmic_ray", "gap", "uneven_depth", "gradient", "poor_seeing"})
    settings.push_back(std::string{"faults."} + fault + "=0");
  const CutoutMaker maker{find_survey(survey, {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"}, settings)};
  render::Renderer renderer;
  std::vector<SimulatedCutout> out;
  for (std::int64_t number = 0; number < 40; ++number)
    out.push_back(maker.make({.lens = false, .number = number, .size = size, .scaling = Scaling::none, .seed = 21}, renderer));
  return out;
}

using Weights = std::vector<double>;  ///< of 2 half + 1 pixels a side

/// The mean over each pixel of something about the middle, on 12 x 12 points.
Weights over_pixels(const std::function<double(double)>& at_distance) {
  constexpr int parts = 12;
  Weights out;
  for (int row = -half; row <= half; ++row) {
    for (int column = -half; column <= half; ++column) {
      double sum = 0;
      for (int k = 0; k < parts * parts; ++k) {
        const int down = k / parts, across = k % parts;
        sum += at_distance(std::hypot(row - 0.5 + (down + 0.5) / parts, column - 0.5 + (across + 0.5) / parts));
      }
      out.push_back(sum / (parts * parts));
    }
  }
  return out;
}

Weights aperture(double diameter_pixels) {
  return over_pixels([=](double r) { return r < diameter_pixels / 2 ? 1.0 : 0.0; });
}

/// What times an image is the flux of a star fitted by least squares.
Weights star(double fwhm_pixels, double beta) {
  const double alpha = fwhm_pixels / (2 * std::sqrt(std::pow(2, 1 / beta) - 1));
  Weights out = over_pixels([=](double r) { return (beta - 1) / (M_PI * alpha * alpha) * std::pow(1 + r * r / (alpha * alpha), -beta); });
  double squares = 0;
  for (const double value : out) squares += value * value;
  for (double& value : out) value /= squares;
  return out;
}

/// The magnitude of so many deviations of the weighted sums at places 6 pixels apart.
double depth(const std::vector<SimulatedCutout>& cutouts, int band, double zero_point, const Weights& weights, double sigmas) {
  double squares = 0;
  int number = 0;
  for (const SimulatedCutout& cutout : cutouts) {
    const auto pixels = cutout.image.band(band);
    for (int row = 12; row < size - 12; row += 6) {
      for (int column = 12; column < size - 12; column += 6) {
        double sum = 0;
        auto weight = weights.begin();
        for (int y = row - half; y <= row + half; ++y) {
          for (int x = column - half; x <= column + half; ++x)
            sum += *weight++ * static_cast<double>(pixels[static_cast<std::size_t>(y * size + x)]);
        }
        squares += sum * sum;
        ++number;
      }
    }
  }
  return zero_point - 2.5 * std::log10(sigmas * std::sqrt(squares / number));
}

/// Noise that Lanczos kernels have resampled lacks power at the scale of an aperture's edge, and the files' depths take it for white: an
/// aperture is .02 to .06 mag deeper than published (docs/surveys.md).
void expect_aperture_depth(double measured, double published, int band) {
  EXPECT_GE(measured, published - 0.02) << band;
  EXPECT_LE(measured, published + 0.1) << band;
}

// 5,760 places; those nearer than an aperture share pixels, so that a depth is uncertain by about .015 mag. Abbott et al. (2021) and
// Kuijken et al. (2019).
TEST(StatedDepth, EmptySkyHasTheAperturesDepthsOfDesAndKids) {
  const std::vector<SimulatedCutout> des = empty_sky("des"), kids = empty_sky("kids");
  const double des_published[] = {24.7, 24.4, 23.8}, kids_published[] = {25.12, 25.02, 23.68};
  for (int b = 0; b < 3; ++b) {
    expect_aperture_depth(depth(des, b, 30, aperture(1.95 / 0.263), 10), des_published[b], b);
    expect_aperture_depth(depth(kids, b, 30, aperture(2 / 0.2), 5), kids_published[b], b);
  }
}

// Of point sources (Aihara et al. 2022).
TEST(StatedDepth, EmptySkyHasThePointSourcesDepthOfHsc) {
  const std::vector<SimulatedCutout> hsc = empty_sky("hsc");
  const double published[] = {26.5, 26.5, 26.2}, seeing[] = {0.79, 0.75, 0.61};
  for (int b = 0; b < 3; ++b) EXPECT_NEAR(depth(hsc, b, 27, star(seeing[b] / 0.168, 3.5), 5), published[b], 0.08) << b;
}

}  // namespace
}  // namespace lensfind::simulate
