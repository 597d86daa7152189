#include "lensfind/workflows/score_evaluation.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_set>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/evaluate/choose.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/probability_scale.h"
#include "lensfind/evaluate/target.h"

namespace lensfind::workflows {
namespace {

using evaluate::ProbabilityScale;
using evaluate::Score;
using evaluate::Scores;
using evaluate::ScoreTable;

bool has(const Scores& scores, Label label) {
  return std::ranges::any_of(scores, [&](const Score& row) { return row.label == label; });
}

void require_labels(const Scores& scores, const std::filesystem::path& path, bool both) {
  for (const Label label : {Label::lens, Label::non_lens}) {
    if (has(scores, label) || (!both && evaluate::only_class(scores))) continue;
    throw Error{fmt::format("{}: no row is labelled as a {}", path.string(), label == Label::lens ? "lens" : "non-lens"),
                "give a column `label` with 1 (lens) and 0 (non-lens), name it with --label-column, or give labels with --relabel"};
  }
}

void refuse_shared_ids(const Scores& validation, const Scores& tested) {
  std::unordered_set<std::string_view> known;
  for (const Score& row : validation) known.insert(row.id);
  const auto shared = std::ranges::find_if(tested, [&](const Score& row) { return known.contains(row.id); });
  if (shared != tested.end())
    throw Error{fmt::format("{} stands in --scores and in --validation", shared->id),
                "thresholds are chosen on samples that are not under test: part the table in two"};
}

/// The operating point `half` of a calibration on the logit, as a threshold on the score.
void add_half(const ProbabilityScale& scale, const evaluate::Calibration& calibration, const std::string& chosen_on,
              std::vector<evaluate::OperatingPoint>& points) {
  if (calibration.slope <= 0) return;
  const double odds_against = (1 - calibration.prevalence) / calibration.prevalence;
  const double logit = (std::log(odds_against) - calibration.intercept) / calibration.slope;
  const auto behind_f1 = points.empty() ? points.end() : points.begin() + 1;
  points.insert(behind_f1, {"half", scale.probability(logit), chosen_on});
}

std::string scale_note(const ProbabilityScale& scale) {
  return fmt::format(
      "The scores lie between 0 and 1: they are taken for probabilities and calibrated on their logit, ln(p / (1 - p)); 0 counts as {:.2g} "
      "and 1 as 1 - {:.2g}.",
      scale.zero(), scale.below_one());
}

/// What comes from scores of other samples.
class Validation {
 public:
  Validation(const ScoreEvaluationOptions& finder, const ScoreTable& tested) : named_{finder.validation.string()} {
    ScoreTable table = evaluate::read_score_table(finder.validation, finder.columns);
    require_labels(table.scores, finder.validation, true);
    if (!table.id_column || !tested.id_column)
      throw Error{"--validation needs ids, to tell that its samples are not under test", "name the column of ids with --id-column"};
    refuse_shared_ids(table.scores, tested.scores);
    scores_ = std::move(table.scores);
    notes_ = std::move(table.notes);
    if (!tested.named_logit) scale_ = ProbabilityScale::of({&scores_, &tested.scores});
    calibration_ = evaluate::fit_calibration(scale_ ? scale_->with_logits(scores_) : scores_, named_);
  }

  [[nodiscard]] const std::optional<evaluate::Calibration>& calibration() const { return calibration_; }
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }
  [[nodiscard]] std::vector<evaluate::OperatingPoint> thresholds() const {
    if (!scale_) return evaluate::choose_thresholds(scores_, calibration_, named_);
    std::vector<evaluate::OperatingPoint> points = evaluate::choose_thresholds(scores_, {}, named_);
    if (calibration_) add_half(*scale_, *calibration_, named_, points);
    return points;
  }
  /// Probabilities for scores that have none of their own.
  void calibrate(Scores& tested, double prevalence) {
    if (scale_) notes_.push_back(scale_note(*scale_));
    for (Score& row : tested) row.probability = calibration_->probability(scale_ ? scale_->logit(row.logit) : row.logit, prevalence);
  }
  [[nodiscard]] evaluate::ReachedTarget grant(const std::string& target, double prevalence) const {
    return evaluate::reach_target(scores_, evaluate::parse_target(target), prevalence, named_);
  }

 private:
  std::string named_;
  Scores scores_;
  std::vector<std::string> notes_;
  std::optional<ProbabilityScale> scale_;
  std::optional<evaluate::Calibration> calibration_;
};

bool are_without_probability(const Scores& scores) {
  return std::ranges::all_of(scores, [](const Score& row) { return std::isnan(row.probability); });
}

/// Thresholds, targets and, where the table brings none, probabilities from scores of other samples.
void choose_on_validation(Validation& validation, const ModelEvaluationOptions& asked, report::ReportModel& model,
                          evaluate::EvaluationOptions& options) {
  model.calibration = validation.calibration();
  options.thresholds = validation.thresholds();
  if (model.calibration && are_without_probability(model.scores)) {
    options.stated_prevalence = asked.prevalence.value_or(model.calibration->prevalence);
    validation.calibrate(model.scores, *options.stated_prevalence);
  }
  if (!asked.targets.empty() && !asked.prevalence)
    throw Error{"--target needs the prevalence that it is meant for", "give --prevalence, for instance 0.001"};
  for (const std::string& target : asked.targets) {
    model.targets.push_back(validation.grant(target, *asked.prevalence));
    options.thresholds.push_back(model.targets.back().point);
  }
}

}  // namespace

report::ReportModel evaluate_scores(const ScoreEvaluationOptions& finder, const ModelEvaluationOptions& asked, Progress& progress) {
  evaluate::EvaluationOptions options{.seed = asked.seed, .bootstrap_draws = asked.bootstrap_draws};
  add_prevalence(asked.prevalence, options);
  report::ReportModel result{.name = finder.scores.stem().string()};
  if (asked.prevalence) result.survey_prevalence = *asked.prevalence;
  ScoreTable table = evaluate::read_score_table(finder.scores, finder.columns);
  if (!table.id_column && !asked.relabel.empty())
    throw Error{finder.scores.string() + ": has no column of ids, by which --relabel could correct labels", "name it with --id-column"};
  const std::string changed = relabel_scores(table.scores, asked.relabel, {.id = finder.columns.id});
  require_labels(table.scores, finder.scores, false);
  std::vector<std::string> notes = table.notes;
  std::optional<Validation> validation;
  if (!finder.validation.empty()) validation.emplace(finder, table);
  result.scores = std::move(table.scores);
  if (validation) {
    choose_on_validation(*validation, asked, result, options);
    notes.insert(notes.end(), validation->notes().begin(), validation->notes().end());
  } else if (!table.named_logit && are_without_probability(result.scores) && ProbabilityScale::of({&result.scores})) {
    notes.emplace_back(
        "The scores lie between 0 and 1. Whether they hold as probabilities was not looked at: name their column `probability` for that.");
  }
  if (!changed.empty()) notes.push_back(changed);
  if (table.not_a_number > 0)
    notes.push_back(fmt::format("{} rows have no number as score; they are left out of every figure.", table.not_a_number));
  if (evaluate::only_class(result.scores)) {
    result.one_class = evaluate::evaluate_one_class(result.scores, options.thresholds);
    result.one_class->not_a_number += table.not_a_number;
  } else {
    result.evaluation = evaluate::evaluate(result.scores, options, progress);
    result.evaluation.not_a_number += table.not_a_number;
  }
  std::vector<std::string>& warnings = result.one_class ? result.one_class->warnings : result.evaluation.warnings;
  warnings.insert(warnings.end(), notes.begin(), notes.end());
  return result;
}

}  // namespace lensfind::workflows
