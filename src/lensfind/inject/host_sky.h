#pragma once

#include <string>

#include "lensfind/image/image.h"
#include "lensfind/simulate/measured_kernel.h"

namespace lensfind::inject {

/// What to do about images that are none of flux.
inline constexpr const char* flux_hint =
    "give images in units of flux: colour pictures and such as were clipped have lost what lies below their sky";

/// The sky along the edge of a cutout: what noise and sources leave of it.
struct Background {
  double rms = 0;                            ///< of a pixel
  simulate::NoiseCorrelations correlations;  ///< next in [0, 0.7], two_apart in [-0.5, 0.7]
};

/// Of one band, from the pixels within an eighth of the side from the edge, missing ones left out. The rms is 1.4826 times the median
/// absolute deviation. {} where all are missing.
Background background(image::ImageView image, int band);

/// What resampling did to the noise of such a sky. Pixels two apart that are less alike than one cutout's scatter allows tell Lanczos
/// kernels.
simulate::NoiseKernel kernel_of(const Background& background);

/// Whether the sky says neither how bright an arc must be to be seen nor how finely it is to be drawn: cut off at its lowest value, or
/// without noise in a band.
bool has_no_noise(image::ImageView image);

/// Throws Error for such a sky, naming the file `name`.
void refuse_without_noise(image::ImageView image, const std::string& name);

/// Throws Error where every band runs from 0 to 1, as min-max scaling leaves it.
void refuse_scaled(const image::Image& image, const std::string& name);

}  // namespace lensfind::inject
