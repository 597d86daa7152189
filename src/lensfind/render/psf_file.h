#pragma once

#include <filesystem>
#include <vector>

#include "lensfind/render/psf.h"

namespace lensfind::render {

/// The PSFs of a FITS file, an image HDU or a plane of a cube each, in order, brought to a sum of 1. Their sizes may differ. Each has odd
/// numbers of rows and columns, at most 255. Throws Error for an image that is even, not finite or without light.
std::vector<ImagePsf> read_psfs(const std::filesystem::path& fits);

/// Full width at half maximum of the Gaussian that has as many effective pixels, 1 / sum(P^2), as the PSF.
double fwhm_arcsec(const ImagePsf& psf, double pixel_scale_arcsec);

}  // namespace lensfind::render
