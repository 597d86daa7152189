#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/progress.h"
#include "lensfind/sky/columns.h"

namespace lensfind::workflows {

struct MatchOptions {
  std::filesystem::path scores;        ///< a table of scores with positions (sky/columns.h)
  std::filesystem::path known;         ///< a catalogue of known lenses (sky/catalogue.h)
  std::filesystem::path out;           ///< the table of candidates; the known lenses go beside it
  bool overwrite = false;              ///< replace `out`
  double radius_arcsec = 2;            ///< up to this separation a candidate is a known lens
  std::optional<double> group_arcsec;  ///< candidates this near are one object seen twice; default the radius
  std::int64_t top = 0;                ///< the best so many rows are candidates; 0: 1000, or with a threshold all from it on
  std::optional<double> threshold;     ///< rows with logit >= it are candidates
  sky::ColumnNames columns;            ///< of ids and positions, in each of the two tables that has them
  std::string score_column;            ///< empty: logit or score

  static void describe(auto& field) {
    field(&MatchOptions::known, "known", any().taking("LIST"), "known lenses with ids and positions, a table of any of these kinds");
    field(&MatchOptions::out, "out", any().taking("FILE"), "the candidates, as CSV; the known lenses go beside it, as .known.csv");
    field(&MatchOptions::radius_arcsec, "radius_arcsec", at_least(0).as("--radius").in("arcsec"),
          "up to this separation a candidate is a known lens");
    field(&MatchOptions::group_arcsec, "group_arcsec", at_least(0).as("--group").in("arcsec"),
          "candidates in chains of such steps are one object; default: the radius");
    field(&MatchOptions::top, "top", at_least(0).taking("K"), "the K best rows are the candidates; 0: 1000, without --threshold");
    field(&MatchOptions::threshold, "threshold", any().taking("LOGIT"), "rows with at least this logit are the candidates");
    field(&MatchOptions::columns, "columns", any(), "of ids and positions");
    field(&MatchOptions::score_column, "score_column", any().taking("NAME"), "column of the scores in SCORES (default logit or score)");
    field(&MatchOptions::overwrite, "overwrite", any(), "replace OUT");
  }
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
/// Memory holds the candidates and the known lenses only. Throws Error where a table cannot be read or has no positions, and where `out`
/// exists without `overwrite`; Stopped.
MatchSummary match_candidates(const MatchOptions& options, const StopFlag& stop = never_stop());

}  // namespace lensfind::workflows
