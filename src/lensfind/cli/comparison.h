#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/output_folder.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/model_evaluation.h"
#include "lensfind/report/report.h"

namespace lensfind::cli {

/// What `compare` is told.
struct CompareArguments {
  std::vector<std::filesystem::path> models;
  std::filesystem::path out;
  ModelEvaluationOptions options;
  std::string split = "test";
  bool overwrite = false;
  CommonArguments common;
  std::string command;  ///< as it could be given again

  // Instead of models: tables of scores of any finders.
  std::vector<std::filesystem::path> scores;
  evaluate::ScoreColumns columns;

  // With --train: what is trained first.
  std::vector<std::string> recipes, ensembles;
  int seeds = 1;
  bool resume = false, allow_bad = false;
  std::string device = "auto";
};

/// Title, data, cutouts, provenance and notes of a comparison whose models stand in `input` already.
void describe_comparison(report::ReportInput& input, const CompareArguments& arguments, const ModelEvaluation& evaluation,
                         const std::string& what, Progress& progress);

/// Evaluates the tables of --scores on the samples that all of them scored, paired by id, and says what was assumed in the warnings of the
/// first.
report::ReportInput compare_scores(const CompareArguments& arguments, Progress& progress);

/// Paired differences of all models.
std::vector<evaluate::PairedDifference> differences_of(const std::vector<report::ReportModel>& models, std::uint64_t seed,
                                                       Progress& progress);

/// differences.csv: `figure,first,second,difference,low,high,p_value`.
void write_differences(const report::ReportInput& input, const std::filesystem::path& path);

/// A model's scores.csv and evaluation.json in a folder of its own.
void write_model(const report::ReportModel& model, const std::filesystem::path& folder);

/// The table and the paired differences for a terminal.
void say_comparison(Console& console, const report::ReportInput& input);

/// The folder that the comparison makes.
Output output_of(const CompareArguments& arguments);

/// `compare --train`: trains every recipe with every seed, then compares recipes by their means.
int compare_trained(const CompareArguments& arguments);

}  // namespace lensfind::cli
