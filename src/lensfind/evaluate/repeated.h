#pragma once

#include <span>
#include <string>
#include <vector>

#include "lensfind/evaluate/evaluation.h"

namespace lensfind::evaluate {

/// Mean and spread of one figure over runs that differ in their seed alone.
struct OverSeeds {
  int runs = 0;
  double mean = 0;
  double std_dev = 0;  ///< of single runs (n - 1); NaN for one run
  double min = 0, max = 0;
};

/// Over at least one value; all are finite.
OverSeeds over_seeds(std::span<const double> values);

/// Differences between recipes that were trained with the same number of seeds each: the mean over the first recipe's runs minus that over
/// the second's. `runs[r][s]` are the scores of recipe r with its s-th seed, all on the same samples. The variance has two parts:
/// - the samples under test: from paired_differences of all runs, as Var(sum c_i x_i) = -1/2 sum c_i c_j Var(x_i - x_j) for sum c_i = 0;
/// - the seeds: each recipe's variance between its runs over their number (Welch). It holds a part of the samples' too, so that intervals
///   are a little wide. With one seed it is unknown and left out.
/// Student's t with Satterthwaite's degrees of freedom. `first` and `second` of the result number recipes. Throws Error where recipes have
/// different numbers of runs, and as paired_differences does.
std::vector<PairedDifference> repeated_differences(const std::vector<std::vector<Scores>>& runs, const EvaluationOptions& options,
                                                   Progress& progress = no_progress());

}  // namespace lensfind::evaluate
