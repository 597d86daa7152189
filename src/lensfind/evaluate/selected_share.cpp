#include "lensfind/evaluate/selected_share.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "lensfind/evaluate/distributions.h"

namespace lensfind::evaluate {
namespace {

/// With the design effect of the few rows above a chosen threshold, what a wish says of it holds in only 87% of the score files of
/// benchmarks/coverage.cpp with four copies of each object; with that of 20 groups in 97%.
constexpr std::int32_t groups_for_an_effect = 20;

/// The rows of one class by group.
class GroupedRows {
 public:
  GroupedRows(const LabelledScores& scores, Label label) : scores_{scores}, label_{label}, sizes_(group_slots()) {
    for (std::size_t i = 0; i < scores.size(); ++i)
      if (scores.labels[i] == label) groups_ += sizes_[group_of(i)]++ == 0;
  }

  [[nodiscard]] std::int32_t groups() const { return groups_; }

  /// D of the share of rows with logit >= threshold.
  [[nodiscard]] double design_effect(double threshold) const {
    const std::size_t above = rows_above(threshold);
    std::vector<std::int32_t> selected(group_slots());
    double of_class = 0;
    double all = 0;
    for (std::size_t i = 0; i < above; ++i)
      if (scores_.labels[i] == label_) of_class += 1, selected[group_of(i)] += 1;
    for (const std::int32_t size : sizes_) all += size;
    const double share = of_class / all;
    double variance = 0;
    double squares = 0;
    for (std::size_t g = 0; g < sizes_.size(); ++g) {
      const double residual = selected[g] - share * sizes_[g];
      variance += residual * residual;
      squares += static_cast<double>(sizes_[g]) * sizes_[g];
    }
    const double groups = groups_;
    if (groups < 2 || share <= 0 || share >= 1) return squares / all;
    return groups / (groups - 1) * variance / (all * share * (1 - share));
  }

 private:
  [[nodiscard]] std::size_t group_slots() const { return static_cast<std::size_t>(scores_.group_count); }
  [[nodiscard]] std::size_t group_of(std::size_t row) const { return static_cast<std::size_t>(scores_.groups[row]); }

  /// How many rows (of both classes) stand above the threshold nearest to `threshold` that has enough groups on either side.
  [[nodiscard]] std::size_t rows_above(double threshold) const {
    const auto above = static_cast<std::size_t>(
        std::partition_point(scores_.logits.begin(), scores_.logits.end(), [&](double logit) { return logit >= threshold; }) -
        scores_.logits.begin());
    const std::int32_t wanted = std::min(groups_for_an_effect, groups_ / 2);
    const std::size_t lowered = rows_with_groups(wanted, [](std::size_t row) { return row; });
    if (lowered > above) return end_of_tie(lowered);
    const std::size_t left = rows_with_groups(wanted, [&](std::size_t row) { return scores_.size() - 1 - row; });
    return left > scores_.size() - above ? start_of_tie(scores_.size() - left) : above;
  }

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

  [[nodiscard]] std::size_t end_of_tie(std::size_t rows) const {
    while (rows > 0 && rows < scores_.size() && scores_.logits[rows] == scores_.logits[rows - 1]) ++rows;
    return rows;
  }
  [[nodiscard]] std::size_t start_of_tie(std::size_t rows) const {
    while (rows > 0 && rows < scores_.size() && scores_.logits[rows] == scores_.logits[rows - 1]) --rows;
    return rows;
  }

  const LabelledScores& scores_;
  Label label_;
  std::vector<std::int32_t> sizes_;
  std::int32_t groups_ = 0;
};

/// (t(n - 1) / t(G - 1))^2: the design effect is known from G groups alone.
double degrees_of_freedom_factor(double rows, double groups) {
  const double ratio = student_quantile(.975, std::max(1.0, rows - 1)) / student_quantile(.975, std::max(1.0, groups - 1));
  return ratio * ratio;
}

}  // namespace

Proportion selected_share(const LabelledScores& scores, Label label, double threshold) {
  double selected = 0;
  const auto total = static_cast<double>(label == Label::lens ? scores.lenses : scores.nonlenses);
  for (std::size_t i = 0; i < scores.size() && scores.logits[i] >= threshold; ++i) selected += scores.labels[i] == label;
  if (scores.groups.empty()) return {selected, total};
  const GroupedRows rows{scores, label};
  const double worth = std::min(1.0, degrees_of_freedom_factor(total, rows.groups()) / rows.design_effect(threshold));
  return {selected * worth, total * worth};
}

}  // namespace lensfind::evaluate
