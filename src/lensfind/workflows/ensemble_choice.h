#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/combine/finder_scores.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/model/ensemble.h"
#include "lensfind/network/onnx.h"

namespace lensfind::workflows {

/// One way to combine an ensemble's members, judged on cutouts that its fits had not seen.
struct JudgedCombination {
  network::Combine combine{};
  double auc = 0, average_precision = 0;
  evaluate::Estimate over_mean;    ///< its average precision minus that of the mean logit, paired
  evaluate::Estimate over_member;  ///< minus that of the best member by itself
};

/// What validation data say of combining these members.
struct EnsembleChoice {
  std::string judged_on;  ///< which cutouts these are
  std::int64_t lenses = 0, nonlenses = 0;
  std::vector<double> members;          ///< average precision of each by itself
  std::vector<JudgedCombination> ways;  ///< in the order of network::Combine
  network::Combine best{};              ///< that of the highest average precision, or the simplest whose interval against it holds 0
};

/// Judges all combinations on the members' logits (a column each) by cross-validation in `folds` parts: calibrations and weights are fitted
/// on the others. Throws Error with fewer than combine::min_groups lenses or non-lenses.
EnsembleChoice choose_combination(const combine::LabelledRows& rows, const std::string& judged_on, int folds, int bootstrap_draws,
                                  std::uint64_t seed);

/// What one combination takes from all rows.
struct FittedEnsemble {
  model::FittedCombination combination;  ///< its calibration is of scores that were held out
  std::vector<double> logits;            ///< of each row, held out, on the scale of the ensemble's own
};
FittedEnsemble fit_ensemble(const combine::LabelledRows& rows, network::Combine combine, const std::string& fitted_on, int folds,
                            std::uint64_t seed);

/// As --json and model.json's provenance hold it.
Value to_json_value(const EnsembleChoice& choice);

}  // namespace lensfind::workflows
