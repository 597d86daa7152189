#pragma once

#include <optional>
#include <vector>

#include "lensfind/evaluate/calibration.h"
#include "lensfind/evaluate/scores.h"

namespace lensfind::evaluate {

/// Weighted Platt calibration by Newton: each class carries half the weight, and targets are 1 - e and e with e = 1 / (lenses + 2)
/// (docs/statistics.md; Platt 1999, Lin, Lin & Weng 2007). Rows of unknown label are left out. With fewer than 5 lenses or no non-lens:
/// nullopt. `fitted_on` is kept as it is.
std::optional<Calibration> fit_calibration(const Scores& labelled, std::string fitted_on);

/// The same for a model that is kept. It is nullopt also where the slope is not above 0, so that higher scores would mean fewer lenses.
std::optional<Calibration> fit_model_calibration(const Scores& labelled, std::string fitted_on);

/// Operating points from labelled scores. Empty without a lens or a non-lens.
/// - `f1`: the highest threshold of the best F1.
/// - `half`: probability .5 at the calibration's prevalence; absent without a calibration of positive slope.
/// - `fpr_1e-3`: the highest TPR whose FPR does not exceed 1e-3; absent where a non-lens comes before the first lens.
std::vector<OperatingPoint> choose_thresholds(const Scores& labelled, const std::optional<Calibration>& calibration,
                                              const std::string& chosen_on);

}  // namespace lensfind::evaluate
