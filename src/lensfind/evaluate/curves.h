#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lensfind/base/label.h"

namespace lensfind::evaluate {

/// What a threshold on the logit selects: the labelled samples with logit >= threshold. Samples that tie are in one step.
struct CurveStep {
  double threshold = 0;
  std::int64_t true_positives = 0;   ///< lenses with logit >= threshold
  std::int64_t false_positives = 0;  ///< non-lenses with logit >= threshold
};

/// A step for each distinct logit of the labelled samples, from the highest. The last step holds all. Samples of unknown label are left
/// out. `logits` and `labels` have the same length; logits are finite.
std::vector<CurveStep> curve_steps(std::span<const double> logits, std::span<const Label> labels);

/// Area under the ROC curve: the chance that a lens has a higher logit than a non-lens, ties counting half (Mann & Whitney 1947). Exact in
/// 64-bit integers up to one division. NaN where a class is missing.
double auc(std::span<const CurveStep> steps);
double auc(std::span<const double> logits, std::span<const Label> labels);

/// Sum over thresholds of precision x step in recall, without interpolation, as scikit-learn's average_precision_score. NaN where there is
/// no lens.
double average_precision(std::span<const CurveStep> steps);
double average_precision(std::span<const double> logits, std::span<const Label> labels);

/// The step of the highest TPR at which at most `max` non-lenses are selected; of equal ones that with the fewest. Nothing where more
/// non-lenses than that come before the first lens.
std::optional<std::size_t> step_of_false_positives(std::span<const CurveStep> steps, std::int64_t max);

/// The largest number of `nonlenses` that is no larger a fraction of them than `false_positive_rate`.
std::int64_t allowed_false_positives(std::int64_t nonlenses, double false_positive_rate);

/// Of a curve that is written or drawn.
inline constexpr std::size_t max_curve_points = 2000;

/// Indices of the at most `max` steps that a drawn curve keeps, ascending: the first, the last, and all of `keep`. Of the others it keeps
/// corners of the ROC curve, thinned evenly along its length on a linear and on a logarithmic false-positive axis. `max` >= 2 +
/// keep.size().
std::vector<std::size_t> thinned_steps(std::span<const CurveStep> steps, std::span<const std::size_t> keep, std::size_t max);

}  // namespace lensfind::evaluate
