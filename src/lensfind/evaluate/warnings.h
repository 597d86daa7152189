#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/evaluate/evaluation.h"

namespace lensfind::evaluate {

/// Of fewer samples of a class no figure says much.
inline constexpr std::int64_t fewest_that_mean_anything = 20;

/// What a reader of the figures must know, a sentence each: too few samples to mean anything, rates that the non-lenses cannot resolve,
/// rows left out, probabilities that do not hold. `stated_prevalence` is the prevalence that the probabilities are meant for; a calibration
/// intercept that it alone explains is no fault.
std::vector<std::string> warnings_of(const Evaluation& evaluation, std::optional<double> stated_prevalence = {});

}  // namespace lensfind::evaluate
