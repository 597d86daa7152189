#pragma once

#include <initializer_list>
#include <optional>

#include "lensfind/evaluate/scores.h"

namespace lensfind::evaluate {

/// Scores that are probabilities: all lie in [0, 1], as a sigmoid or softmax leaves them. A calibration is a line on their logit, not on
/// themselves.
class ProbabilityScale {
 public:
  /// Of tables of one finder; nothing where a score lies outside [0, 1], or none strictly inside.
  static std::optional<ProbabilityScale> of(std::initializer_list<const Scores*> tables);

  /// ln(p / (1 - p)). 0 and 1, whose logits are infinite, count as half as far from their end as the nearest other score of the tables:
  /// they were rounded, and keep their place in the order.
  [[nodiscard]] double logit(double probability) const;
  /// The score whose logit it is.
  [[nodiscard]] static double probability(double logit);
  /// The table with logits in place of the scores.
  [[nodiscard]] Scores with_logits(Scores scores) const;

  /// What 0 counts as, and how far below 1 a 1 counts as.
  [[nodiscard]] double zero() const { return zero_; }
  [[nodiscard]] double below_one() const { return below_one_; }

 private:
  double zero_ = 0, below_one_ = 0;
};

}  // namespace lensfind::evaluate
