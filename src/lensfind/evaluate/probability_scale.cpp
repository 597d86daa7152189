#include "lensfind/evaluate/probability_scale.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lensfind::evaluate {

std::optional<ProbabilityScale> ProbabilityScale::of(std::initializer_list<const Scores*> tables) {
  double min = 1, nearest_to_one = 1;
  for (const Scores* table : tables) {
    for (const Score& score : *table) {
      if (std::isnan(score.logit)) continue;
      if (!(score.logit >= 0 && score.logit <= 1)) return {};
      if (score.logit > 0) min = std::min(min, score.logit);
      if (score.logit < 1) nearest_to_one = std::min(nearest_to_one, 1 - score.logit);
    }
  }
  if (min == 1 || nearest_to_one == 1) return {};  // only 0 and 1: decisions, no probabilities
  ProbabilityScale scale;
  scale.zero_ = std::max(min / 2, std::numeric_limits<double>::denorm_min());
  scale.below_one_ = nearest_to_one / 2;
  return scale;
}

double ProbabilityScale::logit(double p) const {
  if (p <= 0) return std::log(zero_);
  if (p >= 1) return std::log1p(-below_one_) - std::log(below_one_);
  return std::log(p) - std::log1p(-p);
}

double ProbabilityScale::probability(double logit) { return 1 / (1 + std::exp(-logit)); }

Scores ProbabilityScale::with_logits(Scores scores) const {
  for (Score& score : scores) score.logit = std::isnan(score.logit) ? score.logit : logit(score.logit);
  return scores;
}

}  // namespace lensfind::evaluate
