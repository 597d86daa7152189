#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/inspect/merge.h"

namespace lensfind::inspect {

/// The designation of a position by the IAU's rules: "J094656.6+100652", truncated and not rounded.
std::string iau_name(const sky::Position& position);

/// A column of a table of results.
struct ResultColumn {
  std::string name;
  enum class Kind { text, whole, real } kind = Kind::text;
  std::string unit = {};
  std::string description = {};
  std::string ucd = {};
};

/// A table as text, ready to be written in any format; a number that is missing is an empty text.
struct ResultTable {
  std::string name, description;
  std::vector<ResultColumn> columns;
  std::vector<std::vector<std::string>> rows;
};

/// What graders say of each object: id, name (IAU), ra, dec, role, grades, mean, spread, grade, kind, probability of a lens with its
/// interval, settled, the finder's logit, notes, and a column a grader. Controls only `with_controls`.
ResultTable objects_table(const Merged& merged, bool with_controls = false);
/// A row a grader: numbers of GraderSummary, and how often each grade was given to lenses and non-lenses among the controls.
ResultTable graders_table(const Merged& merged);

/// Writes a table by the suffix of its name: .csv, .fits, .parquet, .vot or .xml (VOTable), .ecsv, .tex (LaTeX, the columns name to
/// settled). Throws Error for any other.
void write_result_table(const std::filesystem::path& path, const ResultTable& table);

}  // namespace lensfind::inspect
