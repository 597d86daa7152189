#pragma once

#include "lensfind/image/image.h"

namespace lensfind::image {

/// Changes of an image's colours in the units of OpenCV's 8-bit images.
struct HsvShift8Bit {
  double hue = 0;         ///< of [0, 180): a unit is 2 degrees
  double saturation = 0;  ///< of [0, 255]
  double value = 0;       ///< of [0, 255]
};

/// Shifts the colours of three bands in [0, 1], taken as red, green, blue, as albumentations 1.4.20 does it to float images. Values are
/// rounded to 8 bits and go through OpenCV's 8-bit conversion to hue, saturation, value and back, so the results are multiples of 1/255.
/// Shifted hues are rounded down, the other shifts towards zero. Grey has the hue of red and takes on colour. Throws Error for any other
/// number of bands.
void shift_hsv_8bit(MutableImageView image, HsvShift8Bit shift);

}  // namespace lensfind::image
