#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/score/about.h"
#include "lensfind/sky/columns.h"
#include "lensfind/sky/position.h"

namespace lensfind::score {

/// Which rows of a finished table of scores are candidates, and what is to be said of them.
struct CandidateOptions {
  std::filesystem::path scores;                ///< a table of any kind with ids and scores
  std::string threshold;                       ///< a logit, or the name of an operating point of the model; empty: none
  std::size_t top = 0;                         ///< the best K; 0: all from the threshold on, or 100 without one
  std::optional<double> prevalence;            ///< fraction of lenses, (0, 1); none: the table's own
  std::filesystem::path model;                 ///< a model folder, for its calibration and thresholds; empty: what the table says of itself
  std::filesystem::path known;                 ///< a catalogue of known lenses; empty: none
  double known_radius_arcsec = 2;              ///< up to this separation a candidate is a known lens
  std::optional<double> collapse_arcsec = {};  ///< rows in chains of steps of at most this length are one candidate, the best of them
  sky::ColumnNames columns = {};               ///< columns of ids and positions, where the usual names do not tell
  std::string score_column = {};               ///< empty: logit or score

  static void describe(auto& field) {
    using C = CandidateOptions;
    const Range radius = Range{.min = 0, .max = 3600, .above_min = true}.in("arcsec");
    field(&C::threshold, "threshold", any().taking("LOGIT"),
          "rows with at least this logit, or the name of a threshold of the model (f1, half, fpr_1e-3)");
    field(&C::top, "top", at_least(0).taking("K"), "the K best; 0: 100, or with --threshold all from it on");
    field(&C::prevalence, "prevalence", inside(0, 1).taking("P"),
          "fraction of lenses among the objects, for the probabilities (default: the table's)");
    field(&C::model, "model", any(), "take calibration and thresholds from this model (default: what the table says of itself)");
    field(&C::known, "known", any().taking("LIST"),
          "known lenses with ids and positions, a table of any kind: candidates near one are tagged");
    field(&C::known_radius_arcsec, "known_radius_arcsec", radius.as("--radius"), "how near");
    field(&C::collapse_arcsec, "collapse_arcsec", radius.as("--collapse"),
          "candidates in chains of such steps are one object: the best of them stays");
    field(&C::columns, "columns", any(), "of ids and positions");
    field(&C::score_column, "score_column", any().taking("NAME"), "column of the scores (default logit or score)");
  }
};

/// A candidate, the best row of its place.
struct ListedCandidate {
  std::string id;
  double logit = 0;
  double probability = std::numeric_limits<double>::quiet_NaN();  ///< NaN: none could be given
  std::optional<sky::Position> position = {};
  std::string known = {};                                              ///< the nearest known lens within the radius, or empty
  double separation_arcsec = std::numeric_limits<double>::infinity();  ///< from it; infinite: there is none
  std::vector<std::string> also = {};                                  ///< ids of the further rows at its place, best first
  std::vector<std::string> values = {};                                ///< of CandidateList::columns
  std::int64_t row = 0;                                                ///< of the table, from 0
};

/// The candidates of a table.
struct CandidateList {
  std::vector<ListedCandidate> candidates;  ///< best first; equal logits keep the table's order
  std::vector<std::string> columns;         ///< further ones of the table, which pass through
  std::int64_t rows = 0;                    ///< of the table
  std::int64_t rows_without_score = 0;
  std::optional<double> threshold;   ///< on the logit
  std::optional<double> prevalence;  ///< for which the probabilities are
  std::optional<About> about;        ///< what the table says of itself
  std::vector<std::string> notes;    ///< what the user should know: which columns were taken, where there is no calibration
};

/// Chooses candidates of a finished table. Nothing is scored. Memory holds the candidates only (and, to collapse them, the rows they came
/// from). Throws Error where the table cannot be read, where an operating point is not known, where positions are needed and there are
/// none, or where a prevalence is asked for and neither the table nor a model says how logits become probabilities.
CandidateList list_candidates(const CandidateOptions& options);

/// Writes them as CSV: rank,id,logit,probability,ra,dec,known,separation_arcsec,detections,also and the further columns. Writes beside it
/// what the table says of itself (about_file()), where that is known.
void write_candidates(const std::filesystem::path& table, const CandidateList& list);

}  // namespace lensfind::score
