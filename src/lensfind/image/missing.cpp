#include "lensfind/image/missing.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace lensfind {
namespace {

bool is_missing(float value) { return std::isnan(value); }

}  // namespace

double missing_share(ImageView image) {
  std::ptrdiff_t most = 0;
  for (int b = 0; b < image.shape.bands; ++b) most = std::max(most, std::ranges::count_if(image.band(b), is_missing));
  return static_cast<double>(most) / static_cast<double>(image.shape.pixels());
}

double fill_missing(MutableImageView image) {
  const double share = missing_share(image);
  if (share == 0) return 0;
  std::vector<float> known;
  for (int b = 0; b < image.shape.bands; ++b) {
    known.clear();
    std::ranges::remove_copy_if(image.band(b), std::back_inserter(known), is_missing);
    if (known.empty()) continue;
    const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
    std::ranges::nth_element(known, middle);
    std::ranges::replace_if(image.band(b), is_missing, *middle);
  }
  return share;
}

}  // namespace lensfind
