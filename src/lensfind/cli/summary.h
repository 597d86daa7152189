#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/cli/console.h"
#include "lensfind/evaluate/whole_way.h"
#include "lensfind/report/report.h"
#include "lensfind/score/run.h"
#include "lensfind/train/train.h"

namespace lensfind::cli {

/// The headline figures of one model, with intervals, for a terminal.
void say_evaluation(Console& console, const report::ReportModel& model);

/// One line a model: the study's table.
void say_table(Console& console, const std::vector<report::ReportModel>& models);

/// Two lines of completeness of a model and people together; nothing where there is no whole way.
void say_whole_way(Console& console, const std::vector<evaluate::WholeWay>& rows);

/// Which epoch of a training was kept and how good it is on validation, and what calibrates the model.
void say_training(Console& console, const train::TrainResult& result, const std::filesystem::path& model);

/// What a scoring run did; `prevalence_asked`: the user named the fraction of lenses.
void say_scores(Console& console, const score::RunSummary& summary, bool prevalence_asked);

/// "0.982 (0.971 to 0.990)".
std::string figure_text(const evaluate::Estimate& figure);

}  // namespace lensfind::cli
