#pragma once

#include <span>

#include "lensfind/base/value.h"

namespace lensfind::evaluate {

/// A figure with its 95% interval: low <= value <= high.
struct Estimate {
  double value = 0, low = 0, high = 0;
};

/// {"value": ..., "low": ..., "high": ...}
Value to_json_value(const Estimate& estimate);

/// How much of a count is worth: `successes` of `trials`, as if they were independent. Real numbers, because samples of one sky object
/// count less.
struct Proportion {
  double successes = 0, trials = 0;
};

/// Jeffreys interval of a proportion: quantiles of Beta(successes + 1/2, failures + 1/2). The ends are modified as by Brown, Cai & DasGupta
/// (2001, section 4.1): no success gives [0, 1 - .025^(1/trials)], one or fewer give low = 0, and likewise for failures. Without that
/// coverage falls to .88 at about 2.5 expected successes; with it, it was never below .91 for any number of trials that was tried. trials =
/// 0: value NaN, interval [0, 1].
Estimate jeffreys(const Proportion& count);

/// Median of Jeffreys' posterior: a proportion's value where a plain 0 or 1 would claim too much.
double jeffreys_median(const Proportion& count);

/// One-sided upper bound of a proportion that is too low in at most 1 - `confidence` of all experiments (Clopper & Pearson 1934).
double clopper_pearson_upper(const Proportion& count, double confidence = .95);

/// value +- t standard errors on the logit scale, for figures between 0 and 1. `standard_error` is that of the figure itself.
Estimate logit_interval(double value, double standard_error, double degrees_of_freedom);

/// value +- t standard errors.
Estimate plain_interval(double value, double standard_error, double degrees_of_freedom);

/// value with the 2.5% and 97.5% quantiles of `draws`, widened to hold the value. Puts the draws in another order.
Estimate interval_of_draws(double value, std::span<double> draws);

/// Quantile of `draws`, interpolated linearly between neighbours. Puts the draws in another order. O(n).
double quantile_of_draws(std::span<double> draws, double p);

}  // namespace lensfind::evaluate
