#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace lensfind::test {

/// Kolmogorov's sqrt(n) times the greatest distance of a sample's distribution from a law's, `cumulative`: above 1.95 in one of a thousand
/// samples of the law.
template <typename Cumulative>
double kolmogorov_statistic(std::vector<double> sample, const Cumulative& cumulative) {
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  double greatest = 0;
  for (std::size_t k = 0; k < sample.size(); ++k) {
    const double law = cumulative(sample[k]), below = static_cast<double>(k) / n;
    greatest = std::max({greatest, law - below, below + 1 / n - law});
  }
  return std::sqrt(n) * greatest;
}

constexpr double kolmogorov_limit = 1.95;

/// Distribution function of a density on [least, most], by the midpoint rule.
class CumulativeLaw {
 public:
  template <typename Density>
  CumulativeLaw(double min, double max, const Density& density) : min_{min}, step_{(max - min) / steps}, sums_{0} {
    for (int k = 0; k < steps; ++k) sums_.push_back(sums_.back() + density(min + (k + 0.5) * step_));
  }

  double operator()(double x) const {
    const double at = std::clamp((x - min_) / step_, 0.0, steps - 1e-6), rest = at - std::floor(at);
    const auto k = static_cast<std::size_t>(at);
    return (sums_[k] + rest * (sums_[k + 1] - sums_[k])) / sums_.back();
  }

 private:
  static constexpr int steps = 4000;
  double min_, step_;
  std::vector<double> sums_;
};

}  // namespace lensfind::test
