#include "lensfind/cutouts/faults.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/missing.h"
#include "lensfind/image/scaling.h"

namespace lensfind::cutouts {
namespace {

Finding not_finite(image::ImageView image, int b) {
  const std::span<const float> band = image.band(b);
  const auto at = std::ranges::find_if_not(band, [](float value) { return std::isfinite(value); }) - band.begin();
  return {Fault::not_finite, fmt::format("pixel (band {}, row {}, column {}) is {}", b, at / image.shape.width, at % image.shape.width,
                                         std::isnan(band[static_cast<std::size_t>(at)]) ? "not a number" : "infinite")};
}

bool is_broken(std::span<const float> band) {
  return std::ranges::all_of(band, [](float value) { return value == 0 || value == .5F || value == 1; });
}

}  // namespace

Finding find_fault(image::ImageView image) {
  Finding worst;
  for (int b = 0; b < image.shape.bands; ++b) {
    const image::ValueRange range = image::range_of(image.band(b));
    if (!range.finite) return not_finite(image, b);
    if (worst.fault == Fault::constant_band) continue;
    if (range.min == range.max) {
      worst = {Fault::constant_band, fmt::format("band {} is constant", b)};
    } else if (worst.fault == Fault::none && is_broken(image.band(b))) {
      worst = {Fault::broken_band, fmt::format("band {} is broken: it holds only the values 0, 0.5 and 1", b)};
    }
  }
  return worst;
}

void require_finite(image::ImageView image) {
  if (!image::all_finite(image.values())) throw Error{find_fault(image).text, "mask or replace such pixels"};
}

}  // namespace lensfind::cutouts
