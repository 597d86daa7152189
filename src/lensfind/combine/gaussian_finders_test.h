#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "lensfind/base/random.h"
#include "lensfind/combine/finder_scores.h"

namespace lensfind::combine {

/// Two finders whose scores are Gaussian with variance 1 in both classes and a correlation; lenses lie higher by `shift`. The best
/// combination is linear (Fisher's), and its AUC known.
struct GaussianFinders {
  double first_shift = 1, second_shift = 1, correlation = 0;

  [[nodiscard]] LabelledRows draw(int lenses, int nonlenses, std::uint64_t seed) const {
    LabelledRows out{.scores = {2, {}}};
    RandomStream random{seed, Purpose::test};
    for (int i = 0; i < lenses + nonlenses; ++i) {
      const double lens = i < lenses ? 1 : 0, a = random.normal(), b = random.normal();
      out.scores.values.push_back(a + lens * first_shift);
      out.scores.values.push_back(correlation * a + std::sqrt(1 - correlation * correlation) * b + lens * second_shift);
      out.lens.push_back(i < lenses ? 1 : 0);
      out.groups.push_back(std::to_string(i));
    }
    return out;
  }

  /// AUC of the weights w: P(w . (x_lens - x_other) > 0).
  [[nodiscard]] double auc_of(double w1, double w2) const {
    const double variance = w1 * w1 + w2 * w2 + 2 * correlation * w1 * w2;
    return normal_below((w1 * first_shift + w2 * second_shift) / std::sqrt(2 * variance));
  }
  /// Of Fisher's weights, the inverse covariance times the shift.
  [[nodiscard]] double best_auc() const {
    return auc_of(first_shift - correlation * second_shift, second_shift - correlation * first_shift);
  }
  /// The exact log likelihood ratio.
  [[nodiscard]] double log_likelihood_ratio(double x1, double x2) const {
    const double w1 = (first_shift - correlation * second_shift) / (1 - correlation * correlation);
    const double w2 = (second_shift - correlation * first_shift) / (1 - correlation * correlation);
    return w1 * (x1 - first_shift / 2) + w2 * (x2 - second_shift / 2);
  }
  static double normal_below(double x) { return .5 * std::erfc(-x / std::sqrt(2)); }
};

inline FinderScores as_finder_scores(const LabelledRows& rows, std::vector<std::string> finders) {
  FinderScores out{.finders = std::move(finders), .ids = rows.groups, .groups = rows.groups, .table = rows.scores};
  for (const char lens : rows.lens) out.labels.push_back(lens ? Label::lens : Label::non_lens);
  return out;
}

}  // namespace lensfind::combine
