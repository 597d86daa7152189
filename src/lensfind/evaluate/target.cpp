#include "lensfind/evaluate/target.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/evaluate/curves.h"
#include "lensfind/evaluate/decisions.h"
#include "lensfind/evaluate/labelled.h"
#include "lensfind/evaluate/selected_fraction.h"

namespace lensfind::evaluate {
namespace {

constexpr std::array<std::pair<const char*, Target::Kind>, 4> target_names{{{"purity", Target::Kind::purity},
                                                                            {"recall", Target::Kind::recall},
                                                                            {"fpr", Target::Kind::false_positive_rate},
                                                                            {"candidates", Target::Kind::candidates}}};

/// What one threshold is expected to bring.
struct Expectation {
  double purity = 0, recall = 0, false_positive_rate = 0, candidates = 0;
};

Expectation expectation_of(const CurveStep& step, const CurveStep& all, double prevalence) {
  // The mean true rates at the x-th of n lenses and at the next of N non-lenses: no purity is promised for want of false positives.
  const double t = static_cast<double>(step.true_positives) / static_cast<double>(all.true_positives + 1);
  const double f = static_cast<double>(step.false_positives + 1) / static_cast<double>(all.false_positives + 1);
  const double selected = prevalence * t + (1 - prevalence) * f;
  return {.purity = prevalence * t / selected,
          .recall = static_cast<double>(step.true_positives) / static_cast<double>(all.true_positives),
          .false_positive_rate = static_cast<double>(step.false_positives) / static_cast<double>(all.false_positives),
          .candidates = 1e6 * selected};
}

bool grants(const Target& target, const Expectation& expected) {
  switch (target.kind) {
    case Target::Kind::purity:
      return expected.purity >= target.value;
    case Target::Kind::recall:
      return expected.recall >= target.value;
    case Target::Kind::false_positive_rate:
      return expected.false_positive_rate <= target.value;
    case Target::Kind::candidates:
      return expected.candidates <= target.value;
  }
  return false;
}

/// Of the steps that reach the target the first with the most lenses; for a recall the first at all.
std::optional<std::size_t> best_step(std::span<const CurveStep> steps, const Target& target, double prevalence) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].true_positives == 0 || !grants(target, expectation_of(steps[i], steps.back(), prevalence))) continue;
    if (target.kind == Target::Kind::recall) return i;
    if (!best || steps[i].true_positives > steps[*best].true_positives) best = i;
  }
  return best;
}

[[noreturn]] void refuse(std::span<const CurveStep> steps, const Target& target, double prevalence) {
  double purest = 0;
  double fewest = 1e6;
  for (const CurveStep& step : steps) {
    if (step.true_positives == 0) continue;
    const Expectation expected = expectation_of(step, steps.back(), prevalence);
    purest = std::max(purest, expected.purity);
    fewest = std::min(fewest, expected.candidates);
  }
  const std::int64_t nonlenses = steps.back().false_positives;
  if (target.kind == Target::Kind::purity)
    throw Error{fmt::format("no threshold gives a purity of {:g} at a prevalence of {:g}: {} non-lenses can vouch for {:.3g} at most",
                            target.value, prevalence, nonlenses, purest),
                "ask for less, or validate on more non-lenses"};
  if (target.kind == Target::Kind::candidates)
    throw Error{
        fmt::format(
            "no threshold that selects a lens gives as few as {:g} candidates of 10^6 objects: {} non-lenses can vouch for {:.0f} at least",
            target.value, nonlenses, fewest),
        "ask for more candidates, or validate on more non-lenses"};
  throw Error{fmt::format("no threshold that selects a lens has a false-positive rate of {:g} or less", target.value),
              "ask for a higher rate"};
}

/// Fills in what the threshold will bring. It is the logit of a lens that was chosen for standing there, and it was lowered until the next
/// non-lens forbade it: the unfavourable ends count that lens, `own` of them, as missed, and take the false-positive rate for that of the
/// next non-lens, which is Beta(x + 1, N - x), Jeffreys' posterior of half a success more.
void bring(const Proportion& lenses, const Proportion& nonlenses, double own, ReachedTarget& out) {
  const auto without = [&](double part) { return Proportion{std::max(0.0, lenses.successes - part * own), lenses.trials}; };
  const Proportion up_to_next{std::min(nonlenses.successes + .5, nonlenses.trials), nonlenses.trials};
  const Rates seen = rates_of(lenses, nonlenses);
  const Rates feared = rates_of(without(1), up_to_next);
  const auto at = [&](const Rates& of_lenses, const Rates& of_nonlenses) {
    return at_prevalence({.lenses = of_lenses.lenses,
                          .nonlenses = of_nonlenses.nonlenses,
                          .true_positive_rate = of_lenses.true_positive_rate,
                          .false_positive_rate = of_nonlenses.false_positive_rate},
                         out.point.name, out.prevalence);
  };
  const AtPrevalence middle = at({.lenses = without(.5), .true_positive_rate = seen.true_positive_rate}, seen);
  out.purity = {middle.purity.value, at(feared, feared).purity.low, at(seen, seen).purity.high};
  out.candidates = {middle.candidates.value, at(feared, seen).candidates.low, at(seen, feared).candidates.high};
  out.found = {middle.found.value, at(feared, seen).found.low, at(seen, seen).found.high};
  out.missed = {middle.missed.value, at(seen, seen).missed.low, at(feared, seen).missed.high};
  out.recall = {lenses.successes / lenses.trials, jeffreys(feared.lenses).low, jeffreys(lenses).high};
  out.false_positive_rate = jeffreys(nonlenses);
  out.false_positive_rate.high = jeffreys(up_to_next).high;
}

}  // namespace

Target parse_target(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const auto known = std::find_if(target_names.begin(), target_names.end(), [&](const auto& entry) { return name == entry.first; });
  const auto number = equals == std::string::npos ? std::nullopt : parse_number(text.substr(equals + 1));
  if (known == target_names.end() || !number)
    throw Error{fmt::format("`{}` is no target that can be read", text),
                "write purity=.5, recall=.9, fpr=1e-3 or candidates=1000 (of 10^6 objects)"};
  const bool candidates = known->second == Target::Kind::candidates;
  if (!(*number > 0) || (!candidates && *number >= 1) || (candidates && *number > 1e6))
    throw Error{fmt::format("`{}`: {} must lie between 0 and {}", text, name, candidates ? "10^6" : "1"), "both ends excluded"};
  return {known->second, *number};
}

std::string target_text(const Target& target) {
  for (const auto& [name, kind] : target_names)
    if (kind == target.kind) return fmt::format("{}={:g}", name, target.value);
  return {};
}

ReachedTarget reach_target(const Scores& labelled, const Target& target, double prevalence, const std::string& chosen_on) {
  if (!(prevalence > 0 && prevalence < 1))
    throw Error{fmt::format("the prevalence is {:g}", prevalence), "give a fraction between 0 and 1, such as 1e-4"};
  const LabelledScores scores = labelled_scores(labelled);
  const std::vector<CurveStep> steps = curve_steps(scores.logits, scores.labels);
  const auto step = best_step(steps, target, prevalence);
  if (!step) refuse(steps, target, prevalence);
  ReachedTarget out{.target = target, .point = {target_text(target), steps[*step].threshold, chosen_on}, .prevalence = prevalence};
  const Proportion lenses = selected_fraction(scores, Label::lens, out.point.threshold);
  const Proportion nonlenses = selected_fraction(scores, Label::non_lens, out.point.threshold);
  bring(lenses, nonlenses, lenses.trials / static_cast<double>(scores.lenses), out);
  return out;
}

}  // namespace lensfind::evaluate
