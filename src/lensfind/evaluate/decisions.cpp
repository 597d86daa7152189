#include "lensfind/evaluate/decisions.h"

#include <algorithm>
#include <cmath>

#include "lensfind/evaluate/distributions.h"

namespace lensfind::evaluate {
namespace {

constexpr int kDraws = 20000;
constexpr double kObjects = 1e6;

std::vector<double> posterior_draws(const Proportion& count, RandomStream& random) {
  std::vector<double> draws(kDraws);
  for (double& draw : draws) draw = beta_draw(count.successes + .5, count.trials - count.successes + .5, random);
  return draws;
}

/// Interval of a function of both rates.
Figure figure_of(const Rates& rates, double value, auto function) {
  std::vector<double> draws(rates.true_positive_rate.size());
  for (std::size_t i = 0; i < draws.size(); ++i) draws[i] = function(rates.true_positive_rate[i], rates.false_positive_rate[i]);
  return interval_of_draws(value, draws);
}

/// The same with the median of the draws as value.
Figure median_of(const Rates& rates, auto function) {
  std::vector<double> draws(rates.true_positive_rate.size());
  for (std::size_t i = 0; i < draws.size(); ++i) draws[i] = function(rates.true_positive_rate[i], rates.false_positive_rate[i]);
  return {quantile_of_draws(draws, .5), quantile_of_draws(draws, .025), quantile_of_draws(draws, .975)};
}

/// `count` times a rate: the median and interval of Jeffreys' posterior.
Figure scaled_rate(double count, const Proportion& rate) {
  const Figure interval = jeffreys(rate);
  const double median = beta_quantile(.5, rate.successes + .5, rate.trials - rate.successes + .5);
  return {count * median, count * interval.low, count * interval.high};
}

Confusion confusion_at(const LabelledScores& scores, double threshold) {
  Confusion out;
  for (std::size_t i = 0; i < scores.size() && scores.logits[i] >= threshold; ++i)
    (scores.labels[i] == Label::lens ? out.true_positives : out.false_positives) += 1;
  out.false_negatives = scores.lenses - out.true_positives;
  out.true_negatives = scores.nonlenses - out.false_positives;
  return out;
}

/// Where a count is 0 the draws never reach the end of the scale, but the truth may.
Figure open_ended(Figure figure, bool to_zero, bool to_one) {
  if (to_zero) figure.low = 0;
  if (to_one) figure.high = 1;
  return figure;
}

}  // namespace

Rates rates_at(const LabelledScores& scores, double threshold, std::uint64_t seed) {
  Rates rates{.lenses = selected_share(scores, Label::lens, threshold), .nonlenses = selected_share(scores, Label::non_lens, threshold)};
  RandomStream random{seed, Purpose::bootstrap, std::uint64_t{1} << 40};  // beyond the items of bootstrap draws
  rates.true_positive_rate = posterior_draws(rates.lenses, random);
  rates.false_positive_rate = posterior_draws(rates.nonlenses, random);
  return rates;
}

AtThreshold at_threshold(const LabelledScores& scores, const model::OperatingPoint& point, const Rates& rates) {
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
  out.precision = open_ended(
      figure_of(rates, tp + fp > 0 ? tp / (tp + fp) : 0, [&](double t, double f) { return t * lenses / (t * lenses + f * nonlenses); }),
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
  AtPrevalence out{.prevalence = prevalence, .point = point};
  out.purity = open_ended(median_of(rates, [p](double t, double f) { return p * t / (p * t + (1 - p) * f); }), rates.lenses.successes <= 0,
                          rates.nonlenses.successes <= 0);
  out.candidates = median_of(rates, [p](double t, double f) { return kObjects * (p * t + (1 - p) * f); });
  out.found = scaled_rate(kObjects * p, rates.lenses);
  out.missed = scaled_rate(kObjects * p, {rates.lenses.trials - rates.lenses.successes, rates.lenses.trials});
  return out;
}

}  // namespace lensfind::evaluate
