#include "lensfind/combine/choice.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/parallel.h"
#include "lensfind/evaluate/curves.h"

namespace lensfind::combine {
namespace {

constexpr int inner_draws = 200;  // of the bootstrap in choices within folds
constexpr std::array<const char*, 3> judged_figures{"auc", "average_precision", "tpr_at_fpr_1e-2"};

struct Parted {
  std::vector<std::size_t> train, held_out;
};

Parted part(const std::vector<int>& fold, int held_out) {
  Parted out;
  for (std::size_t row = 0; row < fold.size(); ++row) (fold[row] == held_out ? out.held_out : out.train).push_back(row);
  return out;
}

/// The rule's ratios of the rows that it was not fitted on, put in their places.
void score_held_out(RuleKind kind, const LabelledRows& rows, const Parted& parted, const RuleOptions& options, std::vector<double>& out) {
  const Rule rule = fit_rule(kind, rows.at(parted.train), options);
  for (const std::size_t row : parted.held_out) out[row] = rule.log_likelihood_ratio(rows.scores.row(row));
}

Judged judge(std::string name, std::vector<double> outputs, const LabelledRows& rows) {
  std::vector<Label> labels;
  for (const char lens : rows.lens) labels.push_back(lens ? Label::lens : Label::non_lens);
  const std::vector<evaluate::CurveStep> steps = evaluate::curve_steps(outputs, labels);
  Judged out{.name = std::move(name), .outputs = std::move(outputs)};
  out.auc = evaluate::auc(steps);
  out.average_precision = evaluate::average_precision(steps);
  const auto step = evaluate::step_of_false_positives(steps, evaluate::allowed_false_positives(steps.back().false_positives, 1e-2));
  if (step) out.tpr_at_fpr_1e_2 = static_cast<double>(steps[*step].true_positives) / static_cast<double>(steps.back().true_positives);
  return out;
}

std::vector<int> folds_of(const LabelledRows& rows, const ChoiceOptions& options) {
  return dataset::deal_folds(rows.lens, rows.groups, {.folds = options.folds, .seed = options.rule.seed});
}

const evaluate::PairedDifference& difference(const std::vector<evaluate::PairedDifference>& all, const std::string& figure,
                                             std::size_t first, std::size_t second) {
  return *std::ranges::find_if(all, [&](const auto& d) { return d.figure == figure && d.first == first && d.second == second; });
}

/// `what` minus `than`, whichever stands first in the list.
evaluate::PairedDifference gain(const std::vector<evaluate::PairedDifference>& all, const std::string& figure, std::size_t what,
                                std::size_t than) {
  if (what == than) return {.figure = figure, .first = what, .second = than};
  if (what < than) return difference(all, figure, what, than);
  evaluate::PairedDifference out = difference(all, figure, than, what);
  std::swap(out.first, out.second);
  out.difference = {0 - out.difference.value, 0 - out.difference.high, 0 - out.difference.low};  // never -0
  return out;
}

std::vector<evaluate::PairedDifference> differences(const std::vector<const Judged*>& judged, const LabelledRows& rows, int draws,
                                                    std::uint64_t seed) {
  std::vector<evaluate::Scores> tables;
  for (const Judged* one : judged) tables.push_back(as_scores(one->outputs, rows));
  return evaluate::paired_differences(tables, {.seed = seed, .bootstrap_draws = draws});
}

RuleKind simplest_of_the_best(const std::vector<Judged>& rules, const LabelledRows& rows, const ChoiceOptions& options) {
  std::vector<const Judged*> judged;
  for (const Judged& rule : rules) judged.push_back(&rule);
  const auto all = differences(judged, rows, options.bootstrap_draws, options.rule.seed);
  const auto best = static_cast<std::size_t>(std::ranges::max_element(rules, {}, &Judged::average_precision) - rules.begin());
  for (std::size_t rule = 0; rule < best; ++rule)
    if (difference(all, "average_precision", rule, best).difference.high >= 0) return all_rules[rule];
  return all_rules[best];
}

/// In each fold the choice is made on the other folds alone, and the fold is scored by what it took there.
void judge_choice(const LabelledRows& rows, const ChoiceOptions& options, Study& study, Progress& progress) {
  const std::vector<int> fold = folds_of(rows, options);
  std::vector<double> outputs(rows.size());
  study.picked.assign(static_cast<std::size_t>(options.folds), RuleKind::mean_logit);
  progress.start("choosing within folds", options.folds, "folds");
  for (int k = 0; k < options.folds; ++k) {
    const Parted parted = part(fold, k);
    ChoiceOptions inner = options;
    inner.bootstrap_draws = std::min(inner_draws, options.bootstrap_draws);
    RuleKind& picked = study.picked[static_cast<std::size_t>(k)];
    picked = choose_rule(rows.at(parted.train), inner).kind;
    score_held_out(picked, rows, parted, options.rule, outputs);
    progress.advance(1);
  }
  progress.finish();
  study.chosen = judge("chosen", std::move(outputs), rows);
}

void add_gains(const LabelledRows& rows, const ChoiceOptions& options, Study& study) {
  std::vector<const Judged*> judged;
  for (const Judged& rule : study.choice.rules) judged.push_back(&rule);
  judged.push_back(&study.chosen);
  const std::size_t finder = judged.size();
  judged.push_back(&study.finders[study.best_finder]);
  const auto all = differences(judged, rows, options.bootstrap_draws, options.rule.seed);
  for (std::size_t i = 0; i < finder; ++i) {
    Study::Gain& of_one = study.gains.emplace_back(Study::Gain{.name = judged[i]->name});
    for (const char* figure : judged_figures) {
      of_one.over_mean.push_back(gain(all, figure, i, 0));
      of_one.over_finder.push_back(gain(all, figure, i, finder));
    }
  }
}

}  // namespace

std::vector<double> held_out_ratios(RuleKind kind, const LabelledRows& rows, const std::vector<int>& fold, const ChoiceOptions& options) {
  std::vector<double> out(rows.size());
  for (int k = 0; k < options.folds; ++k) score_held_out(kind, rows, part(fold, k), options.rule, out);
  return out;
}

RuleChoice choose_rule(const LabelledRows& rows, const ChoiceOptions& options) {
  const std::vector<int> fold = folds_of(rows, options);
  RuleChoice out{.rules = std::vector<Judged>(all_rules.size())};
  parallel_for(static_cast<std::int64_t>(all_rules.size()), options.threads, [&](std::int64_t i) {
    const auto rule = static_cast<std::size_t>(i);
    out.rules[rule] = judge(name_of(all_rules[rule]), held_out_ratios(all_rules[rule], rows, fold, options), rows);
  });
  out.kind = simplest_of_the_best(out.rules, rows, options);
  return out;
}

Study study_rules(const LabelledRows& rows, const std::vector<std::string>& finders, const ChoiceOptions& options, Progress& progress) {
  for (const bool lenses : {true, false})
    if (const std::size_t groups = rows.groups_of(lenses); groups < min_groups)
      throw Error{
          fmt::format("{} labelled {} have a score of every finder, too few to choose a combination", groups,
                      lenses ? "lenses" : "non-lenses"),
          fmt::format("label more objects, or leave out a finder that scored few of them: {} of either class are the least, 50 lenses "
                      "give intervals worth reading",
                      min_groups)};
  Study out{.choice = choose_rule(rows, options)};
  for (std::size_t i = 0; i < finders.size(); ++i) out.finders.push_back(judge(finders[i], column_of(rows.scores, i), rows));
  const auto best = std::ranges::max_element(out.finders, {}, &Judged::average_precision);
  out.best_finder = static_cast<std::size_t>(best - out.finders.begin());
  judge_choice(rows, options, out, progress);
  add_gains(rows, options, out);
  return out;
}

}  // namespace lensfind::combine
