#pragma once

#include "lensfind/image/image.h"
#include "lensfind/image/png.h"

namespace lensfind {

/// How brightness becomes grey: `asinh` shows faint arcs and the bright galaxy's core at once (Lupton et al. 2004).
enum class Stretch { linear, sqrt, asinh };

struct PictureOptions {
  Stretch stretch = Stretch::asinh;
  double softening = 8;            ///< of asinh: brightness beyond 1 / softening of the white level is compressed; > 0
  double black_percentile = 40;    ///< of each band's pixels, shown black: the sky, so that the bands get one zero
  double white_percentile = 99.7;  ///< of each band's pixels, shown white ...
  double least_contrast = 12;      ///< ... but no less than this many deviations of the noise above the sky: noise alone stays dim
  int enlargement = 1;             ///< each pixel becomes a square of this side; >= 1
  bool row_0_at_bottom = false;    ///< as astronomers show FITS images; .npy cutouts are shown as numpy's imshow does, row 0 at the top
};

/// A cutout as people look at it. Three or more bands in the order of wavelength (g, r, i, ...) give a colour composite: first band blue,
/// last red, the middle one green; one brightness stretch for all three, so that hues survive it, and pixels too bright for a screen keep
/// their hue. One or two bands give grey (their mean). Bands are first brought to one level (black and white percentiles), so it serves
/// fluxes and min-max scaled cutouts alike. Pixels that are not finite are black. Throws Error where an option is out of range.
Picture picture_of(ImageView image, const PictureOptions& options = {});

}  // namespace lensfind
