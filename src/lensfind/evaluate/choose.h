#pragma once

#include <optional>
#include <vector>

#include "lensfind/evaluate/scores.h"
#include "lensfind/model/model.h"

namespace lensfind::evaluate {

/// Weighted Platt calibration by Newton: each class carries half the weight, targets 1 - e and e with e = 1 / (lenses + 2) (design/protocol.md). Fewer
/// than 5 lenses or no non-lens: nullopt. `fitted_on` is kept as it is.
std::optional<model::Calibration> fit_calibration(const Scores& labelled, std::string fitted_on);

/// Operating points from labelled scores: `f1` (best F1), `half` (probability .5 at the calibration's prevalence; absent without calibration), `fpr_1e-3`.
std::vector<model::OperatingPoint> choose_thresholds(const Scores& labelled, const std::optional<model::Calibration>& calibration, const std::string& chosen_on);

}  // namespace lensfind::evaluate
