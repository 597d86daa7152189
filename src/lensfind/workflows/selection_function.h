#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/evaluate/whole_way.h"
#include "lensfind/report/report.h"

namespace lensfind::workflows {

/// Which truth table to look into, and over which two of its columns.
struct SelectionOptions {
  std::filesystem::path truth;       ///< CSV with `id`
  std::vector<std::string> columns;  ///< two; empty: Einstein radius and the first source magnitude, where the table has them
  bool asked = false;                ///< by the user: what is missing is an error then

  static void describe(auto& field) {
    field(&SelectionOptions::truth, "truth", any().taking("FILE"), "truth table with an id a line; default truth.csv in the data folder");
    field(&SelectionOptions::columns, "columns", any().without_option(),
          "of the truth table, two: completeness over them, at threshold f1; default theta_e_arcsec and a source magnitude");
  }
};

/// What a truth table tells about a model at its threshold `f1`: completeness over two columns, and false positives by kind. Nothing where
/// there is no such table, or the model brings no threshold. Throws Error where it was asked for and cannot be had.
std::optional<report::SelectionFunction> selection_function(const SelectionOptions& options, const report::ReportModel& model);

/// Completeness of a model at its threshold `f1` and of people together, over the Einstein radius, the signal-to-noise ratio of the arcs
/// (in their best band) and the source's magnitude, where the truth table has them; by what people said of these lenses in files of grades.
/// Throws Error where the model has no threshold or people graded none of its lenses.
std::vector<evaluate::WholeWay> whole_way_of(const report::ReportModel& model, const std::vector<std::filesystem::path>& grades,
                                             const SelectionOptions& selection);

}  // namespace lensfind::workflows
