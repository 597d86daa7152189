#pragma once

#include <filesystem>

#include "lensfind/base/progress.h"
#include "lensfind/cli/model_evaluation.h"
#include "lensfind/evaluate/scores.h"
#include "lensfind/report/report.h"

namespace lensfind::cli {

/// `evaluate --scores`: anybody's scores in place of a model.
struct ScoreEvaluationOptions {
  std::filesystem::path scores;
  std::filesystem::path validation;  ///< the same finder's scores of other samples; empty: no thresholds
  evaluate::ScoreColumns columns;    ///< of both tables
};

/// Evaluates a table of labelled scores: at thresholds, and with probabilities, from the validation table where there is one. Scores that
/// are probabilities are calibrated on their logit. One class alone is evaluated by itself (ReportModel::one_class). What was assumed
/// stands in the warnings. Throws Error for tables without labels, and for samples that stand in both tables.
report::ReportModel evaluate_scores(const ScoreEvaluationOptions& finder, const ModelEvaluationOptions& options, Progress& progress);

}  // namespace lensfind::cli
