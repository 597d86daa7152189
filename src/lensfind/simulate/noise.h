#pragma once

#include <cstdint>
#include <span>

#include "lensfind/render/lattice.h"
#include "lensfind/render/psf.h"
#include "lensfind/simulate/resampled_noise.h"
#include "lensfind/simulate/survey.h"

namespace lensfind::simulate {

/// Noise of one band of a sky-subtracted stack: a flat background and the photons of what is seen.
struct Noise {
  double background_rms = 1;  ///< a pixel, in the image's flux unit, before resampling correlates it
  double gain = 1;            ///< electrons a flux unit
  NoiseKernel kernel;         ///< what resampling does to white noise, in x and in y

  /// rms of a pixel after resampling; sums over many pixels keep theirs.
  [[nodiscard]] double pixel_rms() const;
};

/// Number of pixels that a Gaussian PSF's matched filter counts, 1 / sum(P^2), P integrated over pixels, the star at a pixel's centre.
double effective_pixels(double fwhm_arcsec, double pixel_scale_arcsec);
/// The same of any PSF: of a Moffat as it is drawn; of an image of a star, which has the pixel in it, (sum P)^2 / sum(P^2). No PSF: 1.
double effective_pixels(const render::Psf& psf, double pixel_scale_arcsec);

/// rms in electrons a second and pixel of `exposures` exposures, each read out once: sqrt(exposures read_noise^2 + T S) / T.
double background_rms_of_exposures(double sky_e_s, double read_noise_e, double exposure_s, double exposures);
/// Electrons a second and pixel of a sky of given brightness.
double sky_electrons(double sky_mag_arcsec2, double zero_point, double pixel_scale_arcsec);
/// m = zero point - 2.5 log10(5 rms sqrt(effective pixels)).
double point_source_depth(double background_rms, double zero_point, double fwhm_arcsec, double pixel_scale_arcsec);
/// The same behind any PSF.
double point_source_depth(double background_rms, double zero_point, const render::Psf& psf, double pixel_scale_arcsec);

/// A band's PSF as its stars are seen at the survey's seeing: of psf_files the image as it was read.
render::Psf survey_psf(const Survey& survey, std::size_t band);
/// Exponent of a band's Moffat; 0: its PSF is a Gaussian.
double moffat_beta(const Survey& survey, std::size_t band);

/// What the survey's noise_interpolation does to each band's noise.
std::vector<NoiseKernel> noise_kernels(const Survey& survey);

/// A band's noise, in the survey's output unit: from its depth where that is given, else from its exposures.
Noise band_noise(const Survey& survey, std::size_t band);

/// Which random numbers an image's noise takes.
struct NoiseStream {
  std::uint64_t seed = 0, item = 0;
  int band = 0;
};

/// Adds noise: photons of sky and source, and read noise in the background, as normal numbers (Poisson ones where fewer than 1000 electrons
/// of background are expected), then the correlation. `seen`: a row: the columns of whose pixels the noise is drawn, one after the other;
/// correlated, the outermost of them lack what comes from beyond; none: all pixels.
void add_noise(const Noise& noise, const NoiseStream& stream, render::Plane& image, std::span<const render::ColumnSpan> seen = {});

}  // namespace lensfind::simulate
