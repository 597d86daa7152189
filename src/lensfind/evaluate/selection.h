#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "lensfind/evaluate/evaluation.h"

namespace lensfind::evaluate {

/// Columns of a truth table for the rows of scores, joined by id.
struct Truth {
  std::vector<std::string> columns;         ///< the names asked for
  std::vector<std::vector<double>> values;  ///< (columns, rows of the scores); NaN where the table is silent
  std::vector<std::string> kinds;           ///< (rows of the scores) "lens", "spiral", ...; empty where the table is silent
  std::int64_t matched = 0;                 ///< how many scores are in the table
};

/// Throws Error where a column is missing that read_truth() will need. To be called before the long part of the work.
void require_truth(const std::filesystem::path& path, const std::vector<std::string>& columns);

/// Reads `id`, the columns asked for and, where there is one, `kind` from a truth table of any kind. Throws Error for a missing column, for
/// text where a number should be, and where the table has no id of the scores.
Truth read_truth(const std::filesystem::path& path, const Scores& scores, const std::vector<std::string>& columns);

/// Lenses in one cell of two truth columns, and how many of them a threshold finds.
struct CompletenessCell {
  double x_low = 0, x_high = 0, y_low = 0, y_high = 0;  ///< the cell holds low <= value < high; the last cell of a row also its upper edge
  std::int64_t lenses = 0, found = 0;
  Estimate completeness;  ///< Jeffreys, lenses counting effective_weight each; NaN with [0, 1] where the cell is empty
};

/// The selection function of a threshold over two truth columns.
struct CompletenessMap {
  std::string x, y;
  std::vector<double> x_edges, y_edges;
  std::vector<CompletenessCell> cells;  ///< (y, x): x runs fastest
};

/// Edges that divide the finite values into at most `bins` bins of about equal counts. Equal values stay together.
std::vector<double> equal_count_edges(std::span<const double> values, std::size_t bins);

/// Completeness of lenses with logit >= threshold; x and y are indices of truth columns. Lenses without both values are left out.
CompletenessMap completeness_map(const Scores& scores, const Truth& truth, std::size_t x, std::size_t y, double threshold,
                                 std::size_t bins = 5);

/// A line a cell: <x>_low,<x>_high,<y>_low,<y>_high,lenses,found,completeness,low,high.
void write_completeness(const std::filesystem::path& path, const CompletenessMap& map);

/// The same as the first table of a FITS file, named COMPLETENESS, with TUNIT where a column's name carries a unit (theta_e_arcsec,
/// source_mag_i). completeness is NaN in empty cells.
void write_completeness_fits(const std::filesystem::path& path, const CompletenessMap& map);

/// Non-lenses of one kind, and how many of them a threshold takes for lenses.
struct FalsePositivesOfKind {
  std::string kind;
  std::int64_t nonlenses = 0, false_positives = 0;
  Estimate rate;  ///< Jeffreys, non-lenses counting effective_weight each
};

/// From the highest rate to the lowest; kinds of the truth table, "" where it names none.
std::vector<FalsePositivesOfKind> false_positives_by_kind(const Scores& scores, const Truth& truth, double threshold);

/// A line a kind: kind,nonlenses,false_positives,rate,low,high.
void write_false_positives(const std::filesystem::path& path, const std::vector<FalsePositivesOfKind>& kinds);

}  // namespace lensfind::evaluate
