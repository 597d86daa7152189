#pragma once

#include "lensfind/image/image.h"

namespace lensfind::image {

/// Gives each pixel the mean of the `side` x `side` square around it, in place. Outside of the image it is mirrored about its outermost
/// pixels (dcb|abcd|cba). Throws Error where `side` is even, less than 1 or over 2 x the image's smaller side - 1.
void box_blur(MutableImageView image, int side);

/// Smooths in place with the kernel that OpenCV's GaussianBlur takes for `side` pixels where no width is given; borders as box_blur. Sides
/// are 3 (weights 1, 2, 1; variance 1/2 pixel^2 along each axis), 5 (1, 4, 6, 4, 1) and 7. Throws Error for others, and where the image is
/// smaller than (side + 1) / 2 pixels.
void gaussian_blur(MutableImageView image, int side);

/// Smooths in place with the discrete Gaussian of standard deviation `sigma` pixels, from 0 to 10 (Lindeberg 1990: the weight at n pixels
/// is exp(-t) I_n(t) with t = sigma^2 and the modified Bessel function I_n). Its variance is sigma^2 for widths below a pixel too, and two
/// of them after another are one whose variance is the sum. Weights beyond 4 sigma + 2 pixels are left out, and beyond the image's smaller
/// side - 1. Borders as box_blur. Throws Error for another sigma.
void discrete_gaussian_blur(MutableImageView image, double sigma);

}  // namespace lensfind::image
