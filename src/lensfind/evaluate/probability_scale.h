#pragma once

#include <initializer_list>
#include <optional>

#include "lensfind/evaluate/scores.h"

namespace lensfind::evaluate {

/// Scores that are probabilities: all lie in [0, 1], as a sigmoid or softmax leaves them. A calibration is a line on their logit, not on
/// the scores themselves.
class ProbabilityScale {
 public:
  /// Of the tables of one finder. Nothing where a score lies outside [0, 1], or where none lies strictly inside.
  static std::optional<ProbabilityScale> of(std::initializer_list<const Scores*> tables);

  /// ln(p / (1 - p)). The logits of 0 and 1 are infinite. Such scores were rounded: they count as half as far from their end as the nearest
  /// other score of the tables, and keep their place in the order.
  [[nodiscard]] double logit(double probability) const;
  /// The score whose logit it is.
  [[nodiscard]] static double probability(double logit);
  /// The table with logits in place of the scores.
  [[nodiscard]] Scores with_logits(Scores scores) const;

  /// What a 0 counts as, and how far below 1 a 1 counts.
  [[nodiscard]] double zero() const { return zero_; }
  [[nodiscard]] double below_one() const { return below_one_; }

 private:
  double zero_ = 0, below_one_ = 0;
};

}  // namespace lensfind::evaluate
