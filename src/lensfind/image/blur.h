#pragma once

#include "lensfind/image/image.h"

namespace lensfind {

/// The mean of a square of `side` x `side` pixels around each, in place; outside of the image it is mirrored about its outermost pixels
/// (dcb|abcd|cba). Throws Error where `side` is even, less than 1 or over 2 x the image's smaller side - 1.
void box_blur(MutableImageView image, int side);

}  // namespace lensfind
