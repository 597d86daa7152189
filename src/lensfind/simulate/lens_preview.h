#pragma once

#include "lensfind/render/scene.h"

namespace lensfind::simulate {

/// One band's view of a lens, for a quick look.
struct PreviewOptions {
  double pixel_scale_arcsec = 0.2, seeing_fwhm_arcsec = 0.7;
  int size = 64;  ///< most pixels a side
  double background_rms = 1, gain = 1;
  double contrast = 0;           ///< as for best_signal_to_noise
  double theta_e_arcsec = 0;     ///< of all mass about the deflector; 0: the deflector's own
  double min_magnification = 0;  ///< the S/N of less is not worked out and left 0
  double min_snr = 0;            ///< where arcs without the deflector's light have less, that is their S/N
  int finer = 1;                 ///< samples a pixel in each direction, of the sources' light
};

/// What the quick look shows.
struct Preview {
  double magnification = 0, signal_to_noise = 0;
};

/// Magnification and best S/N of the arcs of a scene with one band, one deflector, from samples alone
/// behind a Gaussian PSF: good to some 10% where the source's R_e is their spacing (`finer`) or more.
Preview preview_lens(const render::Scene& scene, const PreviewOptions& options);

}  // namespace lensfind::simulate
