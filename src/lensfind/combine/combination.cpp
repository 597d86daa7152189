#include "lensfind/combine/combination.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::combine {
namespace {

constexpr std::size_t max_for_every_set = 5;

/// Sets of fewer than all `n` finders, the largest first.
std::vector<std::vector<std::size_t>> smaller_sets(std::size_t n) {
  std::vector<std::vector<std::size_t>> out;
  const auto add = [&](auto&& holds) {
    std::vector<std::size_t>& set = out.emplace_back();
    for (std::size_t i = 0; i < n; ++i)
      if (holds(i)) set.push_back(i);
  };
  if (n <= max_for_every_set) {
    for (std::size_t bits = 1; bits + 1 < (std::size_t{1} << n); ++bits) add([&](std::size_t i) { return (bits >> i & 1) != 0; });
  } else {
    for (std::size_t left_out = 0; left_out < n; ++left_out) add([&](std::size_t i) { return i != left_out; });
    for (std::size_t alone = 0; alone < n; ++alone) add([&](std::size_t i) { return i == alone; });
  }
  std::ranges::stable_sort(out, std::greater{}, &std::vector<std::size_t>::size);
  return out;
}

/// Calibrated on scores that its fits had not seen.
Rule fit_calibrated(RuleKind kind, const LabelledRows& rows, const ChoiceOptions& options) {
  Rule rule = fit_rule(kind, rows, options.rule);
  const std::vector<int> fold = dataset::deal_folds(rows.lens, rows.groups, {.folds = options.folds, .seed = options.rule.seed});
  const evaluate::Calibration of_held_out =
      calibrate(held_out_ratios(kind, rows, fold, options), rows, fmt::format("scores held out in {} folds", options.folds));
  evaluate::Calibration whole = of_held_out;
  whole.slope = of_held_out.slope * rule.calibration.slope;
  whole.intercept = of_held_out.slope * rule.calibration.intercept + of_held_out.intercept;
  rule.calibration = whole;
  return rule;
}

}  // namespace

double Scale::operator()(double score, const std::string& where) const {
  if (!is_probability || std::isnan(score)) return score;
  if (!(score >= 0 && score <= 1))
    throw Error{fmt::format("{}: the score {} is no probability, but all were when the combination was fitted", where, score),
                "give the column that it was fitted on"};
  if (score == 0) return std::log(zero);
  if (score == 1) return std::log1p(-below_one) - std::log(below_one);
  return std::log(score) - std::log1p(-score);
}

const Subset* Combination::subset_for(std::span<const double> scores) const {
  const Subset* best = nullptr;
  for (const Subset& subset : subsets) {
    const bool covered = std::ranges::none_of(subset.finders, [&](std::size_t i) { return std::isnan(scores[i]); });
    if (covered && (!best || subset.finders.size() > best->finders.size())) best = &subset;
  }
  return best;
}

double log_likelihood_ratio(const Subset& subset, std::span<const double> scores) {
  std::vector<double> own;
  for (const std::size_t finder : subset.finders) own.push_back(scores[finder]);
  return subset.rule.log_likelihood_ratio(own);
}

Combination fit_combination(const FinderScores& scores, std::vector<Finder> finders, RuleKind kind, const ChoiceOptions& options,
                            Progress& progress) {
  Combination out{.finders = std::move(finders), .kind = kind};
  std::vector<std::vector<std::size_t>> sets = smaller_sets(out.finders.size());
  std::vector<std::size_t> all(out.finders.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  sets.insert(sets.begin(), all);
  progress.start("fitting sets of finders", static_cast<std::int64_t>(sets.size()), "sets");
  for (const std::vector<std::size_t>& set : sets) {
    const LabelledRows rows = labelled_rows(scores, set);
    const bool whole = set.size() == out.finders.size();
    progress.advance(1);
    if (!whole && std::min(rows.groups_of(true), rows.groups_of(false)) < min_groups) continue;
    const auto lenses = static_cast<std::int64_t>(rows.lenses());
    const RuleKind own = set.size() == 1 ? RuleKind::mean_logit : kind;
    out.subsets.push_back({set, fit_calibrated(own, rows, options), lenses, static_cast<std::int64_t>(rows.size()) - lenses});
    if (whole) out.prevalence = static_cast<double>(lenses) / static_cast<double>(rows.size());
  }
  progress.finish();
  return out;
}

}  // namespace lensfind::combine
