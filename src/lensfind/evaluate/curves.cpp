#include "lensfind/evaluate/curves.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lensfind::evaluate {
namespace {

constexpr double not_defined = std::numeric_limits<double>::quiet_NaN();

/// How far along the drawn curves each step lies, from 0 to 1: lengths on a linear and on a logarithmic axis together, so that both keep
/// their shape.
std::vector<double> lengths_along(std::span<const CurveStep> steps) {
  const double lenses = static_cast<double>(std::max<std::int64_t>(1, steps.back().true_positives));
  const double nonlenses = static_cast<double>(std::max<std::int64_t>(1, steps.back().false_positives));
  const double decades = std::log(1 + nonlenses);
  std::vector<double> lengths;
  lengths.reserve(steps.size());
  double length = 0;
  CurveStep before;
  for (const CurveStep& step : steps) {
    const auto rise = static_cast<double>(step.true_positives - before.true_positives) / lenses;
    const auto run = static_cast<double>(step.false_positives - before.false_positives) / nonlenses;
    const double log_run = std::log1p(static_cast<double>(step.false_positives)) - std::log1p(static_cast<double>(before.false_positives));
    length += rise + (run + log_run / decades) / 2;
    lengths.push_back(length);
    before = step;
  }
  return lengths;
}

}  // namespace

std::vector<CurveStep> curve_steps(std::span<const double> logits, std::span<const Label> labels) {
  struct Labelled {
    double logit;
    bool lens;
  };
  std::vector<Labelled> sorted;
  sorted.reserve(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i)
    if (labels[i] != Label::unknown) sorted.push_back({logits[i], labels[i] == Label::lens});
  std::sort(sorted.begin(), sorted.end(), [](const Labelled& a, const Labelled& b) { return a.logit > b.logit; });
  std::vector<CurveStep> steps;
  CurveStep sum;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    (sorted[i].lens ? sum.true_positives : sum.false_positives) += 1;
    sum.threshold = sorted[i].logit;
    if (i + 1 == sorted.size() || sorted[i + 1].logit != sorted[i].logit) steps.push_back(sum);
  }
  return steps;
}

double auc(std::span<const CurveStep> steps) {
  if (steps.empty() || steps.back().true_positives == 0 || steps.back().false_positives == 0) return not_defined;
  std::int64_t twice_the_area = 0;  // at most 2 x lenses x non-lenses, far below 2^63 for any table that fits in memory
  CurveStep before;
  for (const CurveStep& step : steps) {
    twice_the_area += (step.false_positives - before.false_positives) * (step.true_positives + before.true_positives);
    before = step;
  }
  return static_cast<double>(twice_the_area) /
         (2.0 * static_cast<double>(steps.back().true_positives) * static_cast<double>(steps.back().false_positives));
}

double auc(std::span<const double> logits, std::span<const Label> labels) { return auc(curve_steps(logits, labels)); }

double average_precision(std::span<const CurveStep> steps) {
  if (steps.empty() || steps.back().true_positives == 0) return not_defined;
  double sum = 0;
  std::int64_t before = 0;
  for (const CurveStep& step : steps) {
    const auto gained = static_cast<double>(step.true_positives - before);
    sum += gained * static_cast<double>(step.true_positives) / static_cast<double>(step.true_positives + step.false_positives);
    before = step.true_positives;
  }
  return sum / static_cast<double>(steps.back().true_positives);
}

double average_precision(std::span<const double> logits, std::span<const Label> labels) {
  return average_precision(curve_steps(logits, labels));
}

std::optional<std::size_t> step_of_false_positives(std::span<const CurveStep> steps, std::int64_t max) {
  std::optional<std::size_t> best;
  std::int64_t found = 0;
  for (std::size_t i = 0; i < steps.size() && steps[i].false_positives <= max; ++i) {
    if (steps[i].true_positives > found) best = i;
    found = steps[i].true_positives;
  }
  return best;
}

std::int64_t allowed_false_positives(std::int64_t nonlenses, double false_positive_rate) {
  const auto all = static_cast<double>(nonlenses);
  auto max = static_cast<std::int64_t>(false_positive_rate * all);
  // The product may round to the wrong side of a whole number; the quotient is what is compared everywhere.
  while (max < nonlenses && static_cast<double>(max + 1) / all <= false_positive_rate) ++max;
  while (max > 0 && static_cast<double>(max) / all > false_positive_rate) --max;
  return max;
}

std::vector<std::size_t> thinned_steps(std::span<const CurveStep> steps, std::span<const std::size_t> keep, std::size_t max) {
  std::vector<std::size_t> kept{keep.begin(), keep.end()};
  if (steps.empty()) return kept;
  if (steps.size() <= max) {
    kept.resize(steps.size());
    for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = i;
    return kept;
  }
  kept.push_back(0);
  kept.push_back(steps.size() - 1);
  const std::vector<double> lengths = lengths_along(steps);
  const std::size_t free_places = max > kept.size() ? max - kept.size() : 0;
  for (std::size_t i = 0; i < free_places; ++i) {
    const double wanted = lengths.back() * (static_cast<double>(i) + .5) / static_cast<double>(free_places);
    kept.push_back(static_cast<std::size_t>(std::lower_bound(lengths.begin(), lengths.end(), wanted) - lengths.begin()));
  }
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  return kept;
}

}  // namespace lensfind::evaluate
