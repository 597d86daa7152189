#pragma once

#include <string>

#include "lensfind/image/image.h"

namespace lensfind::cutouts {

/// What is wrong with a cutout's pixels, from worst to mildest. broken: a band with only the values 0, 0.5 and 1, as in a few images of the
/// DeepLense set.
enum class Fault { none, not_finite, constant_band, broken_band };

/// A fault of a cutout's pixels: its kind, and words for it.
struct Finding {
  Fault fault = Fault::none;
  std::string text;  ///< "band 2 is constant"; bands, rows and columns are counted from 0
};

/// The worst fault of a cutout's pixels.
Finding find_fault(image::ImageView image);

/// Throws Error, without a name, where a pixel is not a finite number.
void require_finite(image::ImageView image);

}  // namespace lensfind::cutouts
