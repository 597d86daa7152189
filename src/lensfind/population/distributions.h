#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "lensfind/base/random.h"

namespace lensfind::population {

/// Draws from a density given as a function on an interval, by inverting its table (trapezoids, linear within a step).
class TabulatedDensity {
 public:
  TabulatedDensity(double min, double max, const std::function<double(double)>& density, int steps = 1000);
  double draw(RandomStream& random) const { return quantile(random.uniform()); }
  /// Below which the fraction `u` in [0, 1] of it lies.
  [[nodiscard]] double quantile(double u) const;
  /// Of it, what lies below `x`: 0 below the interval, 1 above it.
  [[nodiscard]] double fraction_below(double x) const;
  /// The area under the density as it was given, by trapezoids.
  [[nodiscard]] double area() const { return cumulative_.back() * step_; }

 private:
  double min_, step_;
  std::vector<double> cumulative_;
  /// Where the search for a draw begins: for each of equal steps of the cumulative density, the first element above it.
  std::vector<std::ptrdiff_t> guide_;
};

/// Linear interpolation in a table with rising `x`; the end values beyond it.
double interpolate(const std::vector<double>& x, const std::vector<double>& y, double at);

/// Rayleigh distribution of scale `scale`: sqrt(-2 ln u) scale.
double draw_rayleigh(double scale, RandomStream& random);
/// 1 - Rayleigh(scale), drawn again while below `min`.
double draw_axis_ratio(double scale, double min, RandomStream& random);
/// Normal, drawn again while outside [min, max].
double draw_truncated_normal(double mean, double std_dev, double min, double max, RandomStream& random);
/// An index with the given relative weights.
std::size_t draw_index(const std::vector<double>& weights, RandomStream& random);

}  // namespace lensfind::population
