#pragma once

#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/labelled.h"

namespace lensfind::evaluate {

/// Mean of (probability - label)^2 over all rows (Brier 1950), as scikit-learn's brier_score_loss. Needs probabilities.
Estimate brier_score(const LabelledScores& scores);

/// Mean of -ln(probability given to the true class), as scikit-learn's log_loss. Probabilities of 0 and 1 count as 2.2e-16 and one minus
/// that.
Estimate log_loss(const LabelledScores& scores);

/// How well the probabilities hold.
/// - Slope and intercept of the labels' logistic regression on ln(p / (1 - p)) (Cox 1958: 1 and 0 for probabilities that hold), by Firth's
///   (1993) penalised likelihood, which is finite for separable classes too.
/// - The expected calibration error: mean |observed - mean probability| over the samples, in bins of unit width in ln(p / (1 - p)). Its
///   interval takes bins near 0 for folded normals (Leone, Nelson & Nottingham 1961).
/// - Those bins.
CalibrationEstimates calibration_figures(const LabelledScores& scores);

}  // namespace lensfind::evaluate
