#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lensfind/combine/finder_scores.h"
#include "lensfind/combine/monotone.h"
#include "lensfind/combine/trees.h"
#include "lensfind/dataset/logistic.h"
#include "lensfind/evaluate/calibration.h"

namespace lensfind::combine {

/// How several scores become one, the simplest first. s is a finder's log likelihood ratio by weighted Platt calibration.
enum class RuleKind {
  mean_logit,         ///< the mean of s: the plain mean. As all are there, its order is that of the sum, independent Bayes by Platt
  mean_probability,   ///< the mean of probabilities at the labels' own fraction of lenses, sigmoid(s + ln(v / (1 - v)))
  independent_bayes,  ///< the sum of log likelihood ratios, each by a monotone calibration without a form (fit_monotone)
  stacking,           ///< logistic regression on s, standardised, with a ridge penalty
  crossed_stacking,   ///< the same with products of every two finders beside them (cut off at 4 standard deviations)
  monotone_trees,     ///< bagged trees of depth 2 on s that never fall where a score rises (grow_trees)
};

inline constexpr std::array all_rules{RuleKind::mean_logit, RuleKind::mean_probability, RuleKind::independent_bayes,
                                      RuleKind::stacking,   RuleKind::crossed_stacking, RuleKind::monotone_trees};

/// "mean_logit", ..., as files and tables call it.
const char* name_of(RuleKind kind);
/// Throws Error for another text.
RuleKind rule_from_name(const std::string& name);

struct RuleOptions {
  double ridge = 1;  ///< penalty of stacking: ridge / 2 times the sum of squared weights of standardised features
  int trees = 100;
  std::uint64_t seed = 0;
};

/// A fitted rule.
struct Rule {
  RuleKind kind = RuleKind::mean_logit;
  std::vector<evaluate::Calibration> finders;  ///< Platt's, one a finder
  std::vector<MonotoneCalibration> monotone;   ///< of independent_bayes, one a finder
  std::vector<double> mean, std_dev;           ///< of s, by which stacking standardises it
  dataset::LogisticModel logistic;             ///< of stacking
  MonotoneTrees trees;
  evaluate::Calibration calibration;  ///< from the rule's own output to the log likelihood ratio

  /// What the rule makes of one object's scores (one a finder, none missing): higher is more lens-like.
  [[nodiscard]] double output(std::span<const double> scores) const;
  /// The same as a log likelihood ratio.
  [[nodiscard]] double log_likelihood_ratio(std::span<const double> scores) const {
    return calibration.log_likelihood_ratio(output(scores));
  }
};

/// Fits a rule; `calibration` is Platt's on the same rows. Throws Error with fewer than five lenses or no non-lens.
Rule fit_rule(RuleKind kind, const LabelledRows& rows, const RuleOptions& options);

/// Platt's calibration of `outputs`, a value a row. Throws Error as fit_rule.
evaluate::Calibration calibrate(const std::vector<double>& outputs, const LabelledRows& rows, const std::string& fitted_on);

}  // namespace lensfind::combine
