#pragma once

#include "lensfind/cli/console.h"
#include "lensfind/report/report.h"

namespace lensfind::cli {

/// The headline figures of one model, with intervals, for a terminal.
void say_evaluation(Console& console, const report::ReportModel& model);

/// One line a model: the study's table.
void say_table(Console& console, const std::vector<report::ReportModel>& models);

/// "0.982 (0.971 to 0.990)".
std::string figure_text(const evaluate::Estimate& figure);

}  // namespace lensfind::cli
