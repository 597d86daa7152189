#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/grades_arguments.h"

namespace lensfind::cli {

void GradesArguments::declare(Arguments& arguments) {
  arguments.positional(files, "G",
                       "files of grades: .sqlite of inspect, or tables with columns id and grade (grader, time, kind, note ...)");
  arguments.fields(*this);
  common.declare(arguments, true);
}

inspect::MergeOptions GradesArguments::merge_options() const {
  inspect::MergeOptions options = merging;
  if (options.nonlens_below >= options.lens_from) throw Usage{"--nonlens-below lies below --lens-from"};
  options.consensus.seed = common.seed_or_zero();
  return options;
}

inspect::GradeSet GradesArguments::read(Console& console) const {
  const inspect::Scheme scheme = scheme_name.empty() ? inspect::abcx() : inspect::find_scheme(scheme_name, data_folders("schemes"));
  inspect::GradeSet set = inspect::read_grades(files, scheme, grade_column);
  for (const std::string& note : set.notes) console.progress().warn(note);
  return set;
}

inspect::Merged GradesArguments::merge(const inspect::GradeSet& set, Console& console) const {
  inspect::MergeOptions options = merge_options();
  if (!scheme_name.empty()) options.scheme = inspect::find_scheme(scheme_name, data_folders("schemes")).name;
  inspect::Merged merged = inspect::merge_grades(set, options);
  for (const std::string& note : merged.notes) console.progress().warn(note);
  return merged;
}

const std::vector<Command>& grades_parts() {
  static const std::vector<Command> parts{
      {"merge", "all graders together: agreement, each one's skill, the consensus; leaves tables", grades_merge},
      {"export", "the merged table as CSV, FITS, Parquet, VOTable, ECSV or LaTeX, and labels for training", grades_export},
      {"next", "what is worth grading next, as a table for inspect", grades_next},
      {"subjects", "candidates as subjects for Zooniverse, whose classifications are grades", grades_subjects},
  };
  return parts;
}

int grades_command(const std::vector<std::string>& words) {
  return run_part("grades",
                  "What graders said, put to work. G are files of grades: .sqlite as `lensfind inspect` leaves them, or tables (CSV, FITS, "
                  "VOTable, ECSV,\nParquet) with columns id and grade, optionally grader, time, kind, note.\n\n"
                  "Usage: lensfind grades PART G... --out OUT\n\n"
                  "Grades come from `lensfind inspect`. A first look at them: lensfind grades merge G.sqlite --out merged",
                  grades_parts(), words);
}

}  // namespace lensfind::cli
