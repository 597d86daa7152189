#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/one_class.h"
#include "lensfind/evaluate/scores.h"
#include "lensfind/evaluate/selection.h"
#include "lensfind/evaluate/target.h"
#include "lensfind/evaluate/whole_way.h"
#include "lensfind/image/image.h"
#include "lensfind/model/history.h"

namespace lensfind::report {

/// One model, or one finder's score file, on the samples of the report.
struct ReportModel {
  std::string name;
  evaluate::Evaluation evaluation;
  evaluate::Scores scores;
  std::optional<evaluate::OneClassEvaluation> one_class;  ///< in place of `evaluation` where one class alone is labelled
  std::vector<model::EpochRecord> history;                ///< empty: no training history is shown
  std::optional<int> kept_epoch;                          ///< the epoch whose weights the model has; marked in the history
  std::optional<evaluate::Calibration> calibration;
  double survey_prevalence = 1e-3;               ///< fraction of lenses in the survey of which the summary speaks
  std::vector<evaluate::ReachedTarget> targets;  ///< thresholds chosen for a target, with what they promise
  Value provenance = empty_object();             ///< recipe, data fingerprint, seed, versions: shown as it is
};

/// The pixels of a cutout by its id in the scores, or nullopt where they cannot be had.
using CutoutSource = std::function<std::optional<image::Image>(const std::string& id)>;

/// What a truth table tells about one operating point of the first model: which lenses it finds, and what it takes for lenses.
struct SelectionFunction {
  std::string point;  ///< name of the operating point: "f1"
  std::optional<evaluate::CompletenessMap> completeness;
  std::vector<evaluate::FalsePositivesOfKind> false_positives;
};

/// The runs of one recipe, which differ in their seed alone.
struct RecipeRuns {
  std::string name;
  std::vector<evaluate::Evaluation> runs;
};

/// Everything a report shows.
struct ReportInput {
  std::string title;                                    ///< "ResNet-18 on survey-test"
  std::string data;                                     ///< what was evaluated: a path or a sentence
  std::string command;                                  ///< the command line that made it
  std::vector<ReportModel> models;                      ///< at least one, all on the same samples
  std::vector<evaluate::PairedDifference> differences;  ///< of the models; empty for one
  std::vector<RecipeRuns> recipes;                      ///< where `models` are one run each of several: mean and spread over all
  CutoutSource cutouts;                                 ///< empty: no galleries
  std::optional<SelectionFunction> selection;
  std::vector<evaluate::WholeWay> whole_way;  ///< of the first model and of people; empty: nobody graded its lenses
  Value provenance = empty_object();          ///< of the evaluation: program version, date, machine
};

/// Writes report.html and figures/NAME.{svg,png,pdf,csv} into an existing folder. NAME: comparison, roc, precision_recall, scores and,
/// where their data are there, history, confusion, purity, reliability, completeness, whole_way. The page needs nothing beside it. Throws
/// Error where gnuplot is missing or fails.
void write_report(const ReportInput& input, const std::filesystem::path& folder);

/// Writes the models' figures as CSV, a line a model: `model,auc,f1,precision,recall,average_precision,...`, then NAME_low and NAME_high of
/// each. F1, precision, recall and accuracy are those at the operating point `f1`, empty where it was not chosen.
void write_table(const std::vector<ReportModel>& models, const std::filesystem::path& path);

/// Writes recipes.csv, a line a recipe: `recipe,seeds`, then of each figure of table.csv NAME_mean, NAME_std (of single runs; empty
/// for one), NAME_min and NAME_max over those runs that have it.
void write_recipes_table(const std::vector<RecipeRuns>& recipes, const std::filesystem::path& path);

}  // namespace lensfind::report
