#pragma once

#include <filesystem>
#include <optional>
#include <span>

#include "lensfind/dataset/layout.h"

namespace lensfind {

/// Side of a pixel of a set's cutouts, arcsec: the survey's in the simulation.toml beside them, else what the headers of FITS cutouts say.
/// Nothing where neither says it, or where headers differ by more than 1%. Reads at most 20 files.
std::optional<double> pixel_scale_of(const Listing& listing);

}  // namespace lensfind
