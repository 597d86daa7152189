#include "lensfind/network/preprocess.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::network {
namespace {

void scale_to_unit(std::span<float> band) {
  const auto [least, most] = std::minmax_element(band.begin(), band.end());
  const float low = *least;
  const float range = std::max(*most - low, least_range);
  for (float& value : band) value = (value - low) / range;
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
  if (!fits(steps.mean) || !fits(steps.deviation)) {
    throw Error{fmt::format("{}: {} means and {} deviations for {} bands", origin, steps.mean.size(), steps.deviation.size(), bands),
                "give one value a band, or none"};
  }
  for (const double deviation : steps.deviation) {
    if (!(deviation > 0)) throw Error{fmt::format("{}: a deviation of {}", origin, deviation), "deviations must be greater than 0"};
  }
}

void preprocess(const Preprocessing& steps, int bands, std::size_t pixels_per_band, float* values) {
  if (pixels_per_band == 0) return;
  for (std::size_t index = 0; index < static_cast<std::size_t>(bands); ++index) {
    const std::span<float> band{values + index * pixels_per_band, pixels_per_band};
    if (steps.scaling == Preprocessing::Scaling::minmax) scale_to_unit(band);
    stretch(steps.stretch, band);
    const auto mean = steps.mean.empty() ? 0.0F : static_cast<float>(steps.mean[index]);
    const auto deviation = steps.deviation.empty() ? 1.0F : static_cast<float>(steps.deviation[index]);
    for (float& value : band) value = (value - mean) / deviation;
  }
}

}  // namespace lensfind::network
