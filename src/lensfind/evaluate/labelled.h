#pragma once

#include <cstdint>
#include <vector>

#include "lensfind/evaluate/curves.h"
#include "lensfind/evaluate/scores.h"

namespace lensfind::evaluate {

/// The labelled rows of a table, from the highest logit to the lowest, as arrays from which the figures are computed.
struct LabelledScores {
  std::vector<double> logits;
  std::vector<Label> labels;
  std::vector<double> probabilities;  ///< empty where a labelled row has none
  std::vector<std::int32_t> groups;   ///< sky object of each row, 0 .. group_count - 1; empty: every row is its own
  std::vector<std::size_t> rows;      ///< index of each in the table
  std::int64_t lenses = 0, nonlenses = 0;
  std::int32_t group_count = 0;

  [[nodiscard]] std::size_t size() const { return logits.size(); }
};

/// Rows whose logit is NaN or whose label is unknown are left out. Throws Error where there is no lens, no non-lens or an infinite logit.
LabelledScores labelled_scores(const Scores& scores);

/// The same where one class may be missing.
LabelledScores labelled_rows_of_any_class(const Scores& scores);

}  // namespace lensfind::evaluate
