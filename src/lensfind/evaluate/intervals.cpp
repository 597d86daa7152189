#include "lensfind/evaluate/intervals.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lensfind/evaluate/distributions.h"

namespace lensfind::evaluate {

Value to_json_value(const Estimate& estimate) {
  return empty_object().set("value", estimate.value).set("low", estimate.low).set("high", estimate.high);
}

Estimate jeffreys(const Proportion& count) {
  if (count.trials <= 0) return {std::numeric_limits<double>::quiet_NaN(), 0, 1};
  const double failures = count.trials - count.successes;
  const auto quantile = [&](double p) { return beta_quantile(p, count.successes + .5, failures + .5); };
  const double of_none = std::pow(.025, 1 / count.trials);  // the fraction of failures that leaves no success in 2.5% of all experiments
  const double low = count.successes <= 1 ? 0 : failures <= 0 ? of_none : quantile(.025);
  const double high = failures <= 1 ? 1 : count.successes <= 0 ? 1 - of_none : quantile(.975);
  const double value = count.successes / count.trials;
  return {value, std::min(low, value), std::max(high, value)};
}

double jeffreys_median(const Proportion& count) { return beta_quantile(.5, count.successes + .5, count.trials - count.successes + .5); }

double clopper_pearson_upper(const Proportion& count, double confidence) {
  if (count.successes >= count.trials) return 1;
  return beta_quantile(confidence, count.successes + 1, count.trials - count.successes);
}

Estimate logit_interval(double value, double standard_error, double degrees_of_freedom) {
  if (value <= 0 || value >= 1) return {value, value, value};
  const double centre = std::log(value / (1 - value));
  const double half = student_quantile(.975, degrees_of_freedom) * standard_error / (value * (1 - value));
  return {value, std::min(value, 1 / (1 + std::exp(half - centre))), std::max(value, 1 / (1 + std::exp(-half - centre)))};
}

Estimate plain_interval(double value, double standard_error, double degrees_of_freedom) {
  const double half = student_quantile(.975, degrees_of_freedom) * standard_error;
  return {value, value - half, value + half};
}

Estimate interval_of_draws(double value, std::span<double> draws) {
  return {value, std::min(value, quantile_of_draws(draws, .025)), std::max(value, quantile_of_draws(draws, .975))};
}

double quantile_of_draws(std::span<double> draws, double p) {
  if (draws.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double place = p * static_cast<double>(draws.size() - 1);
  const auto below = draws.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(draws.begin(), below, draws.end());
  if (below + 1 == draws.end()) return *below;
  return std::lerp(*below, *std::min_element(below + 1, draws.end()), place - std::floor(place));
}

}  // namespace lensfind::evaluate
