#pragma once

#include <array>
#include <span>

#include "lensfind/evaluate/labelled.h"

namespace lensfind::evaluate {

/// How far a figure may lie from its true value.
struct Spread {
  double variance = 0;
  double degrees_of_freedom = 1;     ///< of the variance's estimate (Satterthwaite 1946), at least 1
  std::array<double, 2> of_class{};  ///< what non-lenses and lenses add; groups that hold both add a covariance to their sum
  std::array<double, 2> groups{};    ///< how many groups hold a non-lens, a lens

  [[nodiscard]] double standard_error() const;
};

/// Satterthwaite's degrees of freedom of a variance with the two parts `of_class`, each estimated from its number of groups.
double degrees_of_freedom(const std::array<double, 2>& of_class, const std::array<double, 2>& groups);

/// Variance of (mean of `values` over lenses) + (mean over non-lenses). `values` has an entry a row of `scores`. Rows of one group are
/// summed first, so that they count as one observation; a class of a single group adds nothing. With DeLong's placements as values this is
/// the variance of the AUC (DeLong, DeLong & Clarke-Pearson 1988), with groups that of Obuchowski (1997). With influence functions it
/// serves any smooth figure.
Spread spread_of_class_means(const LabelledScores& scores, std::span<const double> values);

/// The same of (sum of all values) when each row is drawn again within its class: values are multiplied by their class's size first.
Spread spread_of_sum(const LabelledScores& scores, std::span<const double> values);

}  // namespace lensfind::evaluate
