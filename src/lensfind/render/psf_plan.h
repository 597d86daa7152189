#pragma once

#include <optional>
#include <span>
#include <vector>

#include "lensfind/render/cell_spread.h"
#include "lensfind/render/light_samples.h"
#include "lensfind/render/psf.h"

namespace lensfind::render {

/// Of the Gaussian with which light is spread that several bands share, pixels, and how far it reaches.
constexpr double shared_sigma = 0.75;
constexpr int spread_reach = 4;

/// How one band's PSF, a sum of Gaussians, is applied to samples of light.
struct GaussianBand {
  /// A term: of the convolution with the pixel and the PSF, or what the spreading leaves of it, times the root of the term's weight.
  std::vector<std::vector<float>> taps;
  /// Where pixels are divided into fine ones: of terms so wide that whole pixels can hold what is left of them, the Gaussian that all of
  /// them share in fine pixels, and the rest of each in pixels.
  std::vector<float> before_binning;
  std::vector<std::vector<float>> after_binning;
  std::optional<CellSpread> of_points;  ///< too narrow for shared spreading: points of light become the pixels' means by themselves
};

/// How the PSFs of all bands are applied to one set of samples.
struct Plan {
  SampleUse use = SampleUse::pixel_means;
  int factor = 1;                       ///< fine pixels a pixel, in each direction
  int margin = 0;                       ///< fine pixels beyond the cutout
  std::vector<GaussianBand> gaussians;  ///< a band, where all are such sums
  std::vector<float> spread_taps;
};

/// On square pixels of that side. Throws Error where a Gaussian is under 0.05 or over 2,000 pixels wide.
Plan plan_of(std::span<const Psf> psfs, double pixel_scale_arcsec);

}  // namespace lensfind::render
