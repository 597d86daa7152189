#pragma once

#include <vector>

#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/labelled.h"

namespace lensfind::evaluate {

/// What is known about the two rates of a threshold: counts, and equally probable pairs of rates that say how uncertain they are. A rate of
/// x in n has half its values from Beta(x, n - x + 1) and half from Beta(x + 1, n - x) (the mid-P version of Clopper & Pearson's bounds;
/// Hannig 2009). Unlike a posterior's, they are 0 half of the time where x = 0, so that a rate which is nearly 0 is not taken for 1 / n.
/// The pairs lie on a lattice of Fibonacci numbers, which covers both distributions evenly where drawn numbers leave gaps.
struct Rates {
  Proportion lenses, nonlenses;                                 ///< selected of all; groups count as selected_fraction says
  std::vector<double> true_positive_rate, false_positive_rate;  ///< pairs: both have the same length
};

/// The rates of logit >= threshold. Groups count as selected_fraction says.
Rates rates_at(const LabelledScores& scores, double threshold);
/// The rates that belong to these counts.
Rates rates_of(const Proportion& lenses, const Proportion& nonlenses);

/// Figures of a threshold that was chosen beforehand. Recall by Jeffreys; F1, precision and accuracy, which mix both classes, from pairs of
/// both rates. Where nothing is selected the precision is 0 with the interval [0, 1].
AtThreshold at_threshold(const LabelledScores& scores, const OperatingPoint& point, const Rates& rates);

/// What a survey of 10^6 objects would give, of which a fraction `prevalence` are lenses. Values are those at the medians of Jeffreys'
/// posteriors of both rates. The plain ratio would promise purity 1 wherever no false positive was seen.
AtPrevalence at_prevalence(const Rates& rates, const std::string& point, double prevalence);

}  // namespace lensfind::evaluate
