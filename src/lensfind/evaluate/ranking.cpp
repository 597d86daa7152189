#include "lensfind/evaluate/ranking.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "lensfind/evaluate/distributions.h"
#include "lensfind/evaluate/selected_fraction.h"

namespace lensfind::evaluate {
namespace {

/// What half a pair more would add to 1 - AUC.
constexpr double pseudo_lenses = .5;

/// The variance of one class's mean placement with one more observation of variance (1 - AUC) / 2, the limit of Hanley & McNeil's
/// exponential scores.
double with_one_more(double variance, double groups, double shortfall) {
  return variance * (groups - 1) / (groups + 1) + .5 * shortfall / (groups * (groups + 1));
}

/// Mixture of Beta(x + 1/2, P - x + 1/2) over the possible numbers x of lenses above the true threshold. As `jeffreys` has modified ends
/// for no lens and for all, the mixture's upper end has Beta(1, P) for x = 0, its lower end Beta(P, 1) for x = P.
struct LensMixture {
  std::vector<double> found, weight;
  double trials = 0, effect = 1;

  enum class End { lower, upper };
  [[nodiscard]] double quantile(double p, End end) const {
    double low = 0;
    double high = 1;
    for (int i = 0; i < 50; ++i) ((below((low + high) / 2, end) < p) ? low : high) = (low + high) / 2;
    return (low + high) / 2;
  }

 private:
  [[nodiscard]] double below(double rate, End end) const {
    double sum = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const double successes = found[i] / effect;
      const double failures = (trials - found[i]) / effect;
      const bool none = successes <= 0 && end == End::upper;
      const bool all = failures <= 0 && end == End::lower;
      sum += weight[i] * (none  ? incomplete_beta(1, std::max(1.0, failures), rate)
                          : all ? incomplete_beta(std::max(1.0, successes), 1, rate)
                                : incomplete_beta(successes + .5, failures + .5, rate));
    }
    return sum;
  }
};

/// At most 200 numbers of lenses stand for all: neighbours are put together at their mean.
void add_weights(LensMixture& mixture, const std::vector<double>& weight_of_found) {
  const auto heavy = [](double w) { return w > 1e-9; };
  const auto first = std::find_if(weight_of_found.begin(), weight_of_found.end(), heavy) - weight_of_found.begin();
  const auto last = weight_of_found.rend() - std::find_if(weight_of_found.rbegin(), weight_of_found.rend(), heavy);
  const std::ptrdiff_t width = std::max<std::ptrdiff_t>(1, (last - first + 199) / 200);
  for (std::ptrdiff_t begin = first; begin < last; begin += width) {
    double weight = 0;
    double sum = 0;
    for (std::ptrdiff_t x = begin; x < std::min(last, begin + width); ++x) {
      weight += weight_of_found[static_cast<std::size_t>(x)];
      sum += weight_of_found[static_cast<std::size_t>(x)] * static_cast<double>(x);
    }
    if (weight <= 0) continue;
    mixture.found.push_back(sum / weight);
    mixture.weight.push_back(weight);
  }
}

/// Lenses selected while at most `most` non-lenses are; 0 for a negative number.
class LensesWithin {
 public:
  explicit LensesWithin(std::span<const CurveStep> steps) : steps_{steps} {}
  std::int64_t operator()(std::int64_t max) const {
    const auto after =
        std::upper_bound(steps_.begin(), steps_.end(), max, [](std::int64_t m, const CurveStep& s) { return m < s.false_positives; });
    return max < 0 || after == steps_.begin() ? 0 : (after - 1)->true_positives;
  }

 private:
  std::span<const CurveStep> steps_;
};

/// How probable each number of lenses above the true threshold is: K non-lenses lie above it, K binomial, and the lenses between the K-th
/// and the next non-lens may lie on either side.
std::vector<double> weights_of_found(std::span<const CurveStep> steps, double nonlenses, double effect, double rate) {
  const LensesWithin lenses_within{steps};
  std::vector<double> jumps(static_cast<std::size_t>(steps.back().true_positives) + 2);
  const double trials = nonlenses / effect;
  const double reach = 8 * std::sqrt(trials * rate * (1 - rate)) + 8;
  const double first = std::max(0.0, std::floor(trials * rate - reach));
  const double last = std::min(std::floor(trials), std::ceil(trials * rate + reach));
  for (double k = first; k <= last; ++k) {
    const auto max = static_cast<std::int64_t>(std::llround(k * effect));
    const auto low = static_cast<std::size_t>(lenses_within(static_cast<std::int64_t>(std::llround((k - 1) * effect))));
    const auto high = static_cast<std::size_t>(lenses_within(max));
    const double weight = binomial_probability(k, trials, rate) / static_cast<double>(high - low + 1);
    jumps[low] += weight;
    jumps[high + 1] -= weight;
  }
  double running = 0;
  for (double& jump : jumps) jump = running += jump;
  return jumps;
}

}  // namespace

std::vector<double> placements(const LabelledScores& scores, std::span<const CurveStep> steps) {
  std::vector<double> out;
  out.reserve(scores.size());
  const auto lenses = static_cast<double>(scores.lenses);
  const auto nonlenses = static_cast<double>(scores.nonlenses);
  CurveStep before;
  for (const CurveStep& step : steps) {
    const double of_lens = 1 - static_cast<double>(before.false_positives + step.false_positives) / (2 * nonlenses);
    const double of_nonlens = static_cast<double>(before.true_positives + step.true_positives) / (2 * lenses);
    for (std::int64_t left = step.true_positives + step.false_positives - before.true_positives - before.false_positives; left > 0; --left)
      out.push_back(scores.labels[out.size()] == Label::lens ? of_lens : of_nonlens);
    before = step;
  }
  return out;
}

Estimate shrunken_logit_interval(double value, const std::array<double, 2>& of_class, const std::array<double, 2>& groups,
                                 double covariance) {
  const double fewest = std::min(groups[0], groups[1]);
  const auto interval = [&](double shortfall) {
    std::array<double, 2> parts{};
    for (std::size_t c = 0; c < 2; ++c) parts[c] = with_one_more(of_class[c], groups[c], shortfall);
    const double variance = std::max(parts[0] + parts[1] + covariance, std::max(parts[0], parts[1]));
    return logit_interval(1 - shortfall, std::sqrt(variance), degrees_of_freedom(parts, groups));
  };
  const double shrunk = (fewest * (1 - value) + pseudo_lenses / 2) / (fewest + pseudo_lenses);
  const double high = value < 1 ? interval(1 - value).high : 1;
  return {value, std::min(value, interval(shrunk).low), std::max(value, high)};
}

Estimate auc_interval(double auc, const Spread& spread) {
  if (auc < .5) {
    const Estimate mirrored = auc_interval(1 - auc, spread);
    return {auc, 1 - mirrored.high, 1 - mirrored.low};
  }
  return shrunken_logit_interval(auc, spread.of_class, spread.groups, spread.variance - spread.of_class[0] - spread.of_class[1]);
}

Estimate tpr_interval(const LabelledScores& scores, std::span<const CurveStep> steps, double value, double false_positive_rate) {
  const auto step = step_of_false_positives(steps, allowed_false_positives(scores.nonlenses, false_positive_rate));
  const double threshold = step ? steps[*step].threshold : std::numeric_limits<double>::infinity();
  const double lens_trials = selected_fraction(scores, Label::lens, threshold).trials;
  const double nonlens_trials = selected_fraction(scores, Label::non_lens, threshold).trials;
  const auto nonlenses = static_cast<double>(scores.nonlenses);
  LensMixture mixture{.trials = static_cast<double>(scores.lenses)};
  mixture.effect = mixture.trials / lens_trials;
  add_weights(mixture, weights_of_found(steps, nonlenses, nonlenses / nonlens_trials, false_positive_rate));
  const double low = value <= 0 ? 0 : mixture.quantile(.025, LensMixture::End::lower);
  const double high = value >= 1 ? 1 : mixture.quantile(.975, LensMixture::End::upper);
  return {value, std::min(value, low), std::max(value, high)};
}

TprAtFpr tpr_at_fpr(const LabelledScores& scores, std::span<const CurveStep> steps, double false_positive_rate) {
  const auto step = step_of_false_positives(steps, allowed_false_positives(scores.nonlenses, false_positive_rate));
  TprAtFpr out{.false_positive_rate = false_positive_rate, .threshold = std::numeric_limits<double>::infinity()};
  const double value = step ? static_cast<double>(steps[*step].true_positives) / static_cast<double>(scores.lenses) : 0;
  out.true_positive_rate = tpr_interval(scores, steps, value, false_positive_rate);
  out.resolved =
      static_cast<double>(scores.nonlenses) * false_positive_rate >= 3 * (1 - 1e-12);  // 3000 x 1e-3 is 3, whatever its last digit
  if (!step) return out;
  out.threshold = steps[*step].threshold;
  out.certified = clopper_pearson_upper(selected_fraction(scores, Label::non_lens, out.threshold)) <= false_positive_rate;
  return out;
}

Estimate tpr_at_false_positives(const LabelledScores& scores, std::span<const CurveStep> steps, std::int64_t false_positives) {
  if (scores.nonlenses <= false_positives) return {1, 0, 1};
  const auto step = step_of_false_positives(steps, false_positives);
  const double value = step ? static_cast<double>(steps[*step].true_positives) / static_cast<double>(scores.lenses) : 0;
  const double rate = static_cast<double>(false_positives + 1) / static_cast<double>(scores.nonlenses + 1);
  return tpr_interval(scores, steps, value, std::min(rate, 1.0));
}

}  // namespace lensfind::evaluate
