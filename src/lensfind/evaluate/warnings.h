#pragma once

#include <string>
#include <vector>

#include "lensfind/evaluate/evaluation.h"

namespace lensfind::evaluate {

/// What a reader of the figures must know, a sentence each: too few samples to mean anything, rates that the non-lenses cannot resolve,
/// rows left out, probabilities that do not hold.
std::vector<std::string> warnings_of(const Evaluation& evaluation);

}  // namespace lensfind::evaluate
