#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lensfind/dataset/dataset.h"
#include "lensfind/network/preprocess.h"
#include "lensfind/train/recipe.h"

namespace lensfind::train {

/// Names of the cutouts' bands, in order: those asked for, else those that the data's headers say, else g, r, i of three, else band1,
/// band2, ... Throws Error where as many are not asked for as there are.
std::vector<std::string> name_bands(const std::vector<std::string>& asked, const dataset::Dataset& data);

/// Whether the sky's noise goes below 0 in most of the bands of some cutouts that are spread over these: then they are in flux, with the
/// sky subtracted. It does not in min-max scaled cutouts, and in colour pictures turned back into flux.
bool are_sky_subtracted(const dataset::Dataset& data, const std::vector<std::int64_t>& samples);

/// Scaling and stretch with mean and standard deviation of each band over these samples, where the recipe normalises by them.
network::Preprocessing with_statistics(network::Preprocessing steps, Normalise normalise, const dataset::Dataset& data,
                                       const std::vector<std::int64_t>& samples);

/// Bytes of this machine's memory.
double memory_of_machine();

}  // namespace lensfind::train
