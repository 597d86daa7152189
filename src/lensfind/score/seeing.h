#pragma once

#include <span>
#include <string>
#include <vector>

#include "lensfind/cutouts/inputs.h"

namespace lensfind::score {

/// FWHM in arcsec of each of `bands`, as --seeing gives it: "0.8" for all, or "g=0.8", several with commas or in several texts. NaN for
/// bands that are not named; empty where nothing is given. Of a model that names no bands (`bands` is empty) one number stands for all of
/// its `band_count`. Throws Error that names what cannot be read, and the bands there are.
std::vector<float> parse_seeing(const std::vector<std::string>& given, const std::vector<std::string>& bands, std::size_t band_count);

/// The seeing of an input, a value a band of `out`: of each what a table says, else the header, else rules->input_seeing, else NaN.
/// Says in `fitting` what the first band that is known has it from.
void take_seeing(const cutouts::Input& input, cutouts::Fitting& fitting, std::span<float> out);

}  // namespace lensfind::score
