#pragma once

#include <variant>
#include <vector>

#include "lensfind/simulate/lattice.h"

namespace lensfind::simulate {

/// No point-spread function: pixels hold the scene's mean.
struct NoPsf {};

/// A circular Gaussian, applied to the scene before the pixel.
struct GaussianPsf {
  double fwhm_arcsec = 0.7;
};

/// An image of a star with an odd number of rows and of columns, row by row from the bottom, the pixel's own width already in it, as
/// measured PSFs have it; applied to pixels: out(j, i) = sum of kernel(m, n) in(j - m + h, i - n + h). Flux is conserved where its sum
/// is 1.
struct ImagePsf {
  int rows = 0, columns = 0;
  std::vector<float> kernel;
};

using Psf = std::variant<NoPsf, GaussianPsf, ImagePsf>;

/// A Moffat profile (1 + (r / alpha)^2)^-beta (Moffat 1969) averaged over pixels, of sum 1; beta > 1.
ImagePsf moffat_psf(double fwhm_arcsec, double beta, double pixel_scale_arcsec);

/// Pixels that light may come from beyond the cutout's edge.
int psf_reach(const Psf& psf, double pixel_scale_arcsec);
/// How many times finer than the survey's the pixels must be for the convolution to be right.
int oversampling(const Psf& psf, double pixel_scale_arcsec);

/// Gaussian convolution of `in`, whose pixels are `oversampling` times finer and which reaches `margin` survey pixels beyond the cutout,
/// added up to survey pixels.
Plane convolve_gaussian(const Plane& in, double sigma_fine_pixels, int factor, int margin);
Plane convolve_image(const Plane& in, const ImagePsf& psf, int margin);
/// Any of them; `in` has side factor x (size + 2 margin).
Plane observe(const Plane& in, const Psf& psf, double pixel_scale_arcsec, int factor, int margin);

}  // namespace lensfind::simulate
