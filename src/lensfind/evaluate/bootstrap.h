#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/evaluate/labelled.h"

namespace lensfind::evaluate {

/// How many times each row of `scores` is drawn in one bootstrap sample.
using RowWeights = std::span<const std::uint16_t>;

/// Values of a statistic over `draws` bootstrap samples (Efron 1979): groups are drawn with replacement, those with a lens and those
/// without separately, so that the classes keep their sizes. Draw number i depends on (seed, i) alone, not on the number of threads.
/// `statistic` may be called from several threads at once.
std::vector<double> bootstrap(const LabelledScores& scores, int draws, std::uint64_t seed,
                              const std::function<double(RowWeights)>& statistic, Progress& progress);

/// Average precision of rows with weights; `scores` are in order of the logit, so that nothing is sorted again.
double weighted_average_precision(const LabelledScores& scores, RowWeights weights);

/// 95% interval of the average precision on the logit scale with Student's t and the bootstrap's standard error.
Figure average_precision_interval(const LabelledScores& scores, double value, int draws, std::uint64_t seed, Progress& progress);

}  // namespace lensfind::evaluate
