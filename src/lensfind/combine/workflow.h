#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/combine/combination.h"
#include "lensfind/combine/finder_tables.h"

namespace lensfind::combine {

struct FitOptions {
  std::vector<FinderTable> tables;  ///< two or more
  std::filesystem::path labels;     ///< empty: those that the tables bring
  JoinColumns columns;
  ChoiceOptions choice;
};

/// A combination with what it was chosen by.
struct Fitted {
  Combination combination;
  Study study;
  std::int64_t objects = 0;    ///< that any finder scored
  std::int64_t labelled = 0;   ///< of these
  std::int64_t left_out = 0;   ///< labelled objects that lack a score: not in the study, but in the rules of smaller sets
  std::int64_t unmatched = 0;  ///< lines of the table of labels whose id no finder scored
  std::vector<std::string> notes;
};

/// Reads and joins the tables, chooses a rule by cross-validation, and fits it. Throws Error.
Fitted fit_finders(const FitOptions& options, Progress& progress);

/// What the study found, as MODEL.json's `about` and `--json` hold it.
Value to_json_value(const Study& study);
/// A sentence on what the chosen combination gains in average precision over the best finder, and one over the plain mean: whether the
/// interval excludes 0.
std::vector<std::string> gains_in_words(const Study& study);

struct ApplyOptions {
  std::vector<FinderTable> tables;
  JoinColumns columns;
  std::optional<double> prevalence;  ///< that probabilities are for; nothing: that of the labelled objects
};

/// Combined scores of every object that any finder scored.
struct Applied {
  struct Row {
    std::string id;
    Label label = Label::unknown;
    double log_likelihood_ratio = 0, probability = 0;  ///< NaN where no rule fits
    std::string finders;                               ///< on whose scores it rests: "a+b"; empty: no rule fits
  };
  std::vector<Row> rows;
  double prevalence = 0;
  std::vector<std::pair<std::string, std::int64_t>> by_finders;  ///< how many rows rest on which finders, the most first
  std::int64_t without_rule = 0;
  std::vector<std::string> notes;
};
Applied apply_combination(const Combination& combination, const ApplyOptions& options);

/// Writes `id,logit,probability,finders[,label]` as CSV, FITS or Parquet by the name, atomically; logit is the log likelihood ratio.
void write_combined(const std::filesystem::path& path, const Applied& applied);

}  // namespace lensfind::combine
