#pragma once

#include <filesystem>

#include "lensfind/base/progress.h"
#include "lensfind/evaluate/scores.h"
#include "lensfind/report/report.h"
#include "lensfind/workflows/model_evaluation.h"

namespace lensfind::workflows {

/// `evaluate --scores`: anybody's scores in place of a model.
struct ScoreEvaluationOptions {
  std::filesystem::path scores;
  std::filesystem::path validation;  ///< the same finder's scores of other samples; empty: no thresholds
  evaluate::ScoreColumns columns;    ///< of both tables

  static void describe(auto& field) {
    field(
        &ScoreEvaluationOptions::scores, "scores", any().taking("FILE"),
        "instead of a model: a table (CSV, FITS, Parquet, VOTable, ECSV) with id, label and logit or score, optionally probability, group");
    field(&ScoreEvaluationOptions::validation, "validation", any().taking("FILE"),
          "with --scores: the same finder's scores of other labelled samples; thresholds and, where the scores bring none, probabilities "
          "come from it");
    field(&ScoreEvaluationOptions::columns, "columns", any(), "of both tables");
  }
};

/// Evaluates a table of labelled scores: at thresholds, and with probabilities, from the validation table where there is one. Scores that
/// are probabilities are calibrated on their logit. One class alone is evaluated by itself (ReportModel::one_class). What was assumed
/// stands in the warnings. Throws Error for tables without labels, and for samples that stand in both tables.
report::ReportModel evaluate_scores(const ScoreEvaluationOptions& finder, const ModelEvaluationOptions& options, Progress& progress);

}  // namespace lensfind::workflows
