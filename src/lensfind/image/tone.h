#pragma once

#include "lensfind/image/image.h"

namespace lensfind::image {

/// value -> value x contrast + brightness, cut to [0, 1].
void change_brightness(MutableImageView image, float contrast, float brightness);

/// value -> value^gamma for values in [0, 1], to 2e-6 of it (1e-5 below 0.001); values below 0 become 0. gamma > 0.
void change_gamma(MutableImageView image, float gamma);

/// Changes of an image's colours; each channel of hue, saturation and value is cut to its range (hue goes round).
struct HsvShift {
  float hue_deg = 0;
  float saturation = 0;  ///< of [0, 1]; grey pixels stay grey
  float value = 0;       ///< of [0, 1]
};

/// Shifts the colours of three bands in [0, 1], taken as red, green, blue (Smith 1978's hexagonal cone, as OpenCV has it). Values outside
/// are cut to [0, 1] first. Throws Error for any other number of bands.
void shift_hsv(MutableImageView image, HsvShift shift);

}  // namespace lensfind::image
