#pragma once

#include <filesystem>
#include <optional>

#include "lensfind/sky/position.h"

namespace lensfind::sky {

/// Where the middle of the first image in a FITS file lies that has celestial coordinates, in ICRS; nothing where none has, or where they
/// cannot be read. From any thread.
std::optional<Position> centre_of_image(const std::filesystem::path& fits);

}  // namespace lensfind::sky
