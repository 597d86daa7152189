#include "lensfind/image/scaling.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/vectorised.h"

namespace lensfind::image {
namespace {

// As many minima side by side as fill the vectors: the compiler may not reorder a single one.
constexpr std::size_t lanes = 32;

void extremes_of_lanes(std::span<const float> values, std::array<float, lanes>& min, std::array<float, lanes>& max, std::uint32_t& finite) {
  constexpr std::uint32_t exponent = 0x7f800000U;
  std::array<std::uint32_t, lanes> infinite{};
  for (; values.size() >= lanes; values = values.subspan(lanes)) {
    for (std::size_t i = 0; i < lanes; ++i) {
      const float value = values[i];
      min[i] = value < min[i] ? value : min[i];
      max[i] = value > max[i] ? value : max[i];
      infinite[i] |= (std::bit_cast<std::uint32_t>(value) & exponent) == exponent ? 1U : 0U;
    }
  }
  for (const float value : values) {
    min[0] = value < min[0] ? value : min[0];
    max[0] = value > max[0] ? value : max[0];
    infinite[0] |= (std::bit_cast<std::uint32_t>(value) & exponent) == exponent ? 1U : 0U;
  }
  for (const std::uint32_t seen : infinite) finite &= ~seen;
}

}  // namespace

ValueRange range_of(std::span<const float> values) {
  std::array<float, lanes> min;
  std::array<float, lanes> max;
  std::uint32_t finite = 1;
  min.fill(values[0]);
  max.fill(values[0]);
  vectorised([&] { extremes_of_lanes(values, min, max, finite); });
  return {*std::ranges::min_element(min), *std::ranges::max_element(max), finite == 1};
}

void scale_minmax(MutableImageView image) {
  for (int b = 0; b < image.shape.bands; ++b) {
    const std::span<float> band = image.band(b);
    const ValueRange extremes = range_of(band);
    const float min = extremes.min;
    const float range = extremes.max - min;

    if (!(range > 0)) {
      std::ranges::fill(band, 0.0F);
      continue;
    }
    vectorised([=] {
      for (float& value : band) value = (value - min) / range;
    });
  }
}

void centre_crop(ImageView image, MutableImageView out) {
  const ImageShape from = image.shape;
  const ImageShape to = out.shape;
  if (from.bands != to.bands || from.height < to.height || from.width < to.width) {
    throw Error{fmt::format("a cutout of ({}, {}, {}) cannot be cut to ({}, {}, {})", from.bands, from.height, from.width, to.bands,
                            to.height, to.width),
                "give cutouts with the same bands and at least that size"};
  }
  const int top = (from.height - to.height) / 2;
  const int left = (from.width - to.width) / 2;
  for (int b = 0; b < to.bands; ++b) {
    for (int row = 0; row < to.height; ++row) {
      const float* source = &image.at(b, top + row, left);
      std::copy(source, source + to.width, &out.at(b, row, 0));
    }
  }
}

}  // namespace lensfind::image
