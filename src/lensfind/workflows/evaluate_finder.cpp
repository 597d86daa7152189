#include "lensfind/workflows/evaluate_finder.h"

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/base/version.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/selection.h"
#include "lensfind/inspect/whole_way.h"
#include "lensfind/report/one_class_page.h"

namespace lensfind::workflows {
namespace {

void check(const EvaluateOptions& options) {
  const bool has_model = !options.model.empty();
  if (has_model == !options.scores.scores.empty())
    throw Error{"either a model or a table of scores is evaluated", "give MODEL with --data, or --scores FILE"};
  if (has_model && options.on.data.empty()) throw Error{"a model is evaluated on labelled cutouts", "give --data"};
  if (has_model && !options.scores.validation.empty())
    throw Error{"a model brings its own validation scores", "give --validation with --scores"};
  if (!has_model && options.scores.validation.empty() && !options.on.targets.empty())
    throw Error{"the data under test choose no threshold", "give a target with a model, or with --scores and --validation"};
}

SelectionOptions selection_of(const EvaluateOptions& options) {
  SelectionOptions selection = options.selection;
  selection.asked = selection.asked || !selection.truth.empty() || !selection.columns.empty();
  if (!selection.truth.empty()) return selection;
  if (selection.asked && options.on.data.empty()) throw Error{"which table holds the columns of --completeness?", "give --truth"};
  selection.truth = options.on.data / "truth.csv";
  return selection;
}

Output output_of(const EvaluateOptions& options, const SelectionOptions& selection) {
  return {
      .path = options.out,
      .kind = FolderKind::evaluation,
      .command = "evaluate",
      .overwrite = options.overwrite,
      .inputs = {options.model, options.on.data, options.scores.scores, options.scores.validation, options.on.relabel, selection.truth}};
}

report::ReportInput evaluate_model(const EvaluateOptions& options, ModelEvaluation& evaluation, const std::filesystem::path& folder) {
  report::ReportInput input{.command = options.command};
  input.models.push_back(evaluation.evaluate(options.model, model_names({options.model}).front()));
  input.data = fmt::format("{} ({})", options.on.data.string(), name_of(evaluation.data().split));
  input.cutouts = cutouts_of(evaluation.data());
  input.provenance = evaluation_provenance(options.on, evaluation.data());
  dataset::write_rejected(folder / "rejected.csv", evaluation.data().rejected);
  return input;
}

report::ReportInput evaluate_table(const EvaluateOptions& options, Progress& progress) {
  report::ReportInput input{.command = options.command};
  input.models.push_back(evaluate_scores(options.scores, options.on, progress));
  input.data = options.scores.scores.string();
  input.provenance = empty_object().set("lensfind", version()).set("scores", options.scores.scores.string());
  if (!options.scores.validation.empty()) input.provenance.set("validation", options.scores.validation.string());
  return input;
}

void add_notes(report::ReportModel& model, const std::vector<std::string>& notes, Progress& progress) {
  for (const std::string& note : notes) {
    progress.warn(note);
    (model.one_class ? model.one_class->warnings : model.evaluation.warnings).push_back(note);
  }
}

void write_results(const report::ReportInput& input, const std::filesystem::path& folder) {
  const report::ReportModel& model = input.models.front();
  evaluate::write_scores(folder / "scores.csv", model.scores);
  if (input.selection && input.selection->completeness) {
    evaluate::write_completeness(folder / "completeness.csv", *input.selection->completeness);
    evaluate::write_completeness_fits(folder / "completeness.fits", *input.selection->completeness);
  }
  if (input.selection && !input.selection->false_positives.empty())
    evaluate::write_false_positives(folder / "false_positives.csv", input.selection->false_positives);
  Value json = figures_of(model);
  json.set("model", model.name).set("data", input.data).set("provenance", input.provenance);
  write_file(folder / "evaluation.json", to_json(json) + "\n");
  if (model.one_class)
    report::write_one_class(input, folder);
  else
    report::write_report(input, folder);
}

}  // namespace

Value figures_of(const report::ReportModel& model) {
  return model.one_class ? evaluate::to_json_value(*model.one_class) : evaluate::to_json_value(model.evaluation);
}

EvaluateResult evaluate_finder(const EvaluateOptions& asked, Progress& progress, const StopFlag& stop) {
  EvaluateOptions options = asked;
  options.on.allow_one_class = true;
  check(options);
  const SelectionOptions selection = selection_of(options);
  AtomicFolder out{output_of(options, selection)};
  if (selection.asked) evaluate::require_truth(selection.truth, selection.columns);

  ModelEvaluation evaluation{options.on, progress, stop};
  report::ReportInput input = options.model.empty() ? evaluate_table(options, progress) : evaluate_model(options, evaluation, out.path());
  report::ReportModel& model = input.models.front();
  if (selection.asked || !options.on.data.empty()) input.selection = selection_function(selection, model);
  add_notes(model, evaluation.notes(), progress);
  EvaluateResult result{.report = options.out / "report.html"};
  if (!options.grades.empty()) {
    result.whole_way = whole_way_of(model, options.grades, selection);
    inspect::write_result_table(out.path() / "whole_way.csv", inspect::whole_way_table(result.whole_way));
    input.whole_way = result.whole_way;
  }
  if (stop) throw Stopped{"stopped before the report was written", "start it again"};
  input.title = fmt::format("{} on {}", model.name, input.data);
  write_results(input, out.path());
  out.commit();
  result.model = std::move(model);
  return result;
}

}  // namespace lensfind::workflows
