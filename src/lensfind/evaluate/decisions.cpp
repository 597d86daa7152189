#include "lensfind/evaluate/decisions.h"

#include <algorithm>
#include <cmath>

#include "lensfind/base/random.h"
#include "lensfind/evaluate/distributions.h"
#include "lensfind/evaluate/selected_share.h"

namespace lensfind::evaluate {
namespace {

constexpr int draws_of_a_rate = 8000;  ///< their own chance moves an end of a 95% interval by .03 standard errors
constexpr double survey_objects = 1e6;

std::vector<double> rate_draws(const Proportion& count, RandomStream& random) {
  std::vector<double> draws(draws_of_a_rate);
  const double failures = count.trials - count.successes;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const double one_more = i % 2 == 0 ? 1 : 0;
    const double a = count.successes + one_more;
    const double b = failures + 1 - one_more;
    draws[i] = a <= 0 ? 0 : b <= 0 ? 1 : beta_draw(a, b, random);
  }
  shuffle(draws, random);  // or the turns of both rates would go together
  return draws;
}

/// 0 where there is nothing to take a share of.
double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

/// Interval of a function of both rates.
Figure figure_of(const Rates& rates, double value, auto function) {
  std::vector<double> draws(rates.true_positive_rate.size());
  for (std::size_t i = 0; i < draws.size(); ++i) draws[i] = function(rates.true_positive_rate[i], rates.false_positive_rate[i]);
  return interval_of_draws(value, draws);
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
  return rates_of(selected_share(scores, Label::lens, threshold), selected_share(scores, Label::non_lens, threshold), seed);
}

Rates rates_of(const Proportion& lenses, const Proportion& nonlenses, std::uint64_t seed) {
  Rates rates{.lenses = lenses, .nonlenses = nonlenses};
  RandomStream random{seed, Purpose::bootstrap, std::uint64_t{1} << 40};  // beyond the items of bootstrap draws
  rates.true_positive_rate = rate_draws(lenses, random);
  rates.false_positive_rate = rate_draws(nonlenses, random);
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
  out.worth = {.lens = rates.lenses.trials / lenses, .nonlens = rates.nonlenses.trials / nonlenses};
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
  const Figure found = jeffreys(rates.lenses);
  out.found = {survey_objects * p * t, survey_objects * p * found.low, survey_objects * p * found.high};
  out.missed = {survey_objects * p * (1 - t), survey_objects * p * (1 - found.high), survey_objects * p * (1 - found.low)};
  return out;
}

}  // namespace lensfind::evaluate
