#pragma once

#include <cmath>
#include <cstdint>
#include <string>

#include "lensfind/base/fields.h"

namespace lensfind::evaluate {

/// Platt's calibration: s = slope logit + intercept is the log likelihood ratio of lens to non-lens (docs/statistics.md, "Probabilities").
struct Calibration {
  double slope = 1;
  double intercept = 0;
  double prevalence = .5;   ///< v: the fraction of lenses among the samples it was fitted on
  std::int64_t lenses = 0;  ///< how many samples it was fitted on
  std::int64_t nonlenses = 0;
  std::string fitted_on;  ///< "a held-out half of validation", "validation (which also chose the epoch)", a data set's path

  [[nodiscard]] double log_likelihood_ratio(double logit) const { return slope * logit + intercept; }
  /// sigmoid(s + ln(p / (1 - p))): the probability of a lens where a fraction `prevalence_there`, p in (0, 1), of all objects are lenses.
  [[nodiscard]] double probability(double logit, double prevalence_there) const {
    return 1 / (1 + std::exp(-log_likelihood_ratio(logit)) * (1 - prevalence_there) / prevalence_there);
  }
  [[nodiscard]] double probability(double logit) const { return probability(logit, prevalence); }

  static void describe(auto& field) {
    field(&Calibration::slope, "slope", any(), "of the log likelihood ratio over the logit");
    field(&Calibration::intercept, "intercept", any(), "the log likelihood ratio at logit 0");
    field(&Calibration::prevalence, "prevalence", between(0, 1), "fraction of lenses among the samples it was fitted on");
    field(&Calibration::lenses, "lenses", at_least(0), "number of lenses it was fitted on");
    field(&Calibration::nonlenses, "nonlenses", at_least(0), "number of non-lenses it was fitted on");
    field(&Calibration::fitted_on, "fitted_on", any(), "which samples these were");
  }
};

/// A threshold on the logit, chosen beforehand: a candidate has logit >= threshold.
struct OperatingPoint {
  std::string name;       ///< "f1", "half", "fpr_1e-3"
  double threshold = 0;   ///< +inf: nothing is a candidate (null in model.json)
  std::string chosen_on;  ///< "validation"
};

}  // namespace lensfind::evaluate
