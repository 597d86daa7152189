#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/base/progress.h"
#include "lensfind/evaluate/scores.h"
#include "lensfind/report/report.h"
#include "lensfind/workflows/model_evaluation.h"

namespace lensfind::workflows {

/// What is trained before it is compared.
struct CompareTraining {
  std::vector<std::string> recipes;    ///< [NAME=]RECIPE[,KEY=VALUE...] (train/series.h); empty: nothing is trained
  std::vector<std::string> ensembles;  ///< NAME=A+B: one more system, the mean logit of these
  int seeds = 1;                       ///< how many each
  std::int64_t first_seed = 0;
  bool resume = false;                                               ///< go on with what stands in the folder; recipes may have been added
  bool allow_bad = false;                                            ///< train although more than 1% of the cutouts were set aside
  std::string device = "auto";                                       ///< auto, cpu or cuda
  std::vector<std::filesystem::path> recipe_folders;                 ///< where recipes are looked for by name
  std::vector<std::filesystem::path> survey_folders, model_folders;  ///< as train::TrainOptions
  std::vector<std::string> overrides;                                ///< "epochs=1": of every recipe

  static void describe(auto& field) {
    field(&CompareTraining::recipes, "recipes", any().without_option(), "instead of models: trained first, each with every seed");
    field(&CompareTraining::seeds, "seeds", between(1, 1000).taking("N"), "with --train: how many seeds each, from --seed on");
    field(&CompareTraining::ensembles, "ensembles", any().as("--ensemble").taking("NAME=A+B"),
          "with --train: one more system, the mean logit of these; may be given again");
    field(&CompareTraining::resume, "resume", any(), "with --train: go on with what stands in DIR; recipes may be added");
    field(&CompareTraining::allow_bad, "allow_bad", any(), "with --train: train although more than 1% of the cutouts were set aside");
    field(&CompareTraining::device, "device", any().without_option(), "with --train: where to compute");
  }
};

/// What is compared: models, recipes that are trained first, or tables of scores. One of the three is given.
struct CompareOptions {
  std::vector<std::filesystem::path> models;  ///< model folders or .onnx files
  CompareTraining training;
  std::vector<std::filesystem::path> scores;  ///< of any finders, paired by id; two or more
  evaluate::ScoreColumns columns;             ///< of the tables
  ModelEvaluationOptions on;                  ///< the labelled cutouts; of tables only prevalence, relabel and seed count
  std::filesystem::path out;                  ///< the folder to make
  bool overwrite = false;                     ///< replace `out`
  std::string command;                        ///< as which the report names what made it

  static void describe(auto& field) {
    field(&CompareOptions::on, "on", any(), "the labelled cutouts");
    field(&CompareOptions::scores, "scores", any().taking("FILE"),
          "instead of MODELs: tables of scores of any finders (CSV, FITS, Parquet, VOTable, ECSV), paired by id");
    field(&CompareOptions::columns, "columns", any(), "of the tables");
    field(&CompareOptions::out, "out", any().taking("DIR"), "folder to make");
    field(&CompareOptions::overwrite, "overwrite", any(), "replace DIR");
  }
};

struct CompareResult {
  report::ReportInput shown;              ///< what the page shows: models, or of each recipe its first seed; without cutouts
  std::vector<report::ReportModel> runs;  ///< every model that was evaluated; where nothing was trained those of `shown`
};

/// Compares finders on the same samples, by paired differences with intervals, and leaves in `out` table.csv, differences.csv, figures,
/// report.html and models/NAME/{scores.csv,evaluation.json}; of recipes also recipes.csv (mean and spread over seeds) and the trained
/// models in runs/NAME-seedS. Notes go to Progress::warn and among the first model's warnings. Throws Error where not one of the three is
/// given, where there is nothing to compare on and where `out` exists without `overwrite`; Stopped, after which a training goes on with
/// `resume`.
CompareResult compare(const CompareOptions& options, Progress& progress = no_progress(), const StopFlag& stop = never_stop());

/// compare() of tables of scores, without a folder: evaluates them on the samples that all of them scored, and says in the warnings of the
/// first what was assumed.
report::ReportInput compare_scores(const CompareOptions& options, Progress& progress = no_progress(), const StopFlag& stop = never_stop());

/// compare() of recipes. Throws Error where this build has no training.
CompareResult compare_trained(const CompareOptions& options, Progress& progress, const StopFlag& stop);

/// Title, data, cutouts, provenance and notes of a comparison whose models stand in `input` already.
void describe_comparison(report::ReportInput& input, const CompareOptions& options, const ModelEvaluation& evaluation,
                         const std::string& what, Progress& progress);

/// Paired differences of all models.
std::vector<evaluate::PairedDifference> differences_of(const std::vector<report::ReportModel>& models, std::uint64_t seed,
                                                       Progress& progress);

/// differences.csv: `figure,first,second,difference,low,high,p_value`.
void write_differences(const report::ReportInput& input, const std::filesystem::path& path);

/// A model's scores.csv and evaluation.json in a folder of its own.
void write_model(const report::ReportModel& model, const std::filesystem::path& folder);

/// The folder that the comparison makes.
Output output_of(const CompareOptions& options);

}  // namespace lensfind::workflows
