#include "lensfind/evaluate/selected_fraction.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "lensfind/evaluate/distributions.h"

namespace lensfind::evaluate {
namespace {

/// With the design effect of the few rows above a chosen threshold, what a target says of it holds in only 87% of the score files of
/// benchmarks/coverage.cpp with four copies of each object; with that of 20 groups in 97%.
constexpr std::int32_t groups_for_an_effect = 20;

/// The rows of one class by group.
class GroupedRows {
 public:
  GroupedRows(const LabelledScores& scores, Label label) : scores_{scores}, label_{label}, sizes_(group_slots()) {
    for (std::size_t i = 0; i < scores.size(); ++i)
      if (scores.labels[i] == label) groups_ += sizes_[group_of(i)]++ == 0;
    for (const double size : sizes_) rows_ += size, squares_ += size * size;
    const std::int32_t wanted = std::min(groups_for_an_effect, groups_ / 2);
    fewest_ = end_of_tie(rows_with_groups(wanted, [](std::size_t row) { return row; }));
    max_ = start_of_tie(scores.size() - rows_with_groups(wanted, [&](std::size_t row) { return scores.size() - 1 - row; }));
    max_ = std::max(max_, fewest_);
  }

  [[nodiscard]] double rows() const { return rows_; }
  [[nodiscard]] std::int32_t groups() const { return groups_; }

  /// D of the fractions that so many rows of both classes hold, in ascending order.
  [[nodiscard]] std::vector<double> design_effects(std::span<const std::size_t> selected) const {
    std::vector<double> effects, of_group(group_slots());
    double sum = 0, squares = 0, products = 0;
    std::size_t row = 0;
    for (const std::size_t wanted : selected) {
      for (; row < std::clamp(wanted, fewest_, max_); ++row) {
        if (scores_.labels[row] != label_) continue;
        double& count = of_group[group_of(row)];
        squares += 2 * count + 1;
        products += sizes_[group_of(row)];
        ++count;
        ++sum;
      }
      effects.push_back(design_effect(sum, squares, products));
    }
    return effects;
  }

 private:
  /// From the sums over groups of rows selected, of their squares, and of their products with the group's size.
  [[nodiscard]] double design_effect(double sum, double squares, double products) const {
    const double fraction = sum / rows_;
    const double groups = groups_;
    if (groups < 2 || fraction <= 0 || fraction >= 1) return squares_ / rows_;
    const double residuals = squares - 2 * fraction * products + fraction * fraction * squares_;
    return groups / (groups - 1) * residuals / (rows_ * fraction * (1 - fraction));
  }

  [[nodiscard]] std::size_t group_slots() const { return static_cast<std::size_t>(scores_.group_count); }
  [[nodiscard]] std::size_t group_of(std::size_t row) const { return static_cast<std::size_t>(scores_.groups[row]); }

  /// How many rows in the order `row_of` gives them hold `wanted` groups of the class.
  [[nodiscard]] std::size_t rows_with_groups(std::int32_t wanted, auto row_of) const {
    std::vector<bool> seen(group_slots());
    std::int32_t groups = 0;
    std::size_t n = 0;
    for (; n < scores_.size() && groups < wanted; ++n) {
      const std::size_t row = row_of(n);
      if (scores_.labels[row] != label_ || seen[group_of(row)]) continue;
      seen[group_of(row)] = true;
      ++groups;
    }
    return n;
  }

  [[nodiscard]] bool in_tie(std::size_t rows) const {
    return rows > 0 && rows < scores_.size() && scores_.logits[rows] == scores_.logits[rows - 1];
  }
  [[nodiscard]] std::size_t end_of_tie(std::size_t rows) const {
    while (in_tie(rows)) ++rows;
    return rows;
  }
  [[nodiscard]] std::size_t start_of_tie(std::size_t rows) const {
    while (in_tie(rows)) --rows;
    return rows;
  }

  const LabelledScores& scores_;
  Label label_;
  std::vector<double> sizes_;
  std::int32_t groups_ = 0;
  double rows_ = 0, squares_ = 0;
  std::size_t fewest_ = 0, max_ = 0;  ///< rows selected where enough groups stand on either side
};

/// (t(n - 1) / t(G - 1))^2: the design effect is known from G groups alone.
double degrees_of_freedom_factor(double rows, double groups) {
  const double ratio = student_quantile(.975, std::max(1.0, rows - 1)) / student_quantile(.975, std::max(1.0, groups - 1));
  return ratio * ratio;
}

}  // namespace

std::vector<double> effective_weights(const LabelledScores& scores, Label label, std::span<const std::size_t> selected) {
  if (scores.groups.empty()) return std::vector<double>(selected.size(), 1.0);
  const GroupedRows rows{scores, label};
  const double factor = degrees_of_freedom_factor(rows.rows(), rows.groups());
  std::vector<double> weights = rows.design_effects(selected);
  for (double& weight : weights) weight = std::min(1.0, factor / weight);
  return weights;
}

Proportion selected_fraction(const LabelledScores& scores, Label label, double threshold) {
  std::size_t above = 0;
  double selected = 0;
  for (; above < scores.size() && scores.logits[above] >= threshold; ++above) selected += scores.labels[above] == label;
  const auto total = static_cast<double>(label == Label::lens ? scores.lenses : scores.nonlenses);
  const double weight = effective_weights(scores, label, {&above, 1})[0];
  return {selected * weight, total * weight};
}

double effective_weight(const Scores& scores, Label label, double threshold) {
  if (std::all_of(scores.begin(), scores.end(), [](const Score& score) { return score.group.empty(); })) return 1;
  const LabelledScores labelled = labelled_rows_of_any_class(scores);
  return selected_fraction(labelled, label, threshold).trials /
         static_cast<double>(label == Label::lens ? labelled.lenses : labelled.nonlenses);
}

}  // namespace lensfind::evaluate
