#include "lensfind/evaluate/distributions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace lensfind::evaluate {
namespace {

constexpr double half_log_two_pi = 0.91893853320467274178;

/// ln Gamma(x) minus Stirling's formula, for x >= 10 (DLMF 5.11.1).
double stirling_rest(double x) {
  const double r = 1 / (x * x);
  return (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r * (1.0 / 1188 - r * (691.0 / 360360 - r / 156)))))) / x;
}

/// ln Gamma(x) for x > 0; std::lgamma writes a global, which threads would share.
double log_gamma(double x) {
  double product = 1;
  for (; x < 10; x += 1) product *= x;
  return (x - .5) * std::log(x) - x + half_log_two_pi + stirling_rest(x) - std::log(product);
}

/// ln B(a, b) without the cancellation of three large log-gammas (as R's lbeta).
double log_beta(double a, double b) {
  const double p = std::min(a, b);
  const double q = std::max(a, b);
  const double fraction = p / (p + q);
  if (p >= 10)
    return -std::log(q) / 2 + half_log_two_pi + stirling_rest(p) + stirling_rest(q) - stirling_rest(p + q) + (p - .5) * std::log(fraction) +
           q * std::log1p(-fraction);
  if (q >= 10) return log_gamma(p) + stirling_rest(q) - stirling_rest(p + q) + p - p * std::log(p + q) + (q - .5) * std::log1p(-fraction);
  return log_gamma(p) + log_gamma(q) - log_gamma(p + q);
}

/// The continued fraction of DLMF 8.17.22 by Lentz's method; converges fast for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  constexpr double tiny = 1e-300;
  const auto away_from_zero = [](double value) { return std::abs(value) < tiny ? tiny : value; };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m < 1'000'000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    fraction *= d * c;
    if (std::abs(d * c - 1) < 1e-15) break;
  }
  return fraction;
}

double log_one_plus_exp(double u) { return u > 0 ? u + std::log1p(std::exp(-u)) : std::log1p(std::exp(u)); }

}  // namespace

double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(a * std::log(x) + b * std::log1p(-x) - log_beta(a, b));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double beta_quantile(double p, double a, double b) {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  // Newton in u = ln(x / (1 - x)), where tiny and nearly-one quantiles are as well spaced as others, kept inside a bracket.
  double low = -740;
  double high = 740;
  double u = std::clamp(std::log(a / b), -30.0, 30.0);
  const double log_scale = log_beta(a, b);
  for (int i = 0; i < 200 && high - low > 1e-14 * std::max(1.0, std::abs(u)); ++i) {
    const double excess = incomplete_beta(a, b, 1 / (1 + std::exp(-u))) - p;
    (excess > 0 ? high : low) = u;
    if (excess == 0) break;
    const double slope = std::exp(-a * log_one_plus_exp(-u) - b * log_one_plus_exp(u) - log_scale);  // d I / d u
    const double next = u - excess / slope;
    if (std::abs(next - u) < 1e-14 * std::max(1.0, std::abs(u))) break;
    u = next > low && next < high ? next : (low + high) / 2;
  }
  return 1 / (1 + std::exp(-u));
}

double student_quantile(double p, double degrees_of_freedom) {
  if (p < .5) return -student_quantile(1 - p, degrees_of_freedom);
  const double freedom = std::min(degrees_of_freedom, 1e9);  // beyond, t is normal to all digits
  const double fraction = beta_quantile(2 * p - 1, .5, freedom / 2);
  return std::sqrt(freedom * fraction / (1 - fraction));
}

double student_two_sided(double t, double degrees_of_freedom) {
  const double freedom = std::min(degrees_of_freedom, 1e9);
  return incomplete_beta(freedom / 2, .5, freedom / (freedom + t * t));
}

double binomial_probability(double successes, double trials, double probability) {
  const double failures = trials - successes;
  if (successes < 0 || failures < 0) return 0;
  return std::exp(successes * std::log(probability) + failures * std::log1p(-probability) - log_beta(successes + 1, failures + 1)) /
         (trials + 1);
}

std::vector<double> beta_quantiles(double a, double b, std::size_t count) {
  // By the density of u = ln(x / (1 - x)), which is log-concave and has no pole whatever a and b.
  const auto log_density = [&](double u) {
    const double of_one_minus_x = -log_one_plus_exp(u);
    return a * (u + of_one_minus_x) + b * of_one_minus_x;
  };
  const double mode = std::log(a / b);
  const double top = log_density(mode);
  const auto end_of_tail = [&](double outside) {  // beyond lies about 1e-8
    double inside = mode;
    for (int i = 0; i < 40; ++i) {
      const double middle = (inside + outside) / 2;
      (log_density(middle) > top - 18 ? inside : outside) = middle;
    }
    return outside;
  };
  constexpr int steps = 1024;
  const double low = end_of_tail(-740);
  const double width = (end_of_tail(740) - low) / steps;
  std::vector<double> below{0};  // the density's integral by the trapezoidal rule, not yet scaled to 1
  double before = std::exp(log_density(low) - top);
  for (int i = 1; i <= steps; ++i) {
    const double density = std::exp(log_density(low + i * width) - top);
    below.push_back(below.back() + (before + density) / 2);
    before = density;
  }
  std::vector<double> out;
  std::size_t step = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const double wanted = (static_cast<double>(k) + .5) / static_cast<double>(count) * below.back();
    while (below[step + 1] < wanted) ++step;
    const double u = low + (static_cast<double>(step) + (wanted - below[step]) / (below[step + 1] - below[step])) * width;
    out.push_back(1 / (1 + std::exp(-u)));
  }
  return out;
}

}  // namespace lensfind::evaluate
