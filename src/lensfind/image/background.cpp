#include "lensfind/image/background.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace lensfind::image {
namespace {

constexpr float mad_to_std = 1.4826F;  // of normal noise
constexpr float clip = 3;
constexpr int max_rounds = 20;

float middle_of(std::span<float> values) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace

Background background_of(std::span<const float> pixels) {
  std::vector<float> kept;
  kept.reserve(pixels.size());
  std::ranges::copy_if(pixels, std::back_inserter(kept), [](float value) { return std::isfinite(value); });
  Background sky;
  std::vector<float> offsets;
  for (int round = 0; round < max_rounds && !kept.empty(); ++round) {
    sky.level = middle_of(kept);
    offsets.resize(kept.size());
    std::ranges::transform(kept, offsets.begin(), [&](float value) { return std::abs(value - sky.level); });
    sky.noise = mad_to_std * middle_of(offsets);
    const std::size_t outliers = std::erase_if(kept, [&](float value) { return std::abs(value - sky.level) > clip * sky.noise; });
    if (outliers == 0) break;
  }
  return sky;
}

}  // namespace lensfind::image
