#include "lensfind/image/missing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "lensfind/image/vectorised.h"

namespace lensfind::image {
namespace {

bool is_missing(float value) { return std::isnan(value); }

}  // namespace

bool all_finite(std::span<const float> values) {
  constexpr std::size_t lanes = 32;
  std::array<float, lanes> sums{};
  // NaN and infinity less themselves are NaN, all else is 0.
  vectorised([&] {
    for (; values.size() >= lanes; values = values.subspan(lanes)) {
      for (std::size_t i = 0; i < lanes; ++i) sums[i] += values[i] - values[i];
    }
  });
  return std::ranges::none_of(sums, is_missing) && std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

double missing_fraction(ImageView image) {
  if (all_finite(image.values())) return 0;
  std::ptrdiff_t max = 0;
  for (int b = 0; b < image.shape.bands; ++b) max = std::max(max, std::ranges::count_if(image.band(b), is_missing));
  return static_cast<double>(max) / static_cast<double>(image.shape.pixels());
}

double fill_missing(MutableImageView image) {
  const double fraction = missing_fraction(image);
  if (fraction == 0) return 0;
  std::vector<float> known;
  for (int b = 0; b < image.shape.bands; ++b) {
    known.clear();
    std::ranges::remove_copy_if(image.band(b), std::back_inserter(known), is_missing);
    if (known.empty()) continue;
    const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
    std::ranges::nth_element(known, middle);
    std::ranges::replace_if(image.band(b), is_missing, *middle);
  }
  return fraction;
}

}  // namespace lensfind::image
