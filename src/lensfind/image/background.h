#pragma once

#include <span>

namespace lensfind::image {

/// The sky of one band: its level, and the standard deviation of its pixels.
struct Background {
  float level = 0;
  float noise = 0;
};

/// Median and 1.4826 times the median absolute deviation of the pixels. Pixels off by over 3 standard deviations are left out, again and
/// again until none is. Pixels that are not finite are passed over; {0, 0} if none is finite. An object that fills most of the pixels
/// counts as sky.
Background background_of(std::span<const float> pixels);

}  // namespace lensfind::image
