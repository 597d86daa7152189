#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/progress.h"
#include "lensfind/evaluate/whole_way.h"
#include "lensfind/report/report.h"
#include "lensfind/workflows/model_evaluation.h"
#include "lensfind/workflows/score_evaluation.h"
#include "lensfind/workflows/selection_function.h"

namespace lensfind::workflows {

/// What is evaluated: a model on labelled cutouts, or a table of anybody's scores.
struct EvaluateOptions {
  std::filesystem::path model;                ///< a model folder or anyone's .onnx, with on.data; empty: scores.scores is evaluated
  ScoreEvaluationOptions scores;              ///< instead of a model
  ModelEvaluationOptions on;                  ///< the data and how they are looked at; for scores too, but for what is about networks
  SelectionOptions selection;                 ///< truth table, for completeness; default truth.csv in the data folder
  std::vector<std::filesystem::path> grades;  ///< what people said of injected lenses: completeness of finder and people together
  std::filesystem::path out;                  ///< the folder to make
  bool overwrite = false;                     ///< replace `out`
  std::string command;                        ///< as which the report names what made it

  static void describe(auto& field) {
    field(&EvaluateOptions::on, "on", any(), "the labelled cutouts");
    field(&EvaluateOptions::scores, "scores", any(), "instead of a model");
    field(&EvaluateOptions::selection, "selection", any(), "which lenses are found");
    field(&EvaluateOptions::grades, "grades", any().taking("G"),
          "files of grades in which people graded these lenses unseen (`inspect --controls`): completeness of model and people together");
    field(&EvaluateOptions::out, "out", any().taking("DIR"), "folder to make");
    field(&EvaluateOptions::overwrite, "overwrite", any(), "replace DIR");
  }
};

struct EvaluateResult {
  report::ReportModel model;                  ///< the figures; of one class alone in model.one_class
  std::vector<evaluate::WholeWay> whole_way;  ///< where grades were given
  std::filesystem::path report;               ///< report.html
};

/// The figures as evaluation.json has them.
Value figures_of(const report::ReportModel& model);

/// Says how good a finder is, each figure with a 95% interval, and leaves in `out` scores.csv, evaluation.json, report.html with its
/// figures and, where there is something to say, rejected.csv, completeness.csv and .fits, false_positives.csv and whole_way.csv
/// (docs/files.md). Notes go to Progress::warn and among the evaluation's warnings. Throws Error where neither or both of model and scores
/// are given, where data or tables cannot be read or have no labels, where a target or a completeness that was asked for cannot be had, and
/// where `out` exists without `overwrite`; Stopped.
EvaluateResult evaluate_finder(const EvaluateOptions& options, Progress& progress = no_progress(), const StopFlag& stop = never_stop());

}  // namespace lensfind::workflows
