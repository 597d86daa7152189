#include "lensfind/combine/rule.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/evaluate/choose.h"

namespace lensfind::combine {
namespace {

constexpr std::array rule_names{"mean_logit", "mean_probability", "independent_bayes", "stacking", "crossed_stacking", "monotone_trees"};
constexpr double cut_off_stds = 4;  // of products, which would run away otherwise

double log_odds(double probability) { return std::log(probability / (1 - probability)); }

/// s, one a finder.
std::vector<double> ratios(const std::vector<evaluate::Calibration>& finders, std::span<const double> scores) {
  std::vector<double> out;
  for (std::size_t i = 0; i < scores.size(); ++i) out.push_back(finders[i].log_likelihood_ratio(scores[i]));
  return out;
}

/// Features of the logistic regression: standardised s, then products of every two.
void append_features(const Rule& rule, std::span<const double> s, std::vector<double>& out) {
  const std::size_t first = out.size(), n = s.size();
  for (std::size_t i = 0; i < n; ++i) out.push_back((s[i] - rule.mean[i]) / rule.std_dev[i]);
  if (rule.kind != RuleKind::crossed_stacking) return;
  const auto cut = [&](std::size_t i) { return std::clamp(out[first + i], -cut_off_stds, cut_off_stds); };
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) out.push_back(cut(i) * cut(j));
}

/// ln(p / (1 - p)) of the mean of sigmoid(s + prior): by the larger of p and 1 - p, so that neither end is lost to rounding.
double mean_probability_logit(std::span<const double> s, double prior) {
  double lens = 0, nonlens = 0;
  for (const double ratio : s) {
    lens += 1 / (1 + std::exp(-ratio - prior));
    nonlens += 1 / (1 + std::exp(ratio + prior));
  }
  return std::log(lens) - std::log(nonlens);
}

double mean_of(std::span<const double> s) {
  double sum = 0;
  for (const double ratio : s) sum += ratio;
  return sum / static_cast<double>(s.size());
}

void fit_standardisation(Rule& rule, const dataset::FeatureTable& s) {
  const auto n = static_cast<double>(s.rows());
  for (std::size_t c = 0; c < s.columns; ++c) {
    const std::vector<double> column = column_of(s, c);
    const double mean = mean_of(column);
    double squares = 0;
    for (const double value : column) squares += (value - mean) * (value - mean);
    rule.mean.push_back(mean);
    rule.std_dev.push_back(squares > 0 ? std::sqrt(squares / n) : 1);
  }
}

void fit_stacking(Rule& rule, const LabelledRows& ratio_rows, double ridge) {
  fit_standardisation(rule, ratio_rows.scores);
  const std::size_t n = ratio_rows.scores.columns;
  dataset::FeatureTable features{rule.kind == RuleKind::crossed_stacking ? n + n * (n - 1) / 2 : n, {}};
  for (std::size_t row = 0; row < ratio_rows.size(); ++row) append_features(rule, ratio_rows.scores.row(row), features.values);
  rule.logistic = dataset::fit_logistic(features, ratio_rows.lens, ridge);
}

}  // namespace

const char* name_of(RuleKind kind) { return rule_names.at(static_cast<std::size_t>(kind)); }

RuleKind rule_from_name(const std::string& name) {
  for (const RuleKind kind : all_rules)
    if (name == name_of(kind)) return kind;
  throw Error{fmt::format("no rule is called `{}`", name),
              "the rules are mean_logit, mean_probability, independent_bayes, stacking, "
              "crossed_stacking and monotone_trees"};
}

double Rule::output(std::span<const double> scores) const {
  const std::vector<double> s = ratios(finders, scores);
  switch (kind) {
    case RuleKind::mean_logit:
      return mean_of(s);
    case RuleKind::mean_probability:
      return mean_probability_logit(s, log_odds(finders.front().prevalence));
    case RuleKind::independent_bayes: {
      double sum = 0;
      for (std::size_t i = 0; i < s.size(); ++i) sum += monotone[i](s[i]);
      return sum;
    }
    case RuleKind::stacking:
    case RuleKind::crossed_stacking: {
      std::vector<double> features;
      append_features(*this, s, features);
      return logistic.logit(features);
    }
    case RuleKind::monotone_trees:
      return trees(s);
  }
  return mean_of(s);
}

evaluate::Calibration calibrate(const std::vector<double>& outputs, const LabelledRows& rows, const std::string& fitted_on) {
  const auto calibration = evaluate::fit_calibration(as_scores(outputs, rows), fitted_on);
  if (!calibration)
    throw Error{fmt::format("{} lenses and {} non-lenses are too few to calibrate scores with", rows.lenses(), rows.size() - rows.lenses()),
                "label more objects: five lenses and one non-lens are the least"};
  return *calibration;
}

Rule fit_rule(RuleKind kind, const LabelledRows& rows, const RuleOptions& options) {
  Rule rule{.kind = kind};
  LabelledRows s{.scores = {rows.scores.columns, std::vector<double>(rows.scores.values.size())}, .lens = rows.lens, .groups = rows.groups};
  for (std::size_t finder = 0; finder < rows.scores.columns; ++finder) {
    rule.finders.push_back(calibrate(column_of(rows.scores, finder), rows, "labels"));
    for (std::size_t row = 0; row < rows.size(); ++row)
      s.scores.values[row * s.scores.columns + finder] = rule.finders.back().log_likelihood_ratio(rows.scores.row(row)[finder]);
  }
  if (kind == RuleKind::independent_bayes)
    for (std::size_t finder = 0; finder < s.scores.columns; ++finder)
      rule.monotone.push_back(fit_monotone(column_of(s.scores, finder), s.lens));
  if (kind == RuleKind::stacking || kind == RuleKind::crossed_stacking) fit_stacking(rule, s, options.ridge);
  if (kind == RuleKind::monotone_trees) rule.trees = grow_trees(s, options.trees, options.seed);
  std::vector<double> outputs;
  for (std::size_t row = 0; row < rows.size(); ++row) outputs.push_back(rule.output(rows.scores.row(row)));
  rule.calibration = calibrate(outputs, rows, "labels");
  return rule;
}

}  // namespace lensfind::combine
