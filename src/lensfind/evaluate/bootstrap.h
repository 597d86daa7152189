#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/evaluate/intervals.h"
#include "lensfind/evaluate/labelled.h"

namespace lensfind::evaluate {

/// How many times each row of `scores` is drawn in one bootstrap sample.
using RowWeights = std::span<const std::uint16_t>;

/// Figures of one model, by its number, in one bootstrap sample.
using BootstrapEstimates = std::function<std::vector<double>(std::size_t, RowWeights)>;

/// Figures of every model over `draws` bootstrap samples (Efron 1979). Groups are drawn with replacement, those with a lens and those
/// without separately, so that the classes keep their sizes. All models see the same draw; their groups have common numbers. Entry i holds
/// the figures of the first model, then of the second and so on, for draw i. It depends on (seed, i) alone and not on the number of
/// threads. `figures` is called from several threads at once.
std::vector<std::vector<double>> paired_bootstrap(std::span<const LabelledScores> models, int draws, std::uint64_t seed,
                                                  const BootstrapEstimates& figures, Progress& progress);

/// How many groups hold a lens.
std::int64_t groups_with_lens(const LabelledScores& scores);

/// Lenses and non-lenses down to some logit, rows counted by their weights.
struct WeightedStep {
  std::int64_t true_positives = 0, false_positives = 0;
};

/// The ties of a table in which a lens stands. Average precision and TPR change nowhere else. So one pass over the weights gives both, and
/// nothing is sorted again.
class LensSteps {
 public:
  explicit LensSteps(const LabelledScores& scores);
  /// Counts down to each of the ties, from the highest logit, and one more entry for all rows behind them.
  [[nodiscard]] std::vector<WeightedStep> counts(RowWeights weights) const;
  /// At the table's own fraction of lenses, whatever that of the weighted rows is. NaN without a lens.
  [[nodiscard]] double average_precision(std::span<const WeightedStep> counts) const;
  /// The highest TPR whose FPR does not exceed `false_positive_rate`; 0 without a lens.
  [[nodiscard]] static double tpr(std::span<const WeightedStep> counts, double false_positive_rate);

 private:
  struct Tie {
    std::size_t end = 0;     ///< one past its last row
    std::size_t lenses = 0;  ///< of the table, down to here
  };
  std::vector<Tie> ties_;
  std::vector<std::size_t> lens_rows_;
  double nonlenses_a_lens_ = 0;
};

/// 95% interval of the average precision on the logit scale with Student's t and the bootstrap's standard error.
Estimate average_precision_interval(const LabelledScores& scores, double value, int draws, std::uint64_t seed, Progress& progress);

}  // namespace lensfind::evaluate
