#include "lensfind/evaluate/warnings.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lensfind::evaluate {
namespace {

constexpr std::int64_t few_lenses = 50;

void warn_of_counts(const Evaluation& e, std::vector<std::string>& out) {
  if (std::min(e.lenses, e.nonlenses) < fewest_that_mean_anything)
    out.push_back(fmt::format("Only {} lenses and {} non-lenses: below {} of either, these figures mean nothing; look at the intervals.",
                              e.lenses, e.nonlenses, fewest_that_mean_anything));
  else if (e.lenses < few_lenses)
    out.push_back(fmt::format("Only {} lenses: every true-positive rate is uncertain by more than a tenth.", e.lenses));
  if (e.not_a_number > 0) out.push_back(fmt::format("{} rows have no number as score; they are left out of every figure.", e.not_a_number));
  if (e.unlabelled > 0) out.push_back(fmt::format("{} rows have no label; they are left out of every figure.", e.unlabelled));
}

void warn_of_rates(const Evaluation& e, std::vector<std::string>& out) {
  std::string unresolved;
  double largest = 0;
  for (const TprAtFpr& entry : e.tpr_at_fpr) {
    if (entry.resolved) continue;
    unresolved += fmt::format("{}{:g}", unresolved.empty() ? "" : ", ", entry.false_positive_rate);
    largest = std::max(largest, entry.false_positive_rate);
  }
  if (!unresolved.empty())
    out.push_back(fmt::format("{} non-lenses cannot resolve false-positive rates of {}: each needs at least 3 / rate ({:.0f} for {:g}).",
                              e.nonlenses, unresolved, 3 / largest, largest));
  if (e.nonlenses < 10)
    out.push_back(fmt::format("TPR10 allows nine false positives and there are {} non-lenses: it is 1 whatever the scores.", e.nonlenses));
  for (const AtThreshold& at : e.thresholds)
    if (at.confusion.false_positives == 0)
      out.push_back(fmt::format(
          "No false positive at the threshold {}: its false-positive rate is below about {:.2g} and no better known; purity follows "
          "from that bound.",
          at.point.name, 3 / static_cast<double>(e.nonlenses)));
}

void warn_of_figures(const Evaluation& e, std::vector<std::string>& out) {
  if (e.auc.value < .5) out.emplace_back("The AUC is below 1/2: the scores rank non-lenses above lenses. Are labels or signs swapped?");
  if (e.auc.value == 1)
    out.emplace_back("Every lens ranks above every non-lens: check for copies shared with the training set before believing it.");
  if (e.roc.size() == 2) out.emplace_back("All scores are equal: they rank nothing.");
}

void warn_of_probabilities(const Evaluation& e, std::optional<double> stated_prevalence, std::vector<std::string>& out) {
  if (!e.calibration) return;
  const CalibrationEstimates& c = *e.calibration;
  const double expected = c.expected_intercept;
  const bool hold = c.slope.low <= 1 && c.slope.high >= 1 && c.intercept.low <= expected && c.intercept.high >= expected;
  if (hold && std::abs(expected) > .1)
    out.push_back(
        fmt::format("The probabilities are for a fraction of {:.3g} lenses, this set has {:.3g}: they hold for what they are meant for, "
                    "and the intercept, Brier score, log loss and calibration error on this set show the difference.",
                    *stated_prevalence, static_cast<double>(e.lenses) / static_cast<double>(e.lenses + e.nonlenses)));
  if (!hold)
    out.push_back(
        fmt::format("The probabilities do not hold on this set (slope {:.2f}, intercept {:.2f}; 1 and {:.2f} would hold): its fraction of "
                    "lenses, or its objects, differ from those of the calibration.",
                    c.slope.value, c.intercept.value, expected));
}

}  // namespace

std::vector<std::string> warnings_of(const Evaluation& evaluation, std::optional<double> stated_prevalence) {
  std::vector<std::string> out;
  warn_of_counts(evaluation, out);
  warn_of_rates(evaluation, out);
  warn_of_figures(evaluation, out);
  warn_of_probabilities(evaluation, stated_prevalence, out);
  return out;
}

}  // namespace lensfind::evaluate
