#pragma once

#include <filesystem>
#include <optional>

#include "lensfind/sky/position.h"

namespace lensfind::sky {

/// Where the middle of the first image with celestial coordinates in a FITS file lies, in ICRS. Nothing where no image has them, or where
/// they cannot be read. From any thread.
std::optional<Position> centre_of_image(const std::filesystem::path& fits);

}  // namespace lensfind::sky
