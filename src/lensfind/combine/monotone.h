#pragma once

#include <span>
#include <utility>
#include <vector>

namespace lensfind::combine {

/// The non-decreasing sequence that is nearest to `values` in the sum of weight x squared difference: isotonic regression by pooling
/// adjacent violators (Ayer et al. 1955). `weights` are above 0.
std::vector<double> isotonic(std::span<const double> values, std::span<const double> weights);

/// A non-decreasing line through knots, from a score to the log likelihood ratio of lens to non-lens: a calibration without a form.
struct MonotoneCalibration {
  std::vector<std::pair<double, double>> knots;  ///< (score, log likelihood ratio), both ascending; at least one

  /// Straight between knots. Beyond the ends it goes on with slope 1, the slope of a score that is itself a log likelihood ratio: so no
  /// two scores tie there.
  [[nodiscard]] double operator()(double score) const;
};

/// From scores that are roughly log likelihood ratios (Platt's) and their classes. Bins have equal weight, each class counting half, and at
/// least ten lenses on average (2 to 20 bins); a bin's value is the ratio of its fractions of lenses and of non-lenses, half a lens and
/// half a non-lens added to each bin; the values are made non-decreasing by `isotonic`, and bins that it pools become one knot. Both
/// classes must be there.
MonotoneCalibration fit_monotone(std::span<const double> scores, std::span<const char> lens);

}  // namespace lensfind::combine
