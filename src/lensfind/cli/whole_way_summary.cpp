#include "lensfind/cli/whole_way_summary.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/sky/table.h"

namespace lensfind::cli {
namespace {

/// The Einstein radius, and the first columns of the arcs' signal-to-noise ratio and of the source's magnitude, or what the user names.
std::vector<std::string> properties(const SelectionOptions& selection) {
  if (!selection.columns.empty()) return selection.columns;
  std::vector<std::string> found;
  if (!std::filesystem::exists(selection.truth)) return found;
  const std::vector<std::string> columns = sky::open_table(selection.truth)->columns();
  for (const char* begin : {"theta_e_arcsec", "arc_snr", "source_mag"}) {
    const auto column = std::ranges::find_if(columns, [&](const std::string& name) { return name.starts_with(begin); });
    if (column != columns.end()) found.push_back(*column);
  }
  return found;
}

}  // namespace

std::vector<inspect::WholeWay> whole_way_of(const report::ReportModel& model, const std::vector<std::filesystem::path>& grades,
                                            const SelectionOptions& selection) {
  const auto point = std::ranges::find_if(model.evaluation.thresholds, [](const auto& at) { return at.point.name == "f1"; });
  if (point == model.evaluation.thresholds.end())
    throw Error{"the completeness of the whole way needs a threshold, and none was chosen beforehand",
                "give scores of a validation set with --validation, or calibrate the model"};
  const inspect::Merged merged = inspect::merge_grades(inspect::read_grades(grades, inspect::abcx()));
  const std::vector<std::string> columns = properties(selection);
  const evaluate::Truth truth = columns.empty() ? evaluate::Truth{} : evaluate::read_truth(selection.truth, model.scores, columns);
  std::vector<inspect::WholeWay> rows =
      inspect::whole_way(model.scores, truth, point->point.threshold, inspect::accepted_by_people(merged));
  if (rows.front().graded == 0)
    throw Error{"people graded none of the lenses that the model found",
                "mix these lenses in where people grade: lensfind inspect ... --controls DIR; ids must be the same"};
  return rows;
}

void say_whole_way(Console& console, const std::vector<inspect::WholeWay>& rows) {
  if (rows.empty()) return;
  const inspect::WholeWay& all = rows.front();
  const auto text = [](const evaluate::Estimate& figure) {
    return fmt::format("{:.3f} ({:.3f} to {:.3f})", figure.value, figure.low, figure.high);
  };
  console.say(fmt::format("the whole way: the model finds {} of {} lenses, people take {} of the {} that they saw", text(all.finder),
                          with_commas(all.lenses), text(all.people), with_commas(all.graded)));
  console.say(fmt::format("completeness of both together: {}; over the lenses' properties: whole_way.csv", text(all.together)));
}

}  // namespace lensfind::cli
