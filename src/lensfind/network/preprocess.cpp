#include "lensfind/network/preprocess.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::network {
namespace {

void scale_to_unit(std::span<float> band) {
  const auto [min, max] = std::minmax_element(band.begin(), band.end());
  const float low = *min;
  const float range = std::max(*max - low, min_range);
  for (float& value : band) value = (value - low) / range;
}

float fourth_root(float value) { return std::sqrt(std::sqrt(value)); }

void scale_to_noise(std::span<float> band, int height, int width) {
  const float whole = scatters_to_one * pixel_scatter(band, height, width);
  for (float& value : band) value /= whole;
}

void stretch(Preprocessing::Stretch kind, std::span<float> band) {
  if (kind == Preprocessing::Stretch::sqrt) {
    for (float& value : band) value = std::copysign(std::sqrt(std::abs(value)), value);
  } else if (kind == Preprocessing::Stretch::asinh) {
    const float whole = std::asinh(asinh_factor);
    for (float& value : band) value = std::asinh(asinh_factor * value) / whole;
  }
}

}  // namespace

void check_preprocessing(const Preprocessing& steps, int bands, const std::string& origin) {
  const auto fits = [bands](const std::vector<double>& values) {
    return values.empty() || values.size() == static_cast<std::size_t>(bands);
  };
  if (!fits(steps.mean) || !fits(steps.std_dev)) {
    throw Error{fmt::format("{}: {} means and {} standard deviations for {} bands", origin, steps.mean.size(), steps.std_dev.size(), bands),
                "give one value a band, or none"};
  }
  if (steps.quality) check_quality_scale(*steps.quality, bands, origin);
  for (const double std_dev : steps.std_dev) {
    if (!(std_dev > 0))
      throw Error{fmt::format("{}: a standard deviation of {}", origin, std_dev), "standard deviations must be greater than 0"};
  }
}

float pixel_scatter(std::span<const float> band, int height, int width) {
  const auto at = [&](int row, int column) {
    return band[static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column)];
  };
  double sum = 0, differing = 0;
  const auto add = [&](float difference) {
    if (difference == 0) return;
    sum += fourth_root(std::abs(difference));
    ++differing;
  };
  for (int row = 0; row < height; ++row)
    for (int column = 0; column + 1 < width; ++column) add(at(row, column + 1) - at(row, column));
  for (int row = 0; row + 1 < height; ++row)
    for (int column = 0; column < width; ++column) add(at(row + 1, column) - at(row, column));
  const double mean = sum / std::max(1., differing);
  float brightest = 0;
  for (const float value : band) brightest = std::max(brightest, std::abs(value));
  return std::max({static_cast<float>(mean * mean * mean * mean) / scatter_of_differences, least_scatter * brightest, min_range});
}

void preprocess(const Preprocessing& steps, image::MutableImageView image) {
  if (image.shape.pixels() == 0) return;
  for (std::size_t index = 0; index < static_cast<std::size_t>(image.shape.bands); ++index) {
    const std::span<float> band{image.data + index * image.shape.pixels(), image.shape.pixels()};
    if (steps.scaling == Preprocessing::Scaling::minmax) scale_to_unit(band);
    if (steps.scaling == Preprocessing::Scaling::noise) scale_to_noise(band, image.shape.height, image.shape.width);
    stretch(steps.stretch, band);
    const auto mean = steps.mean.empty() ? 0.0F : static_cast<float>(steps.mean[index]);
    const auto std_dev = steps.std_dev.empty() ? 1.0F : static_cast<float>(steps.std_dev[index]);
    for (float& value : band) value = (value - mean) / std_dev;
  }
}

}  // namespace lensfind::network
