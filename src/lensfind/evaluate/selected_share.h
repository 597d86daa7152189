#pragma once

#include "lensfind/evaluate/intervals.h"
#include "lensfind/evaluate/labelled.h"

namespace lensfind::evaluate {

/// Lenses (or non-lenses) with logit >= threshold, of all. Where rows stand in groups both numbers are multiplied by n* / n, the effective
/// over the true sample size of Korn & Graubard (1998):
///
///   n* = min(n, n / D (t(n - 1) / t(G - 1))^2)
///
/// with t(f) the 97.5% quantile of Student's t with f degrees of freedom, G the number of groups and D the design effect of Rao & Scott
/// (1992), the variance of the share between groups over the binomial one. A share of a few rows says little of its own design effect, so D
/// is taken at the threshold nearest to this one that has rows of at least 20 groups (or of half the groups) on either side; where all rows
/// have one logit each group counts as one sample.
Proportion selected_share(const LabelledScores& scores, Label label, double threshold);

}  // namespace lensfind::evaluate
