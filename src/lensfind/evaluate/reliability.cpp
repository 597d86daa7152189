#include "lensfind/evaluate/reliability.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <unordered_map>

#include "lensfind/evaluate/distributions.h"
#include "lensfind/evaluate/log_odds.h"
#include "lensfind/evaluate/spread.h"

namespace lensfind::evaluate {
namespace {

constexpr double double_epsilon = std::numeric_limits<double>::epsilon();
constexpr double widest_log_odds = 15;  ///< beyond, all samples share the outermost bins

double finite_log_odds(double probability) { return log_odds(std::clamp(probability, 1e-15, 1 - 1e-15)); }

double is_lens(Label label) { return label == Label::lens ? 1 : 0; }

/// An interval symmetric in the logarithm, for a figure that is never negative.
Estimate log_interval(double value, double standard_error, double degrees_of_freedom) {
  if (value <= 0) return {value, 0, value};
  const double half = student_quantile(.975, degrees_of_freedom) * standard_error / value;
  return {value, value * std::exp(-half), value * std::exp(half)};
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

struct Line {
  double slope = 1, intercept = 0;
};

/// Gradient of the penalised log likelihood and the Fisher information in (slope, intercept) at a line.
struct Firth {
  double slope = 0, intercept = 0, slope_slope = 0, slope_intercept = 0, intercept_intercept = 0;

  [[nodiscard]] double determinant() const { return slope_slope * intercept_intercept - slope_intercept * slope_intercept; }
  /// information^-1 x (a, b)
  [[nodiscard]] Line solve(double a, double b) const {
    return {(intercept_intercept * a - slope_intercept * b) / determinant(), (slope_slope * b - slope_intercept * a) / determinant()};
  }
};

Firth firth_at(const std::vector<double>& x, const LabelledScores& scores, const Line& line) {
  Firth out;
  for (const double value : x) {
    const double p = 1 / (1 + std::exp(-line.slope * value - line.intercept));
    out.slope_slope += p * (1 - p) * value * value;
    out.slope_intercept += p * (1 - p) * value;
    out.intercept_intercept += p * (1 - p);
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double p = 1 / (1 + std::exp(-line.slope * x[i] - line.intercept));
    const Line solved = out.solve(x[i], 1);
    const double leverage = p * (1 - p) * (solved.slope * x[i] + solved.intercept);
    const double residual = is_lens(scores.labels[i]) - p + leverage * (.5 - p);
    out.slope += residual * x[i];
    out.intercept += residual;
  }
  return out;
}

/// Newton with steps no longer than a few standard deviations; x has mean 0 and standard deviation 1.
Line fit_firth(const std::vector<double>& x, const LabelledScores& scores) {
  Line line{0, std::log(static_cast<double>(scores.lenses) / static_cast<double>(scores.nonlenses))};
  for (int iteration = 0; iteration < 100; ++iteration) {
    const Firth firth = firth_at(x, scores, line);
    const Line step = firth.solve(firth.slope, firth.intercept);
    const double longest = std::max(std::abs(step.slope), std::abs(step.intercept));
    if (!std::isfinite(longest)) break;
    const double damping = std::min(1.0, 2 / std::max(longest, 1e-300));
    line.slope += damping * step.slope;
    line.intercept += damping * step.intercept;
    if (longest < 1e-10) break;
  }
  return line;
}

struct SlopeAndIntercept {
  Estimate slope, intercept;
};

/// Whether some log odds part all lenses from all non-lenses: then nothing bounds the slope from above.
bool separable(const LabelledScores& scores, const std::vector<double>& odds) {
  double lowest_lens = std::numeric_limits<double>::infinity();
  double highest_other = -lowest_lens;
  for (std::size_t i = 0; i < odds.size(); ++i)
    if (scores.labels[i] == Label::lens)
      lowest_lens = std::min(lowest_lens, odds[i]);
    else
      highest_other = std::max(highest_other, odds[i]);
  return lowest_lens >= highest_other;
}

/// Wald's interval with the larger of two variances: that of the influence functions, which knows groups, and that of the information,
/// which few lenses estimate better.
Estimate wald(const LabelledScores& scores, double value, const std::vector<double>& influence, double information_variance) {
  const Spread spread = spread_of_sum(scores, influence);
  return plain_interval(value, std::sqrt(std::max(spread.variance, information_variance)), spread.degrees_of_freedom);
}

SlopeAndIntercept recalibration(const LabelledScores& scores, const std::vector<double>& odds) {
  const auto n = static_cast<double>(odds.size());
  const double infinite = std::numeric_limits<double>::infinity();
  const double none = std::numeric_limits<double>::quiet_NaN();
  const double mean = mean_of(odds);
  double squares = 0;
  for (const double value : odds) squares += (value - mean) * (value - mean) / n;
  if (squares == 0) return {{none, -infinite, infinite}, {none, -infinite, infinite}};
  const double std_dev = std::sqrt(squares);
  std::vector<double> x;
  for (const double value : odds) x.push_back((value - mean) / std_dev);
  const Line line = fit_firth(x, scores);
  const double slope = line.slope / std_dev;
  const double intercept = line.intercept - slope * mean;
  if (separable(scores, odds)) return {{slope, 0, infinite}, {intercept, -infinite, infinite}};

  const Firth information = firth_at(x, scores, line);
  std::vector<double> of_slope, of_intercept;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double residual = is_lens(scores.labels[i]) - 1 / (1 + std::exp(-line.slope * x[i] - line.intercept));
    const Line influence = information.solve(residual * x[i], residual);
    of_slope.push_back(influence.slope / std_dev);
    of_intercept.push_back(influence.intercept - influence.slope * mean / std_dev);
  }
  // Of the line's value at log odds 0, as the classes' sizes are given and no part of the chance (Prentice & Pyke 1979).
  const double at = -mean / std_dev;
  const Line direction = information.solve(at, 1);
  const double sizes = 1 / static_cast<double>(scores.lenses) + 1 / static_cast<double>(scores.nonlenses);
  return {wald(scores, slope, of_slope, information.solve(1, 0).slope / squares),
          wald(scores, intercept, of_intercept, direction.slope * at + direction.intercept - sizes)};
}

struct Bin {
  double probabilities = 0, lenses = 0, count = 0;
  std::unordered_map<std::int32_t, double> rows_of_group;  ///< empty where every row is its own

  /// The rows of an object have one label, so that they are worth one of them (Kish's effective size for a design effect of the mean
  /// group).
  [[nodiscard]] Estimate observed() const {
    double squares = rows_of_group.empty() ? count : 0;
    for (const auto& [group, rows] : rows_of_group) squares += rows * rows;
    Estimate fraction = jeffreys({lenses * count / squares, count * count / squares});
    fraction.value = lenses / count;
    return fraction;
  }

  [[nodiscard]] double excess() const { return lenses - probabilities; }
  /// Whether the interval of the observed fraction leaves the mean probability out, so that the distance has a known sign.
  [[nodiscard]] bool resolved() const {
    const Estimate fraction = observed();
    return probabilities / count < fraction.low || probabilities / count > fraction.high;
  }
  /// The standard deviation that chance gives the excess.
  [[nodiscard]] double chance_std() const { return std::sqrt((lenses + .5) * (count - lenses + .5) / (count + 1)); }
  /// Whether the excess is likely folded at 0: its sign is not known, and both classes show how far chance moves it.
  [[nodiscard]] bool folded() const { return !resolved() && lenses > 0 && lenses < count; }
};

/// The mean of |x| for x normal (Leone, Nelson & Nottingham 1961).
double folded_mean(double mean, double std_dev) {
  const double z = mean / std_dev;
  return std_dev * std::sqrt(2 / std::numbers::pi) * std::exp(-z * z / 2) + mean * std::erf(z / std::numbers::sqrt2);
}

/// The standard deviation of |x| over that of x, for x normal about 0.
const double folded_std = std::sqrt(1 - 2 / std::numbers::pi);

int bin_of(double odds) { return static_cast<int>(std::floor(std::clamp(odds, -widest_log_odds, widest_log_odds - .5))); }

using Bins = std::map<int, Bin>;

Bins bins_of(const LabelledScores& scores, const std::vector<double>& odds) {
  Bins bins;
  for (std::size_t i = 0; i < odds.size(); ++i) {
    Bin& bin = bins[bin_of(odds[i])];
    bin.probabilities += scores.probabilities[i];
    bin.lenses += is_lens(scores.labels[i]);
    bin.count += 1;
    if (!scores.groups.empty()) bin.rows_of_group[scores.groups[i]] += 1;
  }
  return bins;
}

double reach_of_sum(const LabelledScores& scores, const std::vector<double>& terms) {
  const Spread spread = spread_of_sum(scores, terms);
  return student_quantile(.975, spread.degrees_of_freedom) * spread.standard_error();
}

/// With the bins' signs given the error is a sum over rows, whose spread is known. Where a sign is not known the sum is too large by up to
/// what chance gives: the lower end allows for all of that, the upper for half of what the excess at hand would be too large by, and for
/// the smaller spread of a size than of a signed excess. A bin of one class says nothing of its spread, so that it narrows nothing.
Estimate expected_calibration_error(const LabelledScores& scores, const std::vector<double>& odds, const Bins& bins) {
  const auto n = static_cast<double>(odds.size());
  double value = 0, chance = 0, surplus = 0;
  std::map<int, double> narrowing;
  for (const auto& [edge, bin] : bins) {
    const double excess = std::abs(bin.excess());
    const bool folded = bin.folded();
    value += excess / n;
    if (!bin.resolved()) chance += folded_mean(0, bin.chance_std()) / n;
    if (folded) surplus += (folded_mean(excess, bin.chance_std()) - excess) / n;
    narrowing[edge] = folded ? folded_std : 1;
  }
  std::vector<double> of_signed, of_sizes;
  for (std::size_t i = 0; i < odds.size(); ++i) {
    const int edge = bin_of(odds[i]);
    of_signed.push_back(std::copysign(1.0, bins.at(edge).excess()) * (is_lens(scores.labels[i]) - scores.probabilities[i]) / n);
    of_sizes.push_back(of_signed.back() * narrowing.at(edge));
  }
  const double upper = value + reach_of_sum(scores, of_sizes) - surplus / 2;
  return {value, std::max(0.0, value - reach_of_sum(scores, of_signed) - chance), std::clamp(upper, value, 1.0)};
}

}  // namespace

Estimate brier_score(const LabelledScores& scores) {
  std::vector<double> losses;
  losses.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double error = scores.probabilities[i] - is_lens(scores.labels[i]);
    losses.push_back(error * error);
  }
  // Among few lenses none may have a probability far from the others', which would hide most of the variance: one more lens is counted, as
  // for the AUC, whose loss is 0 or 1.
  Spread spread = spread_of_sum(scores, losses);
  const auto all = static_cast<double>(scores.lenses);
  const double lenses = spread.groups[1];
  double of_lenses = 0;
  for (std::size_t i = 0; i < losses.size(); ++i) of_lenses += is_lens(scores.labels[i]) * losses[i] / all;
  const double shrunk = (lenses * of_lenses + .5) / (lenses + 1);
  const double one_more = all * all * shrunk * (1 - shrunk) / (lenses * (lenses + 1));
  spread.of_class[1] += one_more;
  return log_interval(mean_of(losses), std::sqrt(spread.variance + one_more) / static_cast<double>(scores.size()),
                      degrees_of_freedom(spread.of_class, spread.groups));
}

Estimate log_loss(const LabelledScores& scores) {
  std::vector<double> losses;
  losses.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double p = std::clamp(scores.probabilities[i], double_epsilon, 1 - double_epsilon);
    losses.push_back(scores.labels[i] == Label::lens ? -std::log(p) : -std::log(1 - p));
  }
  const Spread spread = spread_of_sum(scores, losses);
  return log_interval(mean_of(losses), spread.standard_error() / static_cast<double>(scores.size()), spread.degrees_of_freedom);
}

CalibrationEstimates calibration_figures(const LabelledScores& scores) {
  std::vector<double> odds;
  odds.reserve(scores.size());
  for (const double probability : scores.probabilities) odds.push_back(finite_log_odds(probability));
  const auto [slope, intercept] = recalibration(scores, odds);
  CalibrationEstimates out{.slope = slope, .intercept = intercept};
  const Bins bins = bins_of(scores, odds);
  for (const auto& [edge, bin] : bins)
    out.bins.push_back({bin.probabilities / bin.count, bin.observed(), static_cast<std::int64_t>(bin.count)});
  out.expected_calibration_error = expected_calibration_error(scores, odds, bins);
  return out;
}

}  // namespace lensfind::evaluate
