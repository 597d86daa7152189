#include "lensfind/workflows/ensemble_choice.h"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/combine/choice.h"
#include "lensfind/dataset/logistic.h"
#include "lensfind/evaluate/curves.h"
#include "lensfind/evaluate/log_odds.h"

namespace lensfind::workflows {
namespace {

using network::Combine;

constexpr std::array all_combinations{Combine::logit, Combine::calibrated, Combine::probability, Combine::stacked};

combine::RuleKind rule_of(Combine way) {
  if (way == Combine::stacked) return combine::RuleKind::stacking;
  return way == Combine::probability ? combine::RuleKind::mean_probability : combine::RuleKind::mean_logit;
}

std::vector<double> mean_logits(const combine::LabelledRows& rows) {
  std::vector<double> means;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto logits = rows.scores.row(row);
    means.push_back(std::accumulate(logits.begin(), logits.end(), 0.) / static_cast<double>(logits.size()));
  }
  return means;
}

std::vector<int> dealt_folds(const combine::LabelledRows& rows, int folds, std::uint64_t seed) {
  return dataset::deal_folds(rows.lens, rows.groups, {.folds = folds, .seed = seed});
}

/// Of each row by a fit that had not seen it; nothing is fitted for the mean logit.
std::vector<double> held_out(const combine::LabelledRows& rows, Combine way, int folds, std::uint64_t seed) {
  if (way == Combine::logit) return mean_logits(rows);
  combine::ChoiceOptions options{.folds = folds};
  options.rule.seed = seed;
  return combine::held_out_ratios(rule_of(way), rows, dealt_folds(rows, folds, seed), options);
}

std::vector<evaluate::CurveStep> curve_of(const std::vector<double>& outputs, const combine::LabelledRows& rows) {
  std::vector<Label> labels;
  for (const char lens : rows.lens) labels.push_back(lens ? Label::lens : Label::non_lens);
  return evaluate::curve_steps(outputs, labels);
}

/// Differences in average precision of all pairs of columns.
class Differences {
 public:
  Differences(const std::vector<std::vector<double>>& columns, const combine::LabelledRows& rows, int draws, std::uint64_t seed) {
    std::vector<evaluate::Scores> tables;
    for (const auto& column : columns) tables.push_back(combine::as_scores(column, rows));
    all_ = evaluate::paired_differences(tables, {.seed = seed, .bootstrap_draws = draws});
  }
  /// `what` minus `than`.
  [[nodiscard]] evaluate::Estimate operator()(std::size_t what, std::size_t than) const {
    if (what == than) return {};
    const auto found = std::ranges::find_if(all_, [&](const evaluate::PairedDifference& one) {
      return one.figure == "average_precision" && one.first == std::min(what, than) && one.second == std::max(what, than);
    });
    const evaluate::Estimate& of = found->difference;
    return what < than ? of : evaluate::Estimate{0 - of.value, 0 - of.high, 0 - of.low};
  }

 private:
  std::vector<evaluate::PairedDifference> all_;
};

void require_enough(const combine::LabelledRows& rows, const std::string& judged_on) {
  for (const bool lenses : {true, false}) {
    if (const std::size_t groups = rows.groups_of(lenses); groups < combine::min_groups)
      throw Error{fmt::format("{}: {} {} are too few to choose a combination by", judged_on, groups, lenses ? "lenses" : "non-lenses"),
                  fmt::format("{} of either class are the least", combine::min_groups)};
  }
}

/// Slopes and intercepts by which the mean over the members is the rule's own output.
void take_scales(const combine::Rule& rule, model::FittedCombination& combination) {
  const auto n = static_cast<double>(rule.finders.size());
  for (std::size_t i = 0; i < rule.finders.size(); ++i) {
    double slope = rule.finders[i].slope, intercept = rule.finders[i].intercept;
    if (rule.kind == combine::RuleKind::mean_probability) intercept += evaluate::log_odds(rule.finders.front().prevalence);
    if (rule.kind == combine::RuleKind::stacking) {
      const double weight = n * rule.logistic.weights.at(i) / rule.std_dev.at(i);
      slope *= weight;
      intercept = weight * (intercept - rule.mean.at(i)) + rule.logistic.intercept;
    }
    combination.slopes.push_back(slope);
    combination.intercepts.push_back(intercept);
  }
}

}  // namespace

EnsembleChoice choose_combination(const combine::LabelledRows& rows, const std::string& judged_on, int folds, int bootstrap_draws,
                                  std::uint64_t seed) {
  require_enough(rows, judged_on);
  EnsembleChoice choice{.judged_on = judged_on,
                        .lenses = static_cast<std::int64_t>(rows.lenses()),
                        .nonlenses = static_cast<std::int64_t>(rows.size() - rows.lenses())};
  std::vector<std::vector<double>> columns;  // the ways, then the members
  for (const Combine way : all_combinations) {
    columns.push_back(held_out(rows, way, folds, seed));
    const auto curve = curve_of(columns.back(), rows);
    choice.ways.push_back({.combine = way, .auc = evaluate::auc(curve), .average_precision = evaluate::average_precision(curve)});
  }
  for (std::size_t member = 0; member < rows.scores.columns; ++member) {
    columns.push_back(combine::column_of(rows.scores, member));
    choice.members.push_back(evaluate::average_precision(curve_of(columns.back(), rows)));
  }
  const Differences difference{columns, rows, bootstrap_draws, seed};
  const auto highest = std::ranges::max_element(choice.ways, {}, &JudgedCombination::average_precision) - choice.ways.begin();
  const auto member = std::ranges::max_element(choice.members) - choice.members.begin();
  const auto best = static_cast<std::size_t>(highest);
  std::size_t simplest = best;
  for (std::size_t way = 0; way < choice.ways.size(); ++way) {
    choice.ways[way].over_mean = difference(way, 0);
    choice.ways[way].over_member = difference(way, choice.ways.size() + static_cast<std::size_t>(member));
    if (way < simplest && difference(best, way).low <= 0) simplest = way;
  }
  choice.best = choice.ways[simplest].combine;
  return choice;
}

FittedEnsemble fit_ensemble(const combine::LabelledRows& rows, Combine way, const std::string& fitted_on, int folds, std::uint64_t seed) {
  FittedEnsemble fitted;
  fitted.logits = held_out(rows, way, folds, seed);
  evaluate::Calibration& calibration = fitted.combination.calibration;
  calibration = combine::calibrate(fitted.logits, rows, fitted_on);
  if (way == Combine::logit) return fitted;
  const combine::Rule rule = combine::fit_rule(rule_of(way), rows, {.seed = seed});
  take_scales(rule, fitted.combination);
  // From a held-out ratio to the output of the rule of all rows that means as much.
  const evaluate::Calibration of_ratios = calibration;
  calibration.slope = of_ratios.slope * rule.calibration.slope;
  calibration.intercept = of_ratios.slope * rule.calibration.intercept + of_ratios.intercept;
  for (double& ratio : fitted.logits) ratio = (ratio - rule.calibration.intercept) / rule.calibration.slope;
  return fitted;
}

Value to_json_value(const EnsembleChoice& choice) {
  Value ways{Value::Array{}}, members{Value::Array{}};
  for (const JudgedCombination& way : choice.ways)
    ways.push_back(empty_object()
                       .set("combine", name_of(way.combine))
                       .set("auc", way.auc)
                       .set("average_precision", way.average_precision)
                       .set("over_mean_logit", evaluate::to_json_value(way.over_mean))
                       .set("over_best_member", evaluate::to_json_value(way.over_member)));
  for (const double member : choice.members) members.push_back(member);
  return empty_object()
      .set("judged_on", choice.judged_on)
      .set("lenses", choice.lenses)
      .set("nonlenses", choice.nonlenses)
      .set("members", std::move(members))
      .set("ways", std::move(ways))
      .set("best", name_of(choice.best));
}

}  // namespace lensfind::workflows
