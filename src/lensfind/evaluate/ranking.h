#pragma once

#include <array>
#include <span>

#include "lensfind/evaluate/curves.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/labelled.h"
#include "lensfind/evaluate/spread.h"

namespace lensfind::evaluate {

/// DeLong's placements: of each lens the fraction of non-lenses below it, of each non-lens the fraction of lenses above it, ties counting
/// half. Their mean over either class is the AUC. O(n) from the steps (Sun & Xu 2014).
std::vector<double> placements(const LabelledScores& scores, std::span<const CurveStep> steps);

/// 95% interval of an AUC on the logit scale with Student's t. Towards 1/2 it starts from an AUC shrunk by half a pair, and from a variance
/// with one more observation, that of exponential scores (Hanley & McNeil 1982). So AUC = 1 has no zero width (docs/statistics.md).
Estimate auc_interval(double auc, const Spread& spread);

/// The same from its parts, for other figures between 0 and 1 (average precision). `of_class` are the variances that non-lenses and lenses
/// add.
Estimate shrunken_logit_interval(double value, const std::array<double, 2>& of_class, const std::array<double, 2>& groups,
                                 double covariance);

/// TPR at the threshold that a false-positive rate allows. The interval holds the uncertainty of the threshold (the number of non-lenses
/// above the true one is binomial) and of the lenses.
Estimate tpr_interval(const LabelledScores& scores, std::span<const CurveStep> steps, double value, double false_positive_rate);

/// tpr_at_fpr's entry for one false-positive rate.
TprAtFpr tpr_at_fpr(const LabelledScores& scores, std::span<const CurveStep> steps, double false_positive_rate);

/// TPR while fewer than `false_positives` + 1 non-lenses are selected. The interval is that of the TPR at the false-positive rate
/// (false_positives + 1) / (non-lenses + 1), the mean rate of the next non-lens. With no more non-lenses than that the value is always 1
/// and says nothing, so the interval is [0, 1].
Estimate tpr_at_false_positives(const LabelledScores& scores, std::span<const CurveStep> steps, std::int64_t false_positives);

}  // namespace lensfind::evaluate
