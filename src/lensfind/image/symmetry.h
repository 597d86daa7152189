#pragma once

#include "lensfind/image/image.h"

namespace lensfind::image {

void flip_horizontal(MutableImageView image);  ///< left and right change places
void flip_vertical(MutableImageView image);    ///< top and bottom change places

/// Rows become columns. Throws Error where the image is not square.
void transpose(MutableImageView image);

/// Rotates by `quarters` x 90 degrees counter-clockwise as displayed with row 0 at the top (numpy.rot90 over height and width); any number.
/// Throws Error where the image is not square.
void rotate90(MutableImageView image, int quarters);

/// The symmetries of the square: `element` 0 to 7 rotates by element % 4 quarters, then flips left and right where element >= 4. 0 changes
/// nothing.
constexpr int d4_elements = 8;
void apply_d4(MutableImageView image, int element);

}  // namespace lensfind::image
