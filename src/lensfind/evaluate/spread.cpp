#include "lensfind/evaluate/spread.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace lensfind::evaluate {
namespace {

std::size_t class_of(Label label) { return label == Label::lens ? 1 : 0; }

/// How many groups hold a sample of each class.
std::array<double, 2> groups_of_classes(const LabelledScores& scores) {
  if (scores.groups.empty()) return {static_cast<double>(scores.nonlenses), static_cast<double>(scores.lenses)};
  std::array<std::vector<bool>, 2> seen{std::vector<bool>(static_cast<std::size_t>(scores.group_count)),
                                        std::vector<bool>(static_cast<std::size_t>(scores.group_count))};
  for (std::size_t i = 0; i < scores.size(); ++i) seen[class_of(scores.labels[i])][static_cast<std::size_t>(scores.groups[i])] = true;
  return {static_cast<double>(std::count(seen[0].begin(), seen[0].end(), true)),
          static_cast<double>(std::count(seen[1].begin(), seen[1].end(), true))};
}

/// What each row adds to the error of the class means: centred, over the class's size, with the factor that makes the variance unbiased.
std::vector<double> residuals(const LabelledScores& scores, std::span<const double> values, const std::array<double, 2>& groups) {
  const std::array<double, 2> sizes{static_cast<double>(scores.nonlenses), static_cast<double>(scores.lenses)};
  std::array<double, 2> means{};
  for (std::size_t i = 0; i < scores.size(); ++i) means[class_of(scores.labels[i])] += values[i];
  std::array<double, 2> factors{};
  for (std::size_t c = 0; c < 2; ++c) {
    means[c] /= sizes[c];
    factors[c] = groups[c] > 1 ? std::sqrt(groups[c] / (groups[c] - 1)) / sizes[c] : 0;
  }
  std::vector<double> out(scores.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t c = class_of(scores.labels[i]);
    out[i] = (values[i] - means[c]) * factors[c];
  }
  return out;
}

}  // namespace

double Spread::standard_error() const { return std::sqrt(variance); }

double degrees_of_freedom(const std::array<double, 2>& of_class, const std::array<double, 2>& groups) {
  double uncertainty = 0;
  for (std::size_t c = 0; c < 2; ++c) uncertainty += of_class[c] * of_class[c] / std::max(1.0, groups[c] - 1);
  const double total = of_class[0] + of_class[1];
  return std::max(1.0, uncertainty > 0 ? total * total / uncertainty : std::min(groups[0], groups[1]) - 1);
}

Spread spread_of_class_means(const LabelledScores& scores, std::span<const double> values) {
  const std::array<double, 2> groups = groups_of_classes(scores);
  const std::vector<double> rows = residuals(scores, values, groups);
  const auto group_of = [&](std::size_t i) { return scores.groups.empty() ? i : static_cast<std::size_t>(scores.groups[i]); };
  std::array<std::vector<double>, 2> sums{std::vector<double>(static_cast<std::size_t>(scores.group_count)),
                                          std::vector<double>(static_cast<std::size_t>(scores.group_count))};
  for (std::size_t i = 0; i < rows.size(); ++i) sums[class_of(scores.labels[i])][group_of(i)] += rows[i];
  Spread spread{.groups = groups};
  for (std::size_t g = 0; g < sums[0].size(); ++g) {
    spread.variance += (sums[0][g] + sums[1][g]) * (sums[0][g] + sums[1][g]);
    for (std::size_t c = 0; c < 2; ++c) spread.of_class[c] += sums[c][g] * sums[c][g];
  }
  spread.degrees_of_freedom = degrees_of_freedom(spread.of_class, groups);
  return spread;
}

Spread spread_of_sum(const LabelledScores& scores, std::span<const double> values) {
  std::vector<double> scaled(values.begin(), values.end());
  for (std::size_t i = 0; i < scaled.size(); ++i)
    scaled[i] *= static_cast<double>(scores.labels[i] == Label::lens ? scores.lenses : scores.nonlenses);
  return spread_of_class_means(scores, scaled);
}

}  // namespace lensfind::evaluate
