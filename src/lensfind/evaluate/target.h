#pragma once

#include <cstdint>
#include <string>

#include "lensfind/evaluate/evaluation.h"

namespace lensfind::evaluate {

/// What a user wants a threshold to reach.
struct Target {
  enum class Kind { purity, recall, false_positive_rate, candidates };
  Kind kind = Kind::purity;
  double value = .5;  ///< a fraction in (0, 1); candidates: how many of 10^6 objects, > 0
};

/// "purity=.5", "recall=.9", "fpr=1e-3" or "candidates=1000"; Error for anything else.
Target parse_target(const std::string& text);
/// The same text again, the name of the operating point.
std::string target_text(const Target& target);

/// A threshold for a target, and what it will bring with 95% intervals.
struct ReachedTarget {
  Target target;
  OperatingPoint point;
  double prevalence = 0;
  Estimate purity, candidates, found, missed;  ///< as AtPrevalence, of 10^6 objects at the prevalence
  Estimate recall, false_positive_rate;
};

/// Chooses a threshold on labelled scores that are not those under test (validation).
/// - purity: the most lenses at no less purity; recall: the fewest candidates at no less recall;
/// - fpr: the most lenses at no higher false-positive rate; candidates: the most lenses with no more candidates.
/// For purity and candidates, rates are estimated as x / (n + 1) of lenses and (x + 1) / (N + 1) of non-lenses: their means at the x-th
/// lens and at the next non-lens (order statistics of uniform numbers). So no purity is promised for want of false positives. Throws Error
/// where no threshold reaches the target, and names what can be had.
ReachedTarget reach_target(const Scores& labelled, const Target& target, double prevalence, const std::string& chosen_on);

}  // namespace lensfind::evaluate
