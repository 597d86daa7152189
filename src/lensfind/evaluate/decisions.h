#pragma once

#include <cstdint>
#include <vector>

#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/labelled.h"

namespace lensfind::evaluate {

/// What is known about the two rates of a threshold: counts, and draws from the Beta posteriors of Jeffreys' prior that say how uncertain
/// they are.
struct Rates {
  Proportion lenses, nonlenses;                                 ///< selected of all; groups count as selected_share says
  std::vector<double> true_positive_rate, false_positive_rate;  ///< draws, of the same length
};

Rates rates_at(const LabelledScores& scores, double threshold, std::uint64_t seed);

/// Figures of a threshold that was chosen beforehand. Recall by Jeffreys; F1, precision and accuracy, which mix both classes, from draws of
/// both rates. Where nothing is selected the precision is 0 with the interval [0, 1].
AtThreshold at_threshold(const LabelledScores& scores, const model::OperatingPoint& point, const Rates& rates);

/// What a survey of 10^6 objects of which a share `prevalence` are lenses would give. Values are medians of the draws: the plain ratio
/// would promise purity 1 wherever no false positive was seen.
AtPrevalence at_prevalence(const Rates& rates, const std::string& point, double prevalence);

}  // namespace lensfind::evaluate
