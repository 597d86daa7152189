#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "lensfind/evaluate/intervals.h"
#include "lensfind/evaluate/labelled.h"

namespace lensfind::evaluate {

/// What a lens (or non-lens) counts for in a fraction of its class, where rows stand in groups: n* / n, the effective over the true sample
/// size of Korn & Graubard (1998),
///
///     n* = min(n, n / D (t(n - 1) / t(G - 1))^2)
///
/// where t(f) is the 97.5% quantile of Student's t with f degrees of freedom and G the number of groups. D is the design effect of Rao &
/// Scott (1992), the variance of the fraction between groups over the binomial one. A fraction of a few rows says little of its own design
/// effect. So D is taken at the threshold nearest to this one that has rows of at least 20 groups (or of half the groups) on either side.
/// Where all rows have one logit, each group counts as one sample.
/// `selected` says how many rows of both classes stand above the thresholds asked for, in ascending order. The result has an entry for
/// each. O(rows + groups) for all together.
std::vector<double> effective_weights(const LabelledScores& scores, Label label, std::span<const std::size_t> selected);

/// Lenses (or non-lenses) with logit >= threshold, and all of them, both times what one of them counts for.
Proportion selected_fraction(const LabelledScores& scores, Label label, double threshold);

/// What a lens (or non-lens) counts for in a fraction that a threshold selects, as in a cell of truth.
double effective_weight(const Scores& scores, Label label, double threshold);

}  // namespace lensfind::evaluate
