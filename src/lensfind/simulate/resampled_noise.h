#pragma once

#include <vector>

#include "lensfind/base/enum_names.h"

namespace lensfind::simulate {

/// How a coadd's pixels were made from the detectors': by the mean of the nearest two in x and in y, weighted linearly, or by Lanczos's
/// kernel of three or five lobes (SWarp's BILINEAR and LANCZOS3, Bertin et al. 2002; lanczos3 and lanczos5 of LSST's pipelines).
enum class NoiseInterpolation { none, bilinear, lanczos3, lanczos5 };
constexpr auto enum_names(NoiseInterpolation) {
  return names_of<NoiseInterpolation>({{NoiseInterpolation::none, "none"},
                                       {NoiseInterpolation::bilinear, "bilinear"},
                                       {NoiseInterpolation::lanczos3, "lanczos3"},
                                       {NoiseInterpolation::lanczos5, "lanczos5"}});
}

/// A symmetric kernel along x or y: the weight of a pixel's own white noise and those of its neighbours 1, 2, ... away on either side. The
/// sum over both sides is 1, so that sums over many pixels keep their noise. Empty: noise stays white.
using NoiseKernel = std::vector<float>;

/// (c, 1, c) / (1 + 2c), c = `correlation` in [0, 0.5]; of 0 the empty one.
NoiseKernel next_pixel_kernel(double correlation);

/// Covariances of interpolated white noise of unit rms at 0, 1, 2, ... output pixels along one axis, the mean over all phases of the two
/// grids: integrals of the product of two kernels. `native_pixels`: side of the detectors' pixels in output pixels, 0.2 to 20.
std::vector<double> interpolated_covariance(NoiseInterpolation interpolation, double native_pixels);

/// Correlations, 1 at 0, of the median of `exposures` (3 or more) that are interpolated so, each on a grid of its own: dithered exposures
/// meet a pixel at other phases. The median leaves pixels less alike than the mean does, whose correlations are those of one exposure.
/// Drawn (lines of 40,000 detectors' pixels or more in all, always the same random numbers): uncertain by .005 at any `native_pixels`. As
/// far as two kernels overlap, 2 reach native_pixels. Not interpolated: {1}.
std::vector<double> median_correlations(NoiseInterpolation interpolation, double native_pixels, int exposures);

/// The symmetric kernel that gives white noise the covariances of interpolated_covariance(), or with 3 `median_exposures` or more the
/// correlations of median_correlations(): its transform is the root of theirs. Weights of less than .3% of the first that lie beyond all
/// greater ones are left out.
NoiseKernel resampling_kernel(NoiseInterpolation interpolation, double native_pixels, int median_exposures = 0);

/// Sum of the squares over both sides: the variance along one axis of white noise of unit rms. 1 of the empty one.
double kernel_variance(const NoiseKernel& kernel);

}  // namespace lensfind::simulate
