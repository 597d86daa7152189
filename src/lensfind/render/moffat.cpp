#include "lensfind/render/moffat.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

namespace lensfind::render {

double moffat_alpha(double fwhm, double beta) { return fwhm / (2 * std::sqrt(std::pow(2, 1 / beta) - 1)); }

double moffat_reach(double beta) { return 4 * std::max(1.0, std::pow(2.5 / beta, 3)); }

namespace {

constexpr std::size_t moffat_gaussians = 5;
using Normal = std::array<std::array<double, moffat_gaussians + 1>, moffat_gaussians>;  ///< normal equations, the right side last

/// Standard deviations in FWHM, in equal steps of their logarithm: over so much of the distribution of t as matters.
std::array<double, moffat_gaussians> sigmas_of(double beta) {
  const double widest_drawn = 0.35 * moffat_reach(beta);
  const double alpha = moffat_alpha(1, beta), mean = beta - 1, spread = 1 / std::sqrt(mean);
  const double narrowest = alpha / std::sqrt(2 * mean * std::exp(2.15 * spread)),
               widest = std::min(widest_drawn, alpha / std::sqrt(2 * mean * std::exp(-2.95 * spread)));
  std::array<double, moffat_gaussians> out{};
  for (std::size_t k = 0; k < moffat_gaussians; ++k)
    out[k] = narrowest * std::pow(widest / narrowest, static_cast<double>(k) / (moffat_gaussians - 1));
  return out;
}

Normal normal_equations(double beta, const std::array<double, moffat_gaussians>& sigmas) {
  const double alpha = moffat_alpha(1, beta), peak = (beta - 1) / (std::numbers::pi * alpha * alpha);
  Normal out{};
  constexpr int radii = 50;
  for (int i = 0; i < radii; ++i) {
    const double r = moffat_reach(beta) * i / radii, wanted = peak * std::pow(1 + r * r / (alpha * alpha), -beta);
    // The core to a part of the peak, the wings to a part of themselves.
    const double importance = 1 / (wanted + 1e-3 * peak);
    std::array<double, moffat_gaussians> gaussians{};
    for (std::size_t k = 0; k < moffat_gaussians; ++k) {
      const double variance = sigmas[k] * sigmas[k];
      gaussians[k] = std::exp(-0.5 * r * r / variance) / (2 * std::numbers::pi * variance);
    }
    for (std::size_t k = 0; k < moffat_gaussians; ++k) {
      for (std::size_t m = 0; m < moffat_gaussians; ++m) out[k][m] += importance * gaussians[k] * gaussians[m];
      out[k][moffat_gaussians] += importance * gaussians[k] * wanted;
    }
  }
  return out;
}

/// Gauss-Jordan elimination; the equations are positive definite. Terms that are left out have weight 0.
std::array<double, moffat_gaussians> solve(Normal equations, const std::array<bool, moffat_gaussians>& used) {
  for (std::size_t k = 0; k < moffat_gaussians; ++k) {
    if (!used[k]) continue;
    for (std::size_t other = 0; other < moffat_gaussians; ++other) {
      if (other == k || !used[other]) continue;
      const double factor = equations[other][k] / equations[k][k];
      for (std::size_t m = 0; m <= moffat_gaussians; ++m) equations[other][m] -= factor * equations[k][m];
    }
  }
  std::array<double, moffat_gaussians> out{};
  for (std::size_t k = 0; k < moffat_gaussians; ++k) out[k] = used[k] ? equations[k][moffat_gaussians] / equations[k][k] : 0;
  return out;
}

}  // namespace

std::vector<GaussianTerm> moffat_terms(double beta) {
  const std::array<double, moffat_gaussians> sigmas = sigmas_of(beta);
  const Normal equations = normal_equations(beta, sigmas);
  std::array<bool, moffat_gaussians> used{};
  used.fill(true);
  std::array<double, moffat_gaussians> weights = solve(equations, used);
  // Light is not negative: the worst term goes, as long as there is one.
  for (auto worst = std::ranges::min_element(weights); *worst < 0; worst = std::ranges::min_element(weights)) {
    used[static_cast<std::size_t>(worst - weights.begin())] = false;
    weights = solve(equations, used);
  }
  // What lies farther out than is drawn belongs to the wings.
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0), left = std::max(0.0, 1 - sum);
  weights.back() += left;
  std::vector<GaussianTerm> out;
  for (std::size_t k = 0; k < moffat_gaussians; ++k) {
    if (weights[k] > 0) out.push_back({weights[k] / (sum + left), sigmas[k]});
  }
  return out;
}

}  // namespace lensfind::render
