#pragma once

#include <filesystem>
#include <vector>

#include "lensfind/cli/console.h"
#include "lensfind/cli/model_evaluation.h"
#include "lensfind/inspect/whole_way.h"
#include "lensfind/report/report.h"

namespace lensfind::cli {

/// Completeness of a model at its threshold `f1` and of people together, over the Einstein radius, the signal-to-noise ratio of the arcs
/// and the source's magnitude, where the truth table has them. Throws Error where the model has no threshold or people graded none of its
/// lenses.
std::vector<inspect::WholeWay> whole_way_of(const report::ReportModel& model, const std::vector<std::filesystem::path>& grades,
                                            const SelectionOptions& selection);

/// Two lines of the summary; nothing where there is no whole way.
void say_whole_way(Console& console, const std::vector<inspect::WholeWay>& rows);

}  // namespace lensfind::cli
