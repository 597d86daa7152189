#pragma once

#include <filesystem>

#include "lensfind/image/fits.h"

namespace lensfind::cutouts {

/// What the simulation.toml of a simulated set says of its cutouts: names of the bands, pixel scale, and zero points where bands were not
/// scaled to [0, 1]. It is looked for in `place` (a folder, or that of a file) and in the folder above. Empty where there is none, or none
/// of ours. Throws Error where it cannot be read.
image::PixelFacts facts_of_set(const std::filesystem::path& place);

}  // namespace lensfind::cutouts
