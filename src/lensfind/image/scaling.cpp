#include "lensfind/image/scaling.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind {

void scale_minmax(MutableImageView image) {
  for (int b = 0; b < image.shape.bands; ++b) {
    const std::span<float> band = image.band(b);
    // Branch-free minima and maxima, so that the compiler keeps them in vectors (std::minmax_element does not).
    float least = band[0];
    float most = band[0];
    for (const float value : band) {
      least = value < least ? value : least;
      most = value > most ? value : most;
    }
    if (!(most > least)) {
      std::ranges::fill(band, 0.0F);
      continue;
    }
    const float range = most - least;
    for (float& value : band) value = (value - least) / range;
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

}  // namespace lensfind
