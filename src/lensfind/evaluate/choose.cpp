#include "lensfind/evaluate/choose.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "lensfind/evaluate/curves.h"

namespace lensfind::evaluate {
namespace {

constexpr std::int64_t fewest_lenses = 5;

/// Logits, targets and weights of Platt's fit; the logits are shifted and scaled to mean 0 and standard deviation 1 so that Newton's matrix
/// is well conditioned.
struct PlattProblem {
  std::vector<double> x, target, weight;
  double shift = 0, scale = 1;  ///< x = (logit / 2^power - shift) / scale
  int power = 0;
  std::int64_t lenses = 0, nonlenses = 0;
};

PlattProblem platt_problem(const Scores& labelled) {
  PlattProblem problem;
  for (const Score& score : labelled) {
    if (score.label == Label::unknown || !std::isfinite(score.logit)) continue;
    problem.x.push_back(score.logit);
    problem.target.push_back(score.label == Label::lens);
    (score.label == Label::lens ? problem.lenses : problem.nonlenses) += 1;
  }
  const double smoothing = 1 / static_cast<double>(problem.lenses + 2);
  for (double& target : problem.target) {
    const auto count = static_cast<double>(target == 1 ? problem.lenses : problem.nonlenses);
    problem.weight.push_back(.5 / count);
    target = target == 1 ? 1 - smoothing : smoothing;
  }
  // The largest's power of two is taken out first: squares of 1e300 are beyond float64.
  double largest = 0;
  for (const double x : problem.x) largest = std::max(largest, std::abs(x));
  if (largest > 0) problem.power = std::ilogb(largest);
  for (double& x : problem.x) x = std::ldexp(x, -problem.power);
  double squares = 0;
  for (std::size_t i = 0; i < problem.x.size(); ++i) problem.shift += problem.weight[i] * problem.x[i];
  for (std::size_t i = 0; i < problem.x.size(); ++i)
    squares += problem.weight[i] * (problem.x[i] - problem.shift) * (problem.x[i] - problem.shift);
  if (squares > 0) problem.scale = std::sqrt(squares);
  for (double& x : problem.x) x = (x - problem.shift) / problem.scale;
  return problem;
}

/// ln(1 + exp(s)) - target s, the cross-entropy of one sample, without overflow.
double cross_entropy(double s, double target) { return std::max(s, 0.0) + std::log1p(std::exp(-std::abs(s))) - target * s; }

double loss(const PlattProblem& problem, double slope, double intercept) {
  double sum = 0;
  for (std::size_t i = 0; i < problem.x.size(); ++i)
    sum += problem.weight[i] * cross_entropy(slope * problem.x[i] + intercept, problem.target[i]);
  return sum;
}

/// Newton's step (slope, intercept) and the decrease it promises to first order.
std::array<double, 3> newton_step(const PlattProblem& problem, double slope, double intercept) {
  double gradient_slope = 0, gradient_intercept = 0, slope_slope = 1e-12, slope_intercept = 0, intercept_intercept = 1e-12;
  for (std::size_t i = 0; i < problem.x.size(); ++i) {
    const double x = problem.x[i];
    const double p = 1 / (1 + std::exp(-slope * x - intercept));
    const double residual = problem.weight[i] * (p - problem.target[i]);
    const double curvature = problem.weight[i] * p * (1 - p);
    gradient_slope += residual * x;
    gradient_intercept += residual;
    slope_slope += curvature * x * x;
    slope_intercept += curvature * x;
    intercept_intercept += curvature;
  }
  const double determinant = slope_slope * intercept_intercept - slope_intercept * slope_intercept;
  const double step_slope = -(intercept_intercept * gradient_slope - slope_intercept * gradient_intercept) / determinant;
  const double step_intercept = -(slope_slope * gradient_intercept - slope_intercept * gradient_slope) / determinant;
  return {step_slope, step_intercept, -(gradient_slope * step_slope + gradient_intercept * step_intercept)};
}

/// Damped Newton: the loss is convex and, with smoothed targets, has its minimum at finite numbers even where the classes are separable.
std::pair<double, double> minimise(const PlattProblem& problem) {
  double slope = 0;
  double intercept = 0;
  double now = loss(problem, slope, intercept);
  for (int iteration = 0; iteration < 100; ++iteration) {
    const auto [step_slope, step_intercept, promised] = newton_step(problem, slope, intercept);
    if (promised < 1e-20) break;
    double damping = 1;
    double next = loss(problem, slope + step_slope, intercept + step_intercept);
    for (; next > now - 1e-4 * damping * promised && damping > 1e-10;
         next = loss(problem, slope + damping * step_slope, intercept + damping * step_intercept))
      damping /= 2;
    if (next >= now) {  // no further decrease can be seen in double precision: the full step is the best last one where it is tiny
      if (promised < 1e-12) slope += step_slope, intercept += step_intercept;
      break;
    }
    slope += damping * step_slope;
    intercept += damping * step_intercept;
    now = next;
  }
  return {slope, intercept};
}

double f1_of(const CurveStep& step, std::int64_t lenses) {
  return 2 * static_cast<double>(step.true_positives) / static_cast<double>(lenses + step.true_positives + step.false_positives);
}

}  // namespace

std::optional<Calibration> fit_calibration(const Scores& labelled, std::string fitted_on) {
  const PlattProblem problem = platt_problem(labelled);
  if (problem.lenses < fewest_lenses || problem.nonlenses == 0) return std::nullopt;
  const auto [slope, intercept] = minimise(problem);
  return Calibration{.slope = std::ldexp(slope / problem.scale, -problem.power),
                     .intercept = intercept - slope * problem.shift / problem.scale,
                     .prevalence = static_cast<double>(problem.lenses) / static_cast<double>(problem.lenses + problem.nonlenses),
                     .lenses = problem.lenses,
                     .nonlenses = problem.nonlenses,
                     .fitted_on = std::move(fitted_on)};
}

std::optional<Calibration> fit_model_calibration(const Scores& labelled, std::string fitted_on) {
  std::optional<Calibration> calibration = fit_calibration(labelled, std::move(fitted_on));
  if (calibration && !(calibration->slope > 0)) calibration.reset();
  return calibration;
}

std::vector<OperatingPoint> choose_thresholds(const Scores& labelled, const std::optional<Calibration>& calibration,
                                              const std::string& chosen_on) {
  std::vector<double> logits;
  std::vector<Label> labels;
  for (const Score& score : labelled) {
    if (!std::isfinite(score.logit)) continue;
    logits.push_back(score.logit);
    labels.push_back(score.label);
  }
  const std::vector<CurveStep> steps = curve_steps(logits, labels);
  if (steps.empty() || steps.back().true_positives == 0 || steps.back().false_positives == 0) return {};
  const std::int64_t lenses = steps.back().true_positives;
  const auto best = std::max_element(steps.begin(), steps.end(),
                                     [&](const CurveStep& a, const CurveStep& b) { return f1_of(a, lenses) < f1_of(b, lenses); });
  std::vector<OperatingPoint> points{{"f1", best->threshold, chosen_on}};
  if (calibration && calibration->slope > 0) {
    const double odds_against = (1 - calibration->prevalence) / calibration->prevalence;
    points.push_back({"half", (std::log(odds_against) - calibration->intercept) / calibration->slope, chosen_on});
  }
  if (const auto step = step_of_false_positives(steps, allowed_false_positives(steps.back().false_positives, 1e-3)))
    points.push_back({"fpr_1e-3", steps[*step].threshold, chosen_on});
  return points;
}

}  // namespace lensfind::evaluate
