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

/// Figures of one bootstrap sample.
using BootstrapFigures = std::function<std::vector<double>(const LabelledScores&, RowWeights)>;

/// Figures of every model over `draws` bootstrap samples (Efron 1979): groups are drawn with replacement, those with a lens and those
/// without separately, so that the classes keep their sizes; all models, whose groups have common numbers, see the same draw. Entry i holds
/// the figures of the first model, then of the second and so on, for draw i, which depends on (seed, i) alone and not on the number of
/// threads. `figures` is called from several threads at once.
std::vector<std::vector<double>> paired_bootstrap(std::span<const LabelledScores> models, int draws, std::uint64_t seed,
                                                  const BootstrapFigures& figures, Progress& progress);

/// How many groups hold a lens.
std::int64_t groups_with_lens(const LabelledScores& scores);

/// Average precision of rows with weights, at the table's own share of lenses; `scores` are in order of the logit, so that nothing is
/// sorted again.
double weighted_average_precision(const LabelledScores& scores, RowWeights weights);

/// 95% interval of the average precision on the logit scale with Student's t and the bootstrap's standard error.
Figure average_precision_interval(const LabelledScores& scores, double value, int draws, std::uint64_t seed, Progress& progress);

}  // namespace lensfind::evaluate
