#pragma once

#include <cstddef>
#include <vector>

namespace lensfind::evaluate {

/// Regularised incomplete beta function I_x(a, b) for a, b > 0 and x in [0, 1], to about 1e-12 (continued fraction, DLMF 8.17.22).
double incomplete_beta(double a, double b, double x);

/// The x at which I_x(a, b) = p, for p in [0, 1].
double beta_quantile(double p, double a, double b);

/// Quantile of Student's t for p in (0, 1); `degrees_of_freedom` > 0, infinite for the normal distribution.
double student_quantile(double p, double degrees_of_freedom);

/// Chance that |t| is at least as large: the two-sided p-value.
double student_two_sided(double t, double degrees_of_freedom);

/// Chance of `successes` in `trials`, which may be real numbers (the Gamma function in place of factorials).
double binomial_probability(double successes, double trials, double probability);

/// The quantiles of Beta(a, b) at (k + 1/2) / count for k = 0 .. count - 1; a, b > 0. They come from one pass over the density, to about
/// 3e-4 of probability.
std::vector<double> beta_quantiles(double a, double b, std::size_t count);

}  // namespace lensfind::evaluate
