#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/sky/columns.h"

namespace lensfind::score {

struct MatchOptions {
  std::filesystem::path scores;                                 ///< a table of scores with positions (sky/columns.h)
  std::filesystem::path known;                                  ///< a catalogue of known lenses (sky/catalogue.h)
  std::filesystem::path out;                                    ///< the table of candidates; the known lenses go beside it
  double radius_arcsec = 2;                                     ///< up to this separation a candidate is a known lens
  double group_arcsec = 2;                                      ///< candidates this near are one object seen twice
  std::size_t top = 0;                                          ///< the best so many rows are candidates; 0: by threshold
  double threshold = -std::numeric_limits<double>::infinity();  ///< rows with logit >= it are candidates
  sky::ColumnNames columns;                                     ///< of ids and positions, in each of the two tables that has them
  std::string score_column;                                     ///< empty: logit or score
};

/// A known lens and what became of it.
struct KnownLens {
  std::string id;
  std::string outcome;  ///< "recovered", "missed" (scored, but no candidate), "not scored" (no row within the radius), "no position"
  std::string best_id;  ///< of the row with the highest logit within the radius
  double best_logit = std::numeric_limits<double>::quiet_NaN();
  std::int64_t best_rank = 0;  ///< 1: no row of the table has a higher logit; 0: not scored
  double separation_arcsec = std::numeric_limits<double>::quiet_NaN();
};

struct MatchSummary {
  std::int64_t rows = 0;  ///< of the table of scores
  std::int64_t rows_without_position = 0;
  std::int64_t rows_without_score = 0;  ///< whose score is no number: no candidates
  std::int64_t candidates = 0;
  std::int64_t objects = 0;            ///< groups of candidates
  std::int64_t recovered_objects = 0;  ///< groups that are a known lens
  std::vector<KnownLens> known;        ///< in the list's order
  std::vector<std::string> notes;      ///< which columns were taken, which left out
  std::filesystem::path table, known_table;
};

/// Matches candidates with known lenses by position and groups those that are one object. Writes, named after `out` = m.csv,
/// - m.csv: the candidates, best first: rank,id,logit,probability,ra,dec,group,first_of_group,known,separation_arcsec (`group` counts
/// objects
///   from 1 by their best candidate; `first_of_group` is 1 for that one; `known` is the nearest known lens within the radius, or empty);
/// - m.known.csv: id,ra,dec,outcome,best_id,best_logit,best_rank,separation_arcsec of every known lens.
/// Memory holds the candidates and the known lenses only. Throws Error where a table cannot be read or has no positions.
MatchSummary match_candidates(const MatchOptions& options);

}  // namespace lensfind::score
