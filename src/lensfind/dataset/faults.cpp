#include "lensfind/dataset/faults.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

namespace lensfind {
namespace {

struct BandRange {
  float least;
  float most;
  bool finite;
};

/// One pass without branches, so that the compiler vectorises it: every image of a set goes through here.
BandRange range_of(std::span<const float> band) {
  constexpr std::uint32_t exponent = 0x7f800000U;
  float least = band[0];
  float most = band[0];
  std::uint32_t not_finite = 0;
  for (const float value : band) {
    least = value < least ? value : least;
    most = value > most ? value : most;
    not_finite |= (std::bit_cast<std::uint32_t>(value) & exponent) == exponent ? 1U : 0U;
  }
  return {least, most, not_finite == 0};
}

Finding not_finite(ImageView image, int b) {
  const std::span<const float> band = image.band(b);
  const auto at = std::ranges::find_if_not(band, [](float value) { return std::isfinite(value); }) - band.begin();
  return {Fault::not_finite, fmt::format("pixel (band {}, row {}, column {}) is {}", b, at / image.shape.width, at % image.shape.width,
                                         std::isnan(band[static_cast<std::size_t>(at)]) ? "not a number" : "infinite")};
}

bool is_broken(std::span<const float> band) {
  return std::ranges::all_of(band, [](float value) { return value == 0 || value == .5F || value == 1; });
}

}  // namespace

Finding find_fault(ImageView image) {
  Finding worst;
  for (int b = 0; b < image.shape.bands; ++b) {
    const BandRange range = range_of(image.band(b));
    if (!range.finite) return not_finite(image, b);
    if (worst.fault == Fault::constant_band) continue;
    if (range.least == range.most) {
      worst = {Fault::constant_band, fmt::format("band {} is constant", b)};
    } else if (worst.fault == Fault::none && is_broken(image.band(b))) {
      worst = {Fault::broken_band, fmt::format("band {} is broken: it holds only the values 0, 0.5 and 1", b)};
    }
  }
  return worst;
}

}  // namespace lensfind
