#pragma once

#include "lensfind/image/image.h"

namespace lensfind::image {

/// Minimum and maximum of some values (at least one), and whether all are finite. If not, min and max mean nothing.
struct ValueRange {
  float min = 0;
  float max = 0;
  bool finite = true;
};
ValueRange range_of(std::span<const float> values);

/// Min-max scaling as the DeepLense set has it: each band by itself to [0, 1]; a constant band becomes 0. Pixels must be finite.
void scale_minmax(MutableImageView image);

/// The middle (shape.height, shape.width) pixels of every band. With an odd margin the larger half lies after the cut, so that pixel (31.5,
/// 31.5) of a 64-pixel cutout stays at the centre of an even cut. Throws Error where `image` is smaller or has another number of bands.
void centre_crop(ImageView image, MutableImageView out);

}  // namespace lensfind::image
