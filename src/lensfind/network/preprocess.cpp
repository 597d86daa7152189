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
  for (const double std_dev : steps.std_dev) {
    if (!(std_dev > 0))
      throw Error{fmt::format("{}: a standard deviation of {}", origin, std_dev), "standard deviations must be greater than 0"};
  }
}

void preprocess(const Preprocessing& steps, int bands, std::size_t pixels_per_band, float* values) {
  if (pixels_per_band == 0) return;
  for (std::size_t index = 0; index < static_cast<std::size_t>(bands); ++index) {
    const std::span<float> band{values + index * pixels_per_band, pixels_per_band};
    if (steps.scaling == Preprocessing::Scaling::minmax) scale_to_unit(band);
    stretch(steps.stretch, band);
    const auto mean = steps.mean.empty() ? 0.0F : static_cast<float>(steps.mean[index]);
    const auto std_dev = steps.std_dev.empty() ? 1.0F : static_cast<float>(steps.std_dev[index]);
    for (float& value : band) value = (value - mean) / std_dev;
  }
}

}  // namespace lensfind::network
