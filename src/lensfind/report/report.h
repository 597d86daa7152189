#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/scores.h"
#include "lensfind/image/image.h"
#include "lensfind/report/history.h"

namespace lensfind::report {

/// One model, or one finder's score file, on the samples of the report.
struct ReportModel {
  std::string name;
  evaluate::Evaluation evaluation;
  evaluate::Scores scores;
  std::vector<HistoryRow> history;  ///< empty: no training history is shown
  std::optional<int> kept_epoch;    ///< the epoch whose weights the model has; marked in the history
  std::optional<model::Calibration> calibration;
  Value provenance = empty_object();  ///< recipe, data fingerprint, seed, versions: shown as it is
};

/// The pixels of a cutout by its id in the scores, or nullopt where they cannot be had.
using CutoutSource = std::function<std::optional<Image>(const std::string& id)>;

/// How many lenses were found in cells of two true quantities: the selection function.
struct CompletenessMap {
  struct Cell {
    double x_low = 0, x_high = 0, y_low = 0, y_high = 0;
    std::int64_t lenses = 0;        ///< in the cell; 0: the cell is empty
    evaluate::Figure completeness;  ///< share of them found
  };
  std::string x_name, y_name;  ///< with units: "Einstein radius (arcsec)"
  std::string point;           ///< the operating point: "f1"
  std::vector<Cell> cells;
};

/// Everything a report shows.
struct ReportInput {
  std::string title;                                    ///< "ResNet-18 on survey-test"
  std::string data;                                     ///< what was evaluated: a path or a sentence
  std::string command;                                  ///< the command line that made it
  std::vector<ReportModel> models;                      ///< at least one, all on the same samples
  std::vector<evaluate::PairedDifference> differences;  ///< of the models; empty for one
  CutoutSource cutouts;                                 ///< empty: no galleries
  std::optional<CompletenessMap> completeness;
  Value provenance = empty_object();  ///< of the evaluation: program version, date, machine
};

/// Writes report.html and figures/NAME.{svg,png,pdf,csv} into an existing folder. NAME: comparison, roc, precision_recall, scores and,
/// where their data are there, history, confusion, purity, reliability, completeness. The page needs nothing beside it. Throws Error where
/// gnuplot is missing or fails.
void write_report(const ReportInput& input, const std::filesystem::path& folder);

/// Writes the models' figures as CSV, a line a model: `model,auc,f1,precision,recall,average_precision,...`, then NAME_low and NAME_high of
/// each. F1, precision, recall and accuracy are those at the operating point `f1`, empty where it was not chosen.
void write_table(const std::vector<ReportModel>& models, const std::filesystem::path& path);

}  // namespace lensfind::report
