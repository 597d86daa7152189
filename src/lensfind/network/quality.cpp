#include "lensfind/network/quality.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/network/preprocess.h"

namespace lensfind::network {
namespace {

/// Of a mean: values that vary less are one value, whose digits are rounding.
constexpr double least_scatter_of_mean = 1e-4;

float standardised(float value, double mean, double std_dev) {
  if (!(std_dev > 0)) return 0;
  const float deviation = (value - static_cast<float>(mean)) * static_cast<float>(1 / std_dev);
  return std::abs(deviation) <= largest_deviation ? deviation : 0;  // NaN compares with nothing
}

/// Mean and scatter of one column of the rows over the values that are known.
std::pair<double, double> mean_and_scatter(std::span<const std::vector<float>> rows, std::size_t column) {
  double sum = 0, squares = 0, count = 0;
  for (const std::vector<float>& row : rows) {
    if (!std::isfinite(row[column])) continue;
    sum += static_cast<double>(row[column]);
    ++count;
  }
  if (count < 2) return {0, 0};
  const double mean = sum / count;
  for (const std::vector<float>& row : rows) {
    if (std::isfinite(row[column])) squares += std::pow(static_cast<double>(row[column]) - mean, 2);
  }
  const double scatter = std::sqrt(squares / count);
  return {mean, scatter > least_scatter_of_mean * std::abs(mean) ? scatter : 0};
}

}  // namespace

void check_quality_scale(const QualityScale& scale, int bands, const std::string& origin) {
  for (const std::vector<double>* list : {&scale.seeing_mean, &scale.seeing_std, &scale.log_noise_mean, &scale.log_noise_std}) {
    const bool finite = std::ranges::all_of(*list, [](double value) { return std::isfinite(value); });
    if (list->size() == static_cast<std::size_t>(bands) && finite) continue;
    throw Error{fmt::format("{}: `condition` has {} numbers for {} bands, or one that is no number", origin, list->size(), bands),
                "the file was changed or damaged: train again"};
  }
}

std::vector<float> log_noise(image::ImageView cutout) {
  std::vector<float> logarithms;
  for (int band = 0; band < cutout.shape.bands; ++band)
    logarithms.push_back(std::log(pixel_scatter(cutout.band(band), cutout.shape.height, cutout.shape.width)));
  return logarithms;
}

void standardised_quality(const QualityScale& scale, std::span<const float> seeing, image::ImageView cutout, std::span<float> out) {
  const auto bands = static_cast<std::size_t>(cutout.shape.bands);
  const std::vector<float> noise = log_noise(cutout);
  for (std::size_t b = 0; b < bands; ++b) {
    out[b] = seeing.empty() ? 0 : standardised(seeing[b], scale.seeing_mean[b], scale.seeing_std[b]);
    out[bands + b] = standardised(noise[b], scale.log_noise_mean[b], scale.log_noise_std[b]);
  }
}

QualityScale quality_scale(std::span<const std::vector<float>> rows, std::size_t bands) {
  QualityScale scale;
  for (std::size_t b = 0; b < bands; ++b) {
    const auto [seeing, seeing_scatter] = mean_and_scatter(rows, b);
    const auto [noise, noise_scatter] = mean_and_scatter(rows, bands + b);
    scale.seeing_mean.push_back(seeing);
    scale.seeing_std.push_back(seeing_scatter);
    scale.log_noise_mean.push_back(noise);
    scale.log_noise_std.push_back(noise_scatter);
  }
  return scale;
}

}  // namespace lensfind::network
