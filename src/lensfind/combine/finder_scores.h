#pragma once

#include <string>
#include <vector>

#include "lensfind/base/label.h"
#include "lensfind/dataset/logistic.h"
#include "lensfind/evaluate/scores.h"

namespace lensfind::combine {

/// Scores of several finders, an object a row and a finder a column, on the scales that their calibrations are lines on. A finder is
/// whatever gives numbers: a network, another group's catalogue, the mean grade of people.
struct FinderScores {
  std::vector<std::string> finders;  ///< names, one a column
  std::vector<std::string> ids;      ///< one a row
  std::vector<Label> labels;         ///< one a row
  std::vector<std::string> groups;   ///< sky object of each row; the id where a table names none
  dataset::FeatureTable table;       ///< NaN where a finder has no score of an object

  [[nodiscard]] std::size_t rows() const { return ids.size(); }
};

/// Rows of known label in which no score is missing: what rules are fitted on and judged by.
struct LabelledRows {
  dataset::FeatureTable scores;     ///< a finder a column
  std::vector<char> lens;           ///< 1: lens, 0: non-lens
  std::vector<std::string> groups;  ///< rows of one group are never parted

  [[nodiscard]] std::size_t size() const { return lens.size(); }
  [[nodiscard]] std::size_t lenses() const;
  /// How many groups hold a row of the class.
  [[nodiscard]] std::size_t groups_of(bool lenses) const;
  /// The rows of these indices, in their order.
  [[nodiscard]] LabelledRows at(const std::vector<std::size_t>& rows) const;
};

/// The labelled rows that have scores of all of `finders` (indices of columns), with these columns alone.
LabelledRows labelled_rows(const FinderScores& scores, const std::vector<std::size_t>& finders);

/// A column of scores as a table of `evaluate`, so that its curves, calibration and paired differences can be asked. Ids are the numbers of
/// the rows. `column` has a value a row.
evaluate::Scores as_scores(const std::vector<double>& column, const LabelledRows& rows);

/// One column of a table of features.
std::vector<double> column_of(const dataset::FeatureTable& table, std::size_t column);

}  // namespace lensfind::combine
