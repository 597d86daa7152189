#include "lensfind/evaluate/cascade_cut.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/evaluate/distributions.h"

namespace lensfind::evaluate {
namespace {

/// Student logits of the lenses that the teacher finds.
std::vector<double> found_lenses(std::span<const TwoLogits> samples, double threshold) {
  std::vector<double> logits;
  for (const TwoLogits& sample : samples) {
    if (sample.lens && sample.teacher >= threshold) logits.push_back(sample.student);
  }
  return logits;
}

Estimate fraction_of_nonlenses(std::span<const TwoLogits> samples, double cut) {
  Proportion passed;
  for (const TwoLogits& sample : samples) {
    if (sample.lens) continue;
    ++passed.trials;
    if (sample.student >= cut) ++passed.successes;
  }
  return jeffreys(passed);
}

}  // namespace

CascadeCut choose_cut(std::span<const TwoLogits> samples, double threshold, double max_lost) {
  std::vector<double> found = found_lenses(samples, threshold);
  const auto n = static_cast<double>(found.size());
  // So that 1% of 99 + 1 is 1 and not a rounding error less.
  const double k = std::floor(max_lost * (n + 1) * (1 + 1e-12));
  if (k < 1) {
    throw Error{
        fmt::format("the teacher finds {} lenses that the student was not trained on, at least {:.0f} are needed to lose no more than {:g}",
                    found.size(), std::ceil(1 / max_lost * (1 - 1e-12)) - 1, max_lost),
        "give more labelled lenses, a larger validation_fraction, or allow a larger loss with --max-lost"};
  }
  const auto place = found.begin() + static_cast<std::ptrdiff_t>(k) - 1;
  std::nth_element(found.begin(), place, found.end());
  return {.cut = *place,
          .lenses = static_cast<std::int64_t>(found.size()),
          .lost = {k / (n + 1), beta_quantile(.025, k, n + 1 - k), beta_quantile(.975, k, n + 1 - k)},
          .passed = fraction_of_nonlenses(samples, *place)};
}

CascadeCut evaluate_cut(std::span<const TwoLogits> samples, double threshold, double cut) {
  const std::vector<double> found = found_lenses(samples, threshold);
  const auto lost = static_cast<double>(std::ranges::count_if(found, [cut](double logit) { return logit < cut; }));
  return {.cut = cut,
          .lenses = static_cast<std::int64_t>(found.size()),
          .lost = jeffreys({lost, static_cast<double>(found.size())}),
          .passed = fraction_of_nonlenses(samples, cut)};
}

}  // namespace lensfind::evaluate
