#include "lensfind/evaluate/evaluation.h"

#include <cmath>
#include <limits>

#include "lensfind/evaluate/bootstrap.h"
#include "lensfind/evaluate/curves.h"
#include "lensfind/evaluate/decisions.h"
#include "lensfind/evaluate/labelled.h"
#include "lensfind/evaluate/ranking.h"
#include "lensfind/evaluate/reliability.h"
#include "lensfind/evaluate/selected_fraction.h"
#include "lensfind/evaluate/spread.h"
#include "lensfind/evaluate/warnings.h"

namespace lensfind::evaluate {
namespace {

void count_rows(const Scores& scores, Evaluation& out) {
  for (const Score& score : scores) {
    if (std::isnan(score.logit))
      ++out.not_a_number;
    else if (score.label == Label::unknown)
      ++out.unlabelled;
    else
      (score.label == Label::lens ? out.lenses : out.nonlenses) += 1;
  }
}

/// Steps that a drawn curve must not lose: those of reported figures.
std::vector<std::size_t> reported_steps(std::span<const CurveStep> steps, const Evaluation& evaluation) {
  std::vector<std::size_t> kept;
  const std::int64_t nonlenses = steps.back().false_positives;
  for (const TprAtFpr& entry : evaluation.tpr_at_fpr)
    if (const auto step = step_of_false_positives(steps, allowed_false_positives(nonlenses, entry.false_positive_rate)))
      kept.push_back(*step);
  for (const std::int64_t max : {0, 9})
    if (const auto step = step_of_false_positives(steps, max)) kept.push_back(*step);
  for (const AtThreshold& at : evaluation.thresholds) {
    const auto selected = at.confusion.true_positives + at.confusion.false_positives;
    for (std::size_t i = 0; i < steps.size(); ++i)
      if (steps[i].true_positives + steps[i].false_positives == selected) kept.push_back(i);
  }
  return kept;
}

/// The intercept that probabilities for one fraction of lenses have on a set with another: the difference of the log odds.
double intercept_of_prevalence(const Evaluation& e, double stated) {
  return std::log(static_cast<double>(e.lenses) / static_cast<double>(e.nonlenses)) - std::log(stated / (1 - stated));
}

void draw_curves(const LabelledScores& labelled, std::span<const CurveStep> steps, Evaluation& out) {
  const auto lenses = static_cast<double>(out.lenses);
  const auto nonlenses = static_cast<double>(out.nonlenses);
  const std::vector<std::size_t> drawn = thinned_steps(steps, reported_steps(steps, out), max_curve_points - 1);
  std::vector<std::size_t> selected;
  for (const std::size_t i : drawn) selected.push_back(static_cast<std::size_t>(steps[i].true_positives + steps[i].false_positives));
  const std::vector<double> of_lenses = effective_weights(labelled, Label::lens, selected);
  const std::vector<double> of_nonlenses = effective_weights(labelled, Label::non_lens, selected);
  out.roc.push_back({0, 0, std::numeric_limits<double>::infinity(), {of_lenses[0], of_nonlenses[0]}});
  for (std::size_t k = 0; k < drawn.size(); ++k) {
    const CurveStep& step = steps[drawn[k]];
    const auto tp = static_cast<double>(step.true_positives);
    const auto fp = static_cast<double>(step.false_positives);
    out.roc.push_back({fp / nonlenses, tp / lenses, step.threshold, {of_lenses[k], of_nonlenses[k]}});
    out.precision_recall.push_back({tp / lenses, tp / (tp + fp), step.threshold});
  }
}

}  // namespace

Evaluation evaluate(const Scores& scores, const EvaluationOptions& options, Progress& progress) {
  Evaluation out;
  count_rows(scores, out);
  const LabelledScores labelled = labelled_scores(scores);
  const std::vector<CurveStep> steps = curve_steps(labelled.logits, labelled.labels);
  out.auc = auc_interval(auc(steps), spread_of_class_means(labelled, placements(labelled, steps)));
  out.average_precision = average_precision_interval(labelled, average_precision(steps), options.bootstrap_draws, options.seed, progress);
  for (const double rate : {1e-1, 1e-2, 1e-3, 1e-4}) out.tpr_at_fpr.push_back(tpr_at_fpr(labelled, steps, rate));
  out.tpr0 = tpr_at_false_positives(labelled, steps, 0);
  out.tpr10 = tpr_at_false_positives(labelled, steps, 9);
  if (!labelled.probabilities.empty()) {
    out.brier = brier_score(labelled);
    out.log_loss = log_loss(labelled);
    out.calibration = calibration_figures(labelled);
    if (options.stated_prevalence) out.calibration->expected_intercept = intercept_of_prevalence(out, *options.stated_prevalence);
  }
  for (const OperatingPoint& point : options.thresholds) {
    const Rates rates = rates_at(labelled, point.threshold);
    out.thresholds.push_back(at_threshold(labelled, point, rates));
    for (const double prevalence : options.prevalences) out.at_prevalence.push_back(at_prevalence(rates, point.name, prevalence));
  }
  draw_curves(labelled, steps, out);
  out.warnings = warnings_of(out, options.stated_prevalence);
  return out;
}

}  // namespace lensfind::evaluate
