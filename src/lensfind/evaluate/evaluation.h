#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/base/value.h"
#include "lensfind/evaluate/calibration.h"
#include "lensfind/evaluate/cascade_cut.h"
#include "lensfind/evaluate/intervals.h"
#include "lensfind/evaluate/scores.h"

namespace lensfind::evaluate {

/// Numbers of samples by their true class and by which side of a threshold they are on.
struct Confusion {
  std::int64_t true_positives = 0, false_positives = 0, false_negatives = 0, true_negatives = 0;
};

/// The true-positive rate at a false-positive rate: the highest TPR whose FPR does not exceed `false_positive_rate`.
struct TprAtFpr {
  double false_positive_rate = 0;
  Estimate true_positive_rate;
  double threshold = 0;    ///< on the logit; +inf where even the first candidate is a false positive
  bool resolved = false;   ///< nonlenses x fpr >= 3
  bool certified = false;  ///< the one-sided 95% Clopper-Pearson upper bound of the FPR at the threshold does not exceed fpr
};

/// What a row of each class counts for in its fraction above a threshold: 1, or less where several rows show one sky object
/// (effective_weights).
struct EffectiveWeight {
  double lens = 1, nonlens = 1;
};

/// What happens at a threshold that was chosen beforehand.
struct AtThreshold {
  OperatingPoint point;
  Estimate f1, precision, recall, accuracy;
  Confusion confusion;
  EffectiveWeight effective_weight;
};

/// What a survey of 10^6 objects at a prevalence would give at an operating point.
struct AtPrevalence {
  double prevalence = 0;
  std::string point;  ///< name of the operating point
  Estimate purity, candidates, found, missed;
};

/// A point of the drawn ROC curve.
struct RocPoint {
  double false_positive_rate = 0, true_positive_rate = 0, threshold = 0;
  EffectiveWeight effective_weight;
};
struct PrecisionRecallPoint {
  double recall = 0, precision = 0, threshold = 0;
};

/// One bin of the reliability diagram; bins are equal in log odds.
struct ReliabilityBin {
  double mean_probability = 0;
  Estimate observed;  ///< Jeffreys
  std::int64_t count = 0;
};

/// Whether probabilities hold (docs/statistics.md, "Probabilities").
struct CalibrationEstimates {
  Estimate slope, intercept, expected_calibration_error;
  double expected_intercept = 0;  ///< the intercept of probabilities that hold: not 0 where they are meant for another fraction of lenses
  std::vector<ReliabilityBin> bins;
};

/// Every figure of docs/evaluation.md; what evaluation.json holds.
struct Evaluation {
  std::int64_t lenses = 0, nonlenses = 0, unlabelled = 0, not_a_number = 0;
  Estimate auc, average_precision;
  std::vector<TprAtFpr> tpr_at_fpr;  ///< 1e-1, 1e-2, 1e-3, 1e-4
  Estimate tpr0, tpr10;
  std::optional<Estimate> brier, log_loss;  ///< where probabilities are given
  std::optional<CalibrationEstimates> calibration;
  std::vector<AtThreshold> thresholds;
  std::vector<AtPrevalence> at_prevalence;
  std::vector<RocPoint> roc;  ///< at most 2,000 points, from (0, 0) to (1, 1)
  std::vector<PrecisionRecallPoint> precision_recall;
  std::optional<CascadeCut> cascade;  ///< what a cascade's cut does to these samples
  std::vector<std::string> warnings;  ///< what a reader must know: too few lenses, unresolved rates, ...
};

/// What `evaluate` is told besides the scores.
struct EvaluationOptions {
  std::vector<OperatingPoint> thresholds;  ///< chosen beforehand; empty: no `thresholds` in the result
  std::vector<double> prevalences{1e-2, 1e-3, 1e-4, 1e-5};
  /// The fraction of lenses that the table's probabilities are meant for, where it is known to differ from the table's own.
  std::optional<double> stated_prevalence;
  std::uint64_t seed = 0;  ///< of the bootstrap
  int bootstrap_draws = 1000;
};

/// All figures of a labelled table. Throws Error where there is no lens or no non-lens.
Evaluation evaluate(const Scores& scores, const EvaluationOptions& options, Progress& progress = no_progress());

/// evaluation.json as docs/files.md spells it.
Value to_json_value(const Evaluation& evaluation);
/// Its member `cascade`, and what the numbers mean.
Value to_json_value(const CascadeCut& cut);
extern const char* const cascade_definition;

/// One figure of two models on the same samples: first minus second.
struct PairedDifference {
  std::string figure;                 ///< "auc", "average_precision", "tpr_at_fpr_1e-1", "tpr_at_fpr_1e-2", "tpr_at_fpr_1e-3"
  std::size_t first = 0, second = 0;  ///< indices of the models, first < second
  Estimate difference;
  double standard_error = 0;  ///< of the difference, from the samples under test
  double degrees_of_freedom = 1;
  double p_value = 1;           ///< two-sided, of no difference
  double adjusted_p_value = 1;  ///< for all pairs of the same figure together (Holm 1979)
};

/// Every figure of every pair of models, figure by figure. Both models see the same lenses, so the difference is known better than its
/// parts. AUC is by DeLong's covariance, the rest by a bootstrap that draws the same groups for all models. Every table must hold the same
/// ids with the same labels, in any order; else Error. Groups are those of the first table.
std::vector<PairedDifference> paired_differences(const std::vector<Scores>& models, const EvaluationOptions& options,
                                                 Progress& progress = no_progress());

/// Fills in the p-values adjusted for all differences of the same figure together (Holm 1979).
void adjust_p_values(std::span<PairedDifference> family);

/// A sentence: which is better by how much, or that these samples cannot tell.
std::string in_words(const PairedDifference& difference, const std::vector<std::string>& names);

}  // namespace lensfind::evaluate
