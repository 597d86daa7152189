#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lensfind/evaluate/scores.h"

namespace lensfind::evaluate {

/// Scores of several finders on the samples that all of them scored, row by row the same.
struct PairedScores {
  std::vector<Scores> tables;
  std::vector<std::string> notes;  ///< how many samples of each table the others lack
};

/// Joins tables of scores by id, in the order of the first. A label or group that one table lacks is taken from the others. Throws Error
/// where two tables label one sample differently, or no id is in all of them.
PairedScores pair_scores(const std::vector<Scores>& tables, const std::vector<std::string>& names);

}  // namespace lensfind::evaluate
