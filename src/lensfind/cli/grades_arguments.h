#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/cli/console.h"
#include "lensfind/inspect/merge.h"

namespace lensfind::cli {

/// What every command on files of grades takes: the files, how their grades are spelled, how they are merged.
struct GradesArguments {
  std::vector<std::filesystem::path> files;
  std::string scheme_name, grade_column, method = "auto";
  std::optional<double> fraction, doubt, lens_from, nonlens_below;
  std::optional<std::int64_t> min_grades;
  CommonArguments common;

  void declare(Arguments& arguments);
  /// Throws Usage for numbers out of range.
  [[nodiscard]] inspect::MergeOptions merge_options() const;
  /// Notes of reading and merging go to the console.
  [[nodiscard]] inspect::Merged merge(const inspect::GradeSet& set, Console& console) const;
  [[nodiscard]] inspect::GradeSet read(Console& console) const;
};

int grades_merge(const std::vector<std::string>& words);
int grades_export(const std::vector<std::string>& words);
int grades_next(const std::vector<std::string>& words);
int grades_subjects(const std::vector<std::string>& words);

}  // namespace lensfind::cli
