#pragma once

#include <variant>
#include <vector>

#include "lensfind/render/lattice.h"
#include "lensfind/render/moffat.h"

namespace lensfind::render {

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
  /// The kernel as a sum of products, (terms, rows) and (terms, columns), or empty: see factorised.
  std::vector<float> along_y, along_x;
};

using Psf = std::variant<NoPsf, GaussianPsf, MoffatPsf, ImagePsf>;

/// A Moffat profile (1 + (r / alpha)^2)^-beta (Moffat 1969) averaged over pixels, of sum 1; beta > 1. `side`: an odd number of
/// pixels; 0: 4 FWHM on either side.
ImagePsf moffat_psf(double fwhm_arcsec, double beta, double pixel_scale_arcsec, int side = 0);

/// The kernel that makes of pixels' means what the PSF, which has the pixel in it, makes of the scene: without it the pixel counts twice.
/// The square's transfer is divided out up to the frequencies that pixels hold; sums stay.
ImagePsf without_pixel(const ImagePsf& psf);

/// The same PSF with its kernel as a sum of terms separable in y and x (singular value decomposition, as few terms as leave 5e-5 of the
/// greatest pixel), which is faster to convolve with where they are few; unchanged where they are not. Worth its while for a PSF that many
/// images have.
ImagePsf factorised(ImagePsf psf);

/// Deviation of a Gaussian of given full width at half maximum.
double sigma_of_fwhm(double fwhm);
/// Taps of a Gaussian of standard deviation `sigma` pixels, sampled, of sum 1, from the centre outwards.
std::vector<float> gaussian_taps(double sigma, int reach);
/// The same averaged over pixels; as many as matter.
std::vector<float> pixel_gaussian_taps(double sigma);
/// Out to `reach` pixels instead.
std::vector<float> pixel_gaussian_taps(double sigma, double reach);

/// Convolution with an image; `in` reaches `margin` pixels beyond the result.
Plane convolve_image(const Plane& in, const ImagePsf& psf, int margin);
/// Adds up factor x factor pixels after cutting `margin` of them off.
Plane bin(const Plane& in, int factor, int margin);

}  // namespace lensfind::render
