#include "lensfind/evaluate/decisions.h"

#include <algorithm>
#include <cmath>

#include "lensfind/evaluate/distributions.h"
#include "lensfind/evaluate/selected_fraction.h"

namespace lensfind::evaluate {
namespace {

/// Two neighbours of Fibonacci's: the points (i, i x stride mod value_pairs) fill the square more evenly than a grid (Zaremba 1966).
constexpr std::size_t value_pairs = 4181, stride = 2584;
constexpr double survey_objects = 1e6;

/// Equally probable values of a rate, rising.
std::vector<double> rate_values(const Proportion& count) {
  const double failures = count.trials - count.successes;
  const auto quantiles = [](double a, double b, std::size_t n) {
    return a <= 0 ? std::vector<double>(n, 0) : b <= 0 ? std::vector<double>(n, 1) : beta_quantiles(a, b, n);
  };
  const std::vector<double> lower = quantiles(count.successes, failures + 1, value_pairs / 2);
  const std::vector<double> upper = quantiles(count.successes + 1, failures, value_pairs - value_pairs / 2);
  std::vector<double> values(value_pairs);
  std::merge(lower.begin(), lower.end(), upper.begin(), upper.end(), values.begin());
  return values;
}

/// 0 where there is nothing to take a fraction of.
double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

/// Interval of a function of both rates.
Estimate figure_of(const Rates& rates, double value, auto function) {
  std::vector<double> values(rates.true_positive_rate.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = function(rates.true_positive_rate[i], rates.false_positive_rate[i]);
  return interval_of_draws(value, values);
}

Confusion confusion_at(const LabelledScores& scores, double threshold) {
  Confusion out;
  for (std::size_t i = 0; i < scores.size() && scores.logits[i] >= threshold; ++i)
    (scores.labels[i] == Label::lens ? out.true_positives : out.false_positives) += 1;
  out.false_negatives = scores.lenses - out.true_positives;
  out.true_negatives = scores.nonlenses - out.false_positives;
  return out;
}

/// Where a count is 0 the values never reach the end of the scale, but the truth may.
Estimate open_ended(Estimate figure, bool to_zero, bool to_one) {
  if (to_zero) figure.low = 0;
  if (to_one) figure.high = 1;
  return figure;
}

}  // namespace

Rates rates_at(const LabelledScores& scores, double threshold) {
  return rates_of(selected_fraction(scores, Label::lens, threshold), selected_fraction(scores, Label::non_lens, threshold));
}

Rates rates_of(const Proportion& lenses, const Proportion& nonlenses) {
  Rates rates{.lenses = lenses, .nonlenses = nonlenses, .true_positive_rate = rate_values(lenses)};
  const std::vector<double> values = rate_values(nonlenses);
  for (std::size_t i = 0; i < value_pairs; ++i) rates.false_positive_rate.push_back(values[i * stride % value_pairs]);
  return rates;
}

AtThreshold at_threshold(const LabelledScores& scores, const OperatingPoint& point, const Rates& rates) {
  AtThreshold out{.point = point, .confusion = confusion_at(scores, point.threshold)};
  const Confusion& c = out.confusion;
  const auto tp = static_cast<double>(c.true_positives);
  const auto fp = static_cast<double>(c.false_positives);
  const auto lenses = static_cast<double>(scores.lenses);
  const auto nonlenses = static_cast<double>(scores.nonlenses);
  const bool none_missed = c.false_negatives == 0;
  const bool none_wrong = c.false_positives == 0;
  const bool none_found = c.true_positives == 0;
  out.recall = jeffreys(rates.lenses);
  out.recall.value = tp / lenses;
  out.effective_weight = {.lens = rates.lenses.trials / lenses, .nonlens = rates.nonlenses.trials / nonlenses};
  out.precision =
      open_ended(figure_of(rates, ratio(tp, tp + fp), [&](double t, double f) { return ratio(t * lenses, t * lenses + f * nonlenses); }),
                 none_found, none_wrong);
  out.f1 = open_ended(figure_of(rates, 2 * tp / (lenses + tp + fp),
                                [&](double t, double f) { return 2 * t * lenses / (lenses + t * lenses + f * nonlenses); }),
                      none_found, none_missed && none_wrong);
  out.accuracy = open_ended(figure_of(rates, (tp + nonlenses - fp) / (lenses + nonlenses),
                                      [&](double t, double f) { return (t * lenses + (1 - f) * nonlenses) / (lenses + nonlenses); }),
                            false, none_missed && none_wrong);
  return out;
}

AtPrevalence at_prevalence(const Rates& rates, const std::string& point, double prevalence) {
  const double p = prevalence;
  const double t = jeffreys_median(rates.lenses);
  const double f = jeffreys_median(rates.nonlenses);
  AtPrevalence out{.prevalence = prevalence, .point = point};
  const auto candidates = [p](double tpr, double fpr) { return survey_objects * (p * tpr + (1 - p) * fpr); };
  out.candidates = figure_of(rates, candidates(t, f), candidates);
  const auto purity = [p](double tpr, double fpr) { return ratio(p * tpr, p * tpr + (1 - p) * fpr); };
  out.purity = open_ended(figure_of(rates, purity(t, f), purity), rates.lenses.successes <= 0, rates.nonlenses.successes <= 0);
  const Estimate found = jeffreys(rates.lenses);
  out.found = {survey_objects * p * t, survey_objects * p * found.low, survey_objects * p * found.high};
  out.missed = {survey_objects * p * (1 - t), survey_objects * p * (1 - found.high), survey_objects * p * (1 - found.low)};
  return out;
}

}  // namespace lensfind::evaluate
