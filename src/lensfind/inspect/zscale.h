#pragma once

#include <span>

namespace lensfind::inspect {

/// The values that are shown black and white.
struct DisplayLimits {
  double black = 0, white = 1;
};

/// IRAF's z-scale as astropy's ZScaleInterval has it (contrast .25, at most 1000 samples, 5 rounds of rejection at 2.5 standard
/// deviations): a line through the sorted values about their median, made steeper. Values that are not finite are passed over. {0, 1} where
/// none is left.
DisplayLimits zscale(std::span<const float> values);

}  // namespace lensfind::inspect
