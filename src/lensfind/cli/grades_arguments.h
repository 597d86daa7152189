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
  std::string scheme_name, grade_column;
  inspect::MergeOptions merging;
  CommonArguments common;

  static void describe(auto& field) {
    field(&GradesArguments::scheme_name, "scheme", any().taking("NAME"),
          "scheme of the grades in tables that name none: abcx, half, or a TOML file; and only its grades");
    field(&GradesArguments::grade_column, "grade_column", any().taking("NAME"), "column of the grades in tables (default grade)");
    field(&GradesArguments::merging, "merging", any(), "how they are brought together");
  }
  void declare(Arguments& arguments);
  /// Throws Usage where --nonlens-below does not lie below --lens-from.
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
