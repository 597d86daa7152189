#include "lensfind/workflows/selection_function.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "lensfind/base/error.h"
#include "lensfind/evaluate/selection.h"
#include "lensfind/inspect/whole_way.h"
#include "lensfind/sky/table.h"

namespace lensfind::workflows {
namespace {

/// The threshold `f1`, where it was chosen beforehand.
std::optional<evaluate::OperatingPoint> f1_of(const report::ReportModel& model) {
  std::vector<evaluate::OperatingPoint> points;
  for (const evaluate::AtThreshold& at : model.evaluation.thresholds) points.push_back(at.point);
  if (model.one_class)
    for (const auto& [point, fraction] : model.one_class->thresholds) points.push_back(point);
  const auto found = std::ranges::find(points, "f1", &evaluate::OperatingPoint::name);
  return found == points.end() ? std::nullopt : std::optional{*found};
}

/// Einstein radius and the first source magnitude; nothing where the table lacks one of them.
std::vector<std::string> usual_columns(const std::filesystem::path& truth_csv) {
  const std::vector<std::string> columns = sky::open_table(truth_csv)->columns();
  const std::string radius = "theta_e_arcsec";
  const auto magnitude =
      std::find_if(columns.begin(), columns.end(), [](const std::string& name) { return name.starts_with("source_mag_"); });
  if (magnitude == columns.end() || std::find(columns.begin(), columns.end(), radius) == columns.end()) return {};
  return {radius, *magnitude};
}

/// What the lenses of the whole way are sorted by: the user's columns, else the Einstein radius, the signal-to-noise ratio of the arcs in
/// their best band, and the source's magnitude in the first band that the table has.
evaluate::Truth properties(const SelectionOptions& selection, const evaluate::Scores& scores) {
  if (!selection.columns.empty()) return evaluate::read_truth(selection.truth, scores, selection.columns);
  if (!std::filesystem::exists(selection.truth)) return {};
  const std::vector<std::string> names = sky::open_table(selection.truth)->columns();
  evaluate::Truth truth;
  for (const std::string property : {"theta_e_arcsec", "arc_snr", "source_mag"}) {
    std::vector<std::string> columns;
    for (const std::string& name : names)
      if (name == property || name.starts_with(property + "_")) columns.push_back(name);
    if (columns.empty()) continue;
    if (property != "arc_snr" || columns.front() == property) columns.resize(1);
    evaluate::Truth read = evaluate::read_truth(selection.truth, scores, columns);
    for (const std::vector<double>& other : read.values)
      for (std::size_t i = 0; i < other.size(); ++i) read.values.front()[i] = std::fmax(read.values.front()[i], other[i]);
    truth.columns.push_back(columns.size() > 1 ? property : columns.front());
    truth.values.push_back(std::move(read.values.front()));
  }
  return truth;
}

}  // namespace

std::optional<report::SelectionFunction> selection_function(const SelectionOptions& options, const report::ReportModel& model) {
  if (!options.asked && !std::filesystem::exists(options.truth)) return std::nullopt;
  const std::optional<evaluate::OperatingPoint> f1 = f1_of(model);
  if (!f1) {
    if (!options.asked) return std::nullopt;
    throw Error{"completeness needs a threshold, and none was chosen beforehand",
                "give scores of a validation set with --validation, or calibrate the model"};
  }
  const std::vector<std::string> columns = options.columns.empty() ? usual_columns(options.truth) : options.columns;
  const evaluate::Truth truth = evaluate::read_truth(options.truth, model.scores, columns);
  report::SelectionFunction selection{.point = f1->name};
  if (columns.size() == 2) selection.completeness = evaluate::completeness_map(model.scores, truth, 0, 1, f1->threshold);
  if (std::any_of(truth.kinds.begin(), truth.kinds.end(), [](const std::string& kind) { return !kind.empty(); }))
    selection.false_positives = evaluate::false_positives_by_kind(model.scores, truth, f1->threshold);
  return selection;
}

std::vector<evaluate::WholeWay> whole_way_of(const report::ReportModel& model, const std::vector<std::filesystem::path>& grades,
                                             const SelectionOptions& selection) {
  const auto point = std::ranges::find_if(model.evaluation.thresholds, [](const auto& at) { return at.point.name == "f1"; });
  if (point == model.evaluation.thresholds.end())
    throw Error{"the completeness of the whole way needs a threshold, and none was chosen beforehand",
                "give scores of a validation set with --validation, or calibrate the model"};
  const inspect::Merged merged = inspect::merge_grades(inspect::read_grades(grades, inspect::abcx()));
  const evaluate::Truth truth = properties(selection, model.scores);
  std::vector<evaluate::WholeWay> rows =
      evaluate::whole_way(model.scores, truth, point->point.threshold, inspect::accepted_by_people(merged));
  if (rows.front().graded == 0)
    throw Error{"people graded none of the lenses that the model found",
                "mix these lenses in where people grade: lensfind inspect ... --controls DIR; ids must be the same"};
  return rows;
}

}  // namespace lensfind::workflows
