#include "lensfind/dataset/logistic.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "lensfind/base/random.h"
#include "lensfind/evaluate/ranking.h"

namespace lensfind::dataset {
namespace {

constexpr int max_newton_steps = 100;
constexpr double cut_off_stds = 4;

/// ln(1 + exp(-t)) without overflow.
double softplus_of_minus(double t) { return t > 0 ? std::log1p(std::exp(-t)) : -t + std::log1p(std::exp(t)); }

double penalised_loss(const LogisticModel& model, const FeatureTable& table, std::span<const char> positive, double ridge) {
  double loss = 0;
  for (std::size_t r = 0; r < table.rows(); ++r) loss += softplus_of_minus((positive[r] ? 1 : -1) * model.logit(table.row(r)));
  for (const double w : model.weights) loss += 0.5 * ridge * w * w;
  return loss;
}

/// Gradient and Hessian of the penalised loss; the intercept is the last parameter.
struct Slope {
  explicit Slope(std::size_t parameters) : gradient(parameters, 0), hessian(parameters * parameters, 0) {}

  std::vector<double> gradient, hessian;
};

Slope slope_of(const LogisticModel& model, const FeatureTable& table, std::span<const char> positive, double ridge) {
  const std::size_t columns = table.columns, parameters = columns + 1;
  Slope out{parameters};
  std::vector<double> x(parameters, 1);
  for (std::size_t r = 0; r < table.rows(); ++r) {
    std::copy_n(table.row(r).begin(), columns, x.begin());
    const double p = 1 / (1 + std::exp(-model.logit(table.row(r)))), residual = p - (positive[r] ? 1 : 0), weight = p * (1 - p);
    for (std::size_t i = 0; i < parameters; ++i) {
      out.gradient[i] += residual * x[i];
      for (std::size_t j = 0; j <= i; ++j) out.hessian[i * parameters + j] += weight * x[i] * x[j];
    }
  }
  for (std::size_t i = 0; i < columns; ++i) {
    out.gradient[i] += ridge * model.weights[i];
    out.hessian[i * parameters + i] += ridge;
  }
  // Classes that are told apart without error leave the intercept no curvature.
  out.hessian.back() += 1e-9 * static_cast<double>(table.rows());
  return out;
}

/// Solves hessian x = gradient by Cholesky's decomposition in place; only the lower triangle is read.
std::vector<double> newton_step(Slope slope) {
  const std::size_t n = slope.gradient.size();
  std::vector<double>&l = slope.hessian, &x = slope.gradient;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = l[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= l[i * n + k] * l[j * n + k];
      l[i * n + j] = i == j ? std::sqrt(sum) : sum / l[j * n + j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) x[i] -= l[i * n + k] * x[k];
    x[i] /= l[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) x[i] -= l[k * n + i] * x[k];
    x[i] /= l[i * n + i];
  }
  return std::move(x);
}

LogisticModel moved(const LogisticModel& from, std::span<const double> step, double by) {
  LogisticModel out = from;
  for (std::size_t i = 0; i < out.weights.size(); ++i) out.weights[i] -= by * step[i];
  out.intercept -= by * step.back();
  return out;
}

/// Rows of some folds, standardised as the training folds are.
class Standardiser {
 public:
  Standardiser(const FeatureTable& table, std::span<const int> folds, int left_out) : mean_(table.columns, 0), std_(table.columns, 0) {
    double count = 0;
    const auto each_row = [&](auto&& use) {
      for (std::size_t r = 0; r < table.rows(); ++r) {
        if (folds[r] != left_out) use(table.row(r));
      }
    };
    each_row([&](std::span<const double> row) {
      for (std::size_t c = 0; c < row.size(); ++c) mean_[c] += row[c];
      ++count;
    });
    for (double& value : mean_) value /= count;
    each_row([&](std::span<const double> row) {
      for (std::size_t c = 0; c < row.size(); ++c) std_[c] += (row[c] - mean_[c]) * (row[c] - mean_[c]) / count;
    });
    for (double& value : std_) value = value > 0 ? std::sqrt(value) : 1;
  }

  /// Appends the row's features and their squares, these about 1.
  void append(std::span<const double> row, std::vector<double>& out) const {
    const std::size_t first = out.size();
    for (std::size_t c = 0; c < row.size(); ++c) out.push_back(std::clamp((row[c] - mean_[c]) / std_[c], -cut_off_stds, cut_off_stds));
    for (std::size_t c = 0; c < row.size(); ++c) out.push_back((out[first + c] * out[first + c] - 1) / 2);
  }

 private:
  std::vector<double> mean_, std_;
};

struct AucWithSpread {
  double value;
  evaluate::Spread spread;
};

/// Scores beyond the largest double count as it.
AucWithSpread auc_of(std::span<const double> scores, std::span<const char> positive) {
  constexpr double largest = std::numeric_limits<double>::max();
  evaluate::Scores rows;
  for (std::size_t i = 0; i < scores.size(); ++i)
    rows.push_back({.label = positive[i] ? Label::lens : Label::non_lens, .logit = std::clamp(scores[i], -largest, largest)});
  const evaluate::LabelledScores labelled = evaluate::labelled_scores(rows);
  const std::vector<evaluate::CurveStep> steps = evaluate::curve_steps(labelled.logits, labelled.labels);
  return {evaluate::auc(steps), evaluate::spread_of_class_means(labelled, evaluate::placements(labelled, steps))};
}

void add(evaluate::Spread& sum, const evaluate::Spread& part) {
  sum.variance += part.variance;
  for (std::size_t c = 0; c < 2; ++c) {
    sum.of_class[c] += part.of_class[c];
    sum.groups[c] += part.groups[c];
  }
}

}  // namespace

double LogisticModel::logit(std::span<const double> features) const {
  return std::inner_product(features.begin(), features.end(), weights.begin(), intercept);
}

LogisticModel fit_logistic(const FeatureTable& table, std::span<const char> positive, double ridge) {
  LogisticModel model{std::vector<double>(table.columns, 0), 0};
  double loss = penalised_loss(model, table, positive, ridge);
  for (int step = 0; step < max_newton_steps; ++step) {
    const std::vector<double> direction = newton_step(slope_of(model, table, positive, ridge));
    double by = 1;
    LogisticModel next = moved(model, direction, by);
    double next_loss = penalised_loss(next, table, positive, ridge);
    while (next_loss > loss && by > 1e-6) {
      by /= 2;
      next = moved(model, direction, by);
      next_loss = penalised_loss(next, table, positive, ridge);
    }
    if (next_loss > loss) break;
    const double gained = loss - next_loss;
    model = std::move(next);
    loss = next_loss;
    if (gained < 1e-12 * (1 + loss)) break;
  }
  return model;
}

std::vector<int> deal_folds(std::span<const char> positive, std::span<const std::string> groups, const CrossValidation& how) {
  std::unordered_map<std::string, std::size_t> known;
  std::vector<std::size_t> group_of(positive.size());
  std::vector<std::size_t> of_class[2];
  for (std::size_t r = 0; r < positive.size(); ++r) {
    const std::size_t next = groups.empty() ? r : known.size();
    group_of[r] = groups.empty() ? r : known.try_emplace(groups[r], next).first->second;
    if (group_of[r] == next) of_class[positive[r] ? 1 : 0].push_back(next);
  }
  RandomStream random{how.seed, Purpose::split};
  std::vector<int> fold_of_group(positive.size());
  for (auto& members : of_class) {
    shuffle(members, random);
    for (std::size_t k = 0; k < members.size(); ++k) fold_of_group[members[k]] = static_cast<int>(k) % how.folds;
  }
  std::vector<int> out;
  for (const std::size_t group : group_of) out.push_back(fold_of_group[group]);
  return out;
}

evaluate::Estimate estimate_auc(std::span<const double> scores, std::span<const char> positive) {
  const auto [value, spread] = auc_of(scores, positive);
  return evaluate::auc_interval(value, spread);
}

evaluate::Estimate cross_validated_auc(const FeatureTable& table, std::span<const char> positive, std::span<const std::string> groups,
                                       const CrossValidation& how) {
  const std::vector<int> folds = deal_folds(positive, groups, how);
  double sum = 0;
  evaluate::Spread of_all;
  for (int fold = 0; fold < how.folds; ++fold) {
    std::size_t seen[2] = {0, 0}, held_out[2] = {0, 0};
    for (std::size_t r = 0; r < folds.size(); ++r) ++(folds[r] == fold ? held_out : seen)[positive[r] ? 1 : 0];
    if (std::min({seen[0], seen[1], held_out[0], held_out[1]}) < 2) return {.5, 0, 1};
    const Standardiser standardiser{table, folds, fold};
    FeatureTable train{2 * table.columns, {}};
    std::vector<char> train_positive, test_positive;
    for (std::size_t r = 0; r < folds.size(); ++r) {
      if (folds[r] == fold) continue;
      standardiser.append(table.row(r), train.values);
      train_positive.push_back(positive[r]);
    }
    const LogisticModel model = fit_logistic(train, train_positive, how.ridge);
    std::vector<double> logits, features;
    for (std::size_t r = 0; r < folds.size(); ++r) {
      if (folds[r] != fold) continue;
      features.clear();
      standardiser.append(table.row(r), features);
      logits.push_back(model.logit(features));
      test_positive.push_back(positive[r]);
    }
    const auto [value, spread] = auc_of(logits, test_positive);
    sum += value;
    add(of_all, spread);
  }
  // The folds' models share most of their rows: Nadeau & Bengio (2003) add the ratio of tested to trained rows to 1 / folds.
  const double shared = 1 + static_cast<double>(how.folds) / (how.folds - 1);
  const double factor = shared / (static_cast<double>(how.folds) * how.folds);
  of_all.variance *= factor;
  for (double& part : of_all.of_class) part *= factor;
  return evaluate::auc_interval(sum / how.folds, of_all);
}

}  // namespace lensfind::dataset
