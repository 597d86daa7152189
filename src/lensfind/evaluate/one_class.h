#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/evaluate/calibration.h"
#include "lensfind/evaluate/intervals.h"
#include "lensfind/evaluate/scores.h"

namespace lensfind::evaluate {

/// The fraction of a sample above a threshold.
struct SelectedFraction {
  double threshold = 0;
  std::int64_t selected = 0;
  Estimate fraction;  ///< Jeffreys; groups count as selected_fraction says
};

/// What a sample of lenses alone, or of non-lenses alone, can tell: the fraction above each threshold. That is the recall of lenses and the
/// false-positive rate of non-lenses. What needs both classes (AUC, precision, ...) is not there.
struct OneClassEvaluation {
  Label label = Label::unknown;
  std::int64_t count = 0, unlabelled = 0, not_a_number = 0;
  std::vector<std::pair<OperatingPoint, SelectedFraction>> thresholds;  ///< chosen beforehand
  std::vector<SelectedFraction> curve;                                  ///< from high thresholds to low, at most 2,000
  std::vector<std::string> warnings;
};

/// The one class that is labelled. Nothing where there are both, or neither.
std::optional<Label> only_class(const Scores& scores);

/// Needs one labelled class. Throws Error where both classes, or none, are labelled.
OneClassEvaluation evaluate_one_class(const Scores& scores, const std::vector<OperatingPoint>& thresholds);

/// "recall" or "false_positive_rate".
const char* fraction_name(Label label);

/// evaluation.json of such a sample: counts, thresholds with their fraction, the curve, definitions, warnings.
Value to_json_value(const OneClassEvaluation& evaluation);

}  // namespace lensfind::evaluate
