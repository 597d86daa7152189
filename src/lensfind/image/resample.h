#pragma once

#include "lensfind/image/image.h"

namespace lensfind::image {

/// The image in pixels `ratio` times as wide, `size` x `size` of them around its middle (both middles coincide). Pixels are fluxes: the sum
/// over an area stays what it was, so ratio 2 sums blocks of 2 x 2.
/// The running sum of each row, then of each column, is known exactly at the edges of its pixels. Between them it is interpolated by cubics
/// with slopes of fourth order (Colella & Woodward 1984). Its differences at the new edges are the new fluxes. Pixels that reach more than
/// a hundredth beyond the edge are NaN. Pixels must be finite; ratio in [1/16, 16], else Error.
Image resample_flux(ImageView image, double ratio, int size);

/// How many pixels of `ratio` times the width fit into `pixels`.
int resampled_size(int pixels, double ratio);

}  // namespace lensfind::image
