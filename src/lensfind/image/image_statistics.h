#pragma once

#include <optional>
#include <vector>

#include "lensfind/image/image.h"

namespace lensfind::image {

/// What tells the images of one survey from those of another, in a cutout's own units of flux and pixels.
struct ImageStatistics {
  std::vector<double> sky_level;  ///< a value a band (background.h)
  std::vector<double> sky_noise;  ///< standard deviation of a pixel of the sky, a band
  std::vector<double> lowest;     ///< maximum pixel, a band
  std::vector<double> highest;    ///< maximum pixel, a band
  double saturated = 0;  ///< fraction of pixels within 0.5% of the range below a band's highest, in the worst band. Flat tops have many
  std::optional<double> seeing_fwhm_pixels =
      {};  ///< width of the sharpest source; none where nothing stands 20 standard deviations above the sky
};

/// Measures a cutout; its pixels must be finite. Shape (bands, height, width), 1 band at least. A rim that holds one value a band, as
/// cutouts have that were too small and filled up, is left out.
ImageStatistics image_statistics(ImageView image);

/// Full width at half maximum of the sharpest source, in pixels. Sources are the local maxima that stand 20 standard deviations above the
/// sky in the sum of all bands, each divided by its noise. The width of one is twice the mean of the distances at which its flux falls to
/// half to the left, right, above and below; the smallest is returned. Peaks within 2 pixels of the edge, or whose flux does not fall to
/// half within 16 pixels, are passed over.
std::optional<double> sharpest_width(ImageView image);

/// Whether the sky of a band was cut off from below, as colour pictures have it: of the pixels that are not missing (NaN) more than 5%
/// have the lowest value. The noise of such a sky cannot be measured. A band without any pixel counts as cut off.
bool is_sky_cut_off(ImageView image);

}  // namespace lensfind::image
