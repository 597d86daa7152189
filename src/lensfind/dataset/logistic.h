#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lensfind/evaluate/intervals.h"

namespace lensfind::dataset {

/// Rows of numbers: `values` holds columns numbers a row, row by row.
struct FeatureTable {
  std::size_t columns = 0;
  std::vector<double> values;

  [[nodiscard]] std::size_t rows() const { return columns == 0 ? 0 : values.size() / columns; }
  [[nodiscard]] std::span<const double> row(std::size_t r) const { return {values.data() + r * columns, columns}; }
};

/// Logistic regression: logit = intercept + sum of weights x features.
struct LogisticModel {
  std::vector<double> weights;
  double intercept = 0;

  [[nodiscard]] double logit(std::span<const double> features) const;
};

/// The minimum of sum over rows of ln(1 + exp(-y logit)), y = 1 where `positive` and -1 elsewhere, plus ridge / 2 times the sum of squared
/// weights, the intercept free (as scikit-learn's LogisticRegression with C = 1 / ridge), by Newton's method with step halving. ridge > 0.
LogisticModel fit_logistic(const FeatureTable& table, std::span<const char> positive, double ridge = 1);

/// AUC of numbers as scores (ties count half) with its 95% interval, evaluate::auc_interval(). Both classes must be there.
evaluate::Estimate estimate_auc(std::span<const double> scores, std::span<const char> positive);

struct CrossValidation {
  int folds = 5;
  double ridge = 1;
  std::uint64_t seed = 0;
};

/// The fold of each row, from 0: rows of one `group` are never parted (empty: each row by itself), groups are dealt out at random within
/// the class of their first row.
std::vector<int> deal_folds(std::span<const char> positive, std::span<const std::string> groups, const CrossValidation& how);

/// How well `table` tells the classes apart: logistic regressions of the standardised features, cut off at 4 standard deviations, and of
/// their squares, each judged on the fold that it did not see; the folds' AUCs are averaged, their common variance after Nadeau & Bengio
/// (2003), the interval as auc_interval() makes it of that. Rows of one `group` are never parted (empty: each row by itself); folds are
/// stratified by the class of a group's first row. With fewer than two groups a class and fold the interval is [0, 1].
evaluate::Estimate cross_validated_auc(const FeatureTable& table, std::span<const char> positive, std::span<const std::string> groups = {},
                                       const CrossValidation& how = {});

}  // namespace lensfind::dataset
