#pragma once

#include <vector>

#include "lensfind/render/psf.h"
#include "lensfind/render/scene.h"

namespace lensfind::render {

/// A scene's pixels, (size, size) row by row, behind each PSF (all Gaussian or all images), in double precision and with none of the
/// renderer's methods. Squares are split until what each maps to is small beside the source and beside its distance from the source's
/// centre. Two nodes in each direction are then enough. Tests compare with this. For Sersic profiles it is thousands of times slower than
/// Renderer.
std::vector<std::vector<double>> brute_force(const Scene& scene, const std::vector<Psf>& psfs, int size, double pixel_scale_arcsec);

}  // namespace lensfind::render
