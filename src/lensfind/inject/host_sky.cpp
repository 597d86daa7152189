#include "lensfind/inject/host_sky.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/median.h"
#include "lensfind/image/image_statistics.h"

namespace lensfind::inject {
namespace {

bool is_edge(image::ImageShape shape, int row, int column) {
  return std::min({row, column, shape.height - 1 - row, shape.width - 1 - column}) < std::max(2, shape.width / 8);
}

/// Of pixels so far apart in a row or a column along the edge, those beyond three rms left out: sources are no noise.
double edge_correlation(image::ImageView image, int band, double middle, double rms, int apart) {
  double products = 0, squares = 0;
  const auto add = [&](int row, int column, int next_row, int next_column) {
    if (next_row >= image.shape.height || next_column >= image.shape.width || !is_edge(image.shape, next_row, next_column)) return;
    const double a = image.at(band, row, column) - middle, b = image.at(band, next_row, next_column) - middle;
    if (!(std::abs(a) < 3 * rms && std::abs(b) < 3 * rms)) return;
    products += a * b;
    squares += (a * a + b * b) / 2;
  };
  for (int row = 0; row < image.shape.height; ++row) {
    for (int column = 0; column < image.shape.width; ++column) {
      if (!is_edge(image.shape, row, column)) continue;
      add(row, column, row, column + apart);
      add(row, column, row + apart, column);
    }
  }
  return squares > 0 ? std::clamp(products / squares, -0.5, 0.7) : 0;
}

}  // namespace

Background background(image::ImageView image, int band) {
  std::vector<double> values;
  for (int row = 0; row < image.shape.height; ++row) {
    for (int column = 0; column < image.shape.width; ++column) {
      if (is_edge(image.shape, row, column) && !std::isnan(image.at(band, row, column)))
        values.push_back(static_cast<double>(image.at(band, row, column)));
    }
  }
  if (values.empty()) return {};
  const double middle = median(values);
  for (double& value : values) value = std::abs(value - middle);
  const double rms = 1.4826 * median(values);
  return {rms, {std::max(0., edge_correlation(image, band, middle, rms, 1)), edge_correlation(image, band, middle, rms, 2)}};
}

simulate::NoiseKernel kernel_of(const Background& background) {
  constexpr double of_lanczos = -0.035;  // halfway to its -.07; 64 pixels a side say it to .02
  return simulate::measured_kernel(background.correlations, background.correlations.two_apart < of_lanczos);
}

bool has_no_noise(image::ImageView image) {
  if (image::is_sky_cut_off(image)) return true;
  for (int b = 0; b < image.shape.bands; ++b) {
    if (!(background(image, b).rms > 0)) return true;
  }
  return false;
}

void refuse_without_noise(image::ImageView image, const std::string& name) {
  if (has_no_noise(image)) throw Error{name + ": its sky is cut off at its lowest value: nothing can be painted on it", flux_hint};
}

void refuse_scaled(const image::Image& image, const std::string& name) {
  for (int b = 0; b < image.shape().bands; ++b) {
    float min = 1, max = 0;
    for (const float value : image.band(b)) {
      if (std::isnan(value)) continue;
      min = std::min(min, value);
      max = std::max(max, value);
    }
    if (min != 0 || max != 1) return;
  }
  throw Error{fmt::format("{}: every band runs from 0 to 1: min-max scaled, its fluxes are lost", name),
              "paint on cutouts in flux units; arcs of right brightness cannot be added to scaled ones"};
}

}  // namespace lensfind::inject
