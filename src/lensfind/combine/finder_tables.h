#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/combine/combination.h"
#include "lensfind/combine/finder_scores.h"

namespace lensfind::combine {

/// A finder's table as the user names it.
struct FinderTable {
  std::string name;
  std::filesystem::path path;
  std::string column;  ///< of the scores; empty: the usual ones
};

/// NAME=FILE or NAME=FILE:COLUMN; a file whose own name has a colon is taken whole where it is there. Throws Error for another form.
FinderTable parse_finder_table(const std::string& text);
/// The same for several; throws Error where a name stands twice.
std::vector<FinderTable> parse_finder_tables(const std::vector<std::string>& texts);

/// Columns that the user names; empty: the usual ones.
struct JoinColumns {
  std::string id, label;
};

/// Tables of finders joined by id: an object that any of them holds is a row, those of the first table first.
struct JoinedTables {
  FinderScores scores;
  std::vector<Finder> finders;          ///< with their scales
  std::vector<std::int64_t> scored_by;  ///< objects that each finder scored
  std::vector<std::string> notes;       ///< which columns were taken, what was left out
};

/// Reads and joins tables of any kind (evaluate::read_score_table). With `known`, finders and scales are those of a combination, and
/// tables are those of its finders by name, in any order; a finder without a table has no scores (which a note says). Without, a finder
/// whose scores all lie between 0 and 1 and are not called logits is one of probabilities. Throws Error for a table without ids, two
/// tables that label an object differently, and a name that the combination does not know.
JoinedTables join_finder_tables(const std::vector<FinderTable>& tables, const JoinColumns& columns, const Combination* known = nullptr);

/// What a table of labels did.
struct Labelling {
  std::int64_t labelled = 0;   ///< rows with a label now
  std::int64_t unmatched = 0;  ///< lines of the table whose id no finder scored
};

/// Puts the labels of a table (`id,label`, optionally `group`; any kind) in place of those that the finders' tables brought. Throws Error
/// for unknown labels and an id that stands twice.
Labelling label_rows(FinderScores& scores, const std::filesystem::path& labels, const JoinColumns& columns);

}  // namespace lensfind::combine
