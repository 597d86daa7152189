#pragma once

#include <span>

#include "lensfind/image/image.h"

namespace lensfind::image {

/// Whether no value is NaN or infinite.
bool all_finite(std::span<const float> values);

/// Largest fraction of pixels of a band that are missing (NaN).
double missing_fraction(ImageView image);

/// Gives missing pixels (NaN) of each band the median of the others. A band without any others stays as it is. Returns the
/// missing_fraction() from before.
double fill_missing(MutableImageView image);

}  // namespace lensfind::image
