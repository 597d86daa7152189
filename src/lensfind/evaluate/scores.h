#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/label.h"

namespace lensfind::evaluate {

/// One row of scores.csv. `logit` and `probability` are as docs/files.md (scores.csv) defines them; probability is NaN where there is
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

/// Columns that the user names; empty: the usual ones.
struct ScoreColumns {
  std::string id, label, score;

  static void describe(auto& field) {
    field(&ScoreColumns::id, "id", any().as("--id-column").taking("NAME"), "with --scores: the column of ids (default id, object_id, ...)");
    field(&ScoreColumns::label, "label", any().as("--label-column").taking("NAME"),
          "with --scores: the column of labels (default label, is_lens, ...)");
    field(&ScoreColumns::score, "score", any().as("--score-column").taking("NAME"),
          "with --scores: the column of scores (default logit, score, ..., probability)");
  }
  [[nodiscard]] bool are_named() const { return !(id + label + score).empty(); }
};

/// A table of scores as it was read.
struct ScoreTable {
  Scores scores;
  std::int64_t not_a_number = 0;         ///< rows whose score is none: they are left out
  std::optional<std::size_t> id_column;  ///< nothing: ids are the numbers of the rows, from 0
  bool named_logit = false;              ///< the scores' column says that they are logits
  std::vector<std::string> notes;  ///< which columns were taken where their names are not id, label, logit or score; what was left out
};

/// Reads ids, labels, scores and, where there are such columns, `probability` and `group` of a table of any kind (sky::open_table), in any
/// order of columns and any case of letters. Scores are the column `logit`, else `score`, else others in use (score_columns.cpp), a
/// `probability` last, which is then the probability too. Throws Error for missing columns, unknown labels, duplicate ids and infinite
/// scores.
ScoreTable read_score_table(const std::filesystem::path& path, const ScoreColumns& columns = {});

/// The same row by row, in bounded memory; `scores` of the result stays empty, and ids may stand twice.
ScoreTable for_each_score(const std::filesystem::path& path, const ScoreColumns& columns, const std::function<void(Score&&)>& use);

/// The scores alone; rows whose score is NaN are counted in `not_a_number`. Throws Error where there are no ids.
Scores read_scores(const std::filesystem::path& path, std::int64_t* not_a_number = nullptr);

/// Writes `id,logit,probability[,label][,group]`, atomically; label where any is known, group where any differs from the id.
void write_scores(const std::filesystem::path& path, const Scores& scores);

/// What corrected labels changed.
struct Relabelled {
  std::int64_t to_lens = 0, to_non_lens = 0, to_unknown = 0;  ///< rows whose label is another now
  std::int64_t unmatched = 0;                                 ///< lines whose id no score has
};

/// Replaces labels by those of a table `id,label` (1, 0 or empty); rows that it does not name keep theirs. Unlabelled survey images used as
/// negatives hold lenses themselves: what people find among the best-scored goes here. A table of any kind. Throws Error as
/// read_score_table does.
Relabelled relabel(Scores& scores, const std::filesystem::path& path, const ScoreColumns& columns = {});

}  // namespace lensfind::evaluate
