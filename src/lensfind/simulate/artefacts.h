#pragma once

#include <span>
#include <string>

#include "lensfind/base/random.h"
#include "lensfind/image/image.h"

namespace lensfind::simulate {

/// Spoils a cutout as survey images are now and then, whatever it shows: the halo of a saturated star ("halo"), the trail of a satellite
/// through one band ("trail"), or pixels that the pipeline has masked and set to zero in all bands ("mask"). `rms`: of the background, a
/// band. Returns which.
std::string add_artefact(MutableImageView image, std::span<const double> rms, RandomStream& random);

}  // namespace lensfind::simulate
