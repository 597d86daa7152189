#pragma once

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "lensfind/dataset/sample.h"

namespace lensfind::evaluate {

/// One row of scores.csv. `logit` and `probability` are as design/protocol.md's "Scores" defines them; probability is NaN where there is
/// none.
struct Score {
  std::string id;
  Label label = Label::unknown;
  double logit = 0;
  double probability = std::numeric_limits<double>::quiet_NaN();
  std::string group;  ///< the sky object; empty: the id
};

/// The rows of a scores table, in input order.
using Scores = std::vector<Score>;

/// Reads `id,label,logit` (or `score`) and optionally `probability` and `group`, in any column order. Throws Error for missing columns,
/// unknown labels, duplicate ids, infinite scores; rows whose score is NaN are left out and counted in `not_a_number`.
Scores read_scores(const std::filesystem::path& path, std::int64_t* not_a_number = nullptr);

/// Writes `id,logit,probability[,label][,group]`, atomically; label where any is known, group where any differs from the id.
void write_scores(const std::filesystem::path& path, const Scores& scores);

/// What corrected labels changed.
struct Relabelled {
  std::int64_t to_lens = 0, to_non_lens = 0, to_unknown = 0;  ///< rows whose label is another now
  std::int64_t unmatched = 0;                                 ///< lines whose id no score has
};

/// Replaces labels by those of a table `id,label` (1, 0 or empty); rows that it does not name keep theirs. Unlabelled survey images used as
/// negatives hold lenses themselves: what people find among the best-scored goes here. Throws Error as read_scores does.
Relabelled relabel(Scores& scores, const std::filesystem::path& path);

}  // namespace lensfind::evaluate
