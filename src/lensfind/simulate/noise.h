#pragma once

#include "lensfind/base/random.h"
#include "lensfind/simulate/lattice.h"
#include "lensfind/simulate/survey.h"

namespace lensfind::simulate {

/// Noise of one band of a sky-subtracted stack: a flat background and the photons of what is seen.
struct Noise {
  double background_rms = 1;  ///< a pixel, in the image's flux unit
  double gain = 1;            ///< electrons a flux unit
};

/// Number of pixels that a Gaussian PSF's matched filter counts, 1 / sum(P^2), P integrated over pixels, the star at a pixel's centre.
double effective_pixels(double fwhm_arcsec, double pixel_scale_arcsec);

/// rms in electrons a second and pixel of `exposures` exposures, each read out once: sqrt(exposures read_noise^2 + T S) / T.
double background_rms_of_exposures(double sky_e_s, double read_noise_e, double exposure_s, double exposures);
/// Electrons a second and pixel of a sky of given brightness.
double sky_electrons(double sky_mag_arcsec2, double zero_point, double pixel_scale_arcsec);
/// m = zero point - 2.5 log10(5 rms sqrt(effective pixels)).
double point_source_depth(double background_rms, double zero_point, double fwhm_arcsec, double pixel_scale_arcsec);

/// A band's noise, in the survey's output unit: from its depth where that is given, else from its exposures.
Noise band_noise(const Survey& survey, std::size_t band);

/// Adds noise: Poisson of sky and source in electrons (as a normal where over 1000 are expected), read noise in the background.
void add_noise(const Noise& noise, Plane& image, RandomStream& random);

}  // namespace lensfind::simulate
