#pragma once

#include <vector>

#include "lensfind/image/image.h"

namespace lensfind::simulate {

/// What looks like a star, as a circular Moffat averaged over pixels.
struct StarFit {
  double row = 0, column = 0;  ///< of its middle
  double flux = 0;             ///< in the image's unit
  double fwhm_pixels = 0;      ///< without the pixel
  double residual = 0;         ///< rms of the stamp's pixels about the fit over the brightest pixel
};

/// A bright compact object's pixels: a square about its brightest, without the background round it.
struct Stamp {
  int row = 0, column = 0;  ///< of the middle pixel
  std::vector<double> pixels;
  double peak = 0;

  static constexpr int half = 10, side = 2 * half + 1;
};

/// Objects whose brightest pixel is over `sky` by 20 to, where that is over 0, `saturation` in all, which are not cut off by the edge, hold
/// no missing pixels and stand apart from others as bright as a quarter of them. The brightest `max_count`.
std::vector<Stamp> bright_stamps(image::ImageView image, int band, double sky, double rms, double saturation, std::size_t max_count = 300);

/// Least squares over place, flux and width, for one exponent of the Moffat.
StarFit fit_star(const Stamp& stamp, double beta);

/// Those of all objects' widths that are stars': the lowest at which they crowd. Within 15% of the narrowest width where at least four, and
/// a tenth of all, lie within such a window; none where there is no such crowd.
struct Crowd {
  double fwhm_pixels = 0;  ///< median of its members
  std::vector<std::size_t> members;
};
Crowd star_crowd(const std::vector<StarFit>& fits);

}  // namespace lensfind::simulate
