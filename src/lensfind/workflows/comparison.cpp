#include "lensfind/workflows/comparison.h"

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/evaluate/evaluation.h"

namespace lensfind::workflows {
namespace {

void check(const CompareOptions& options) {
  const int kinds = static_cast<int>(!options.models.empty()) + static_cast<int>(!options.training.recipes.empty()) +
                    static_cast<int>(!options.scores.empty());
  if (kinds != 1) throw Error{"models, recipes or tables of scores are compared, one of the three", "give MODELs, --train or --scores"};
  if (options.scores.size() == 1) throw Error{"one table of scores is nothing to compare", "give two or more; evaluate looks at one"};
  if (options.scores.empty() && options.on.data.empty()) throw Error{"models are compared on labelled cutouts", "give --data"};
}

report::ReportInput compare_models(const CompareOptions& options, ModelEvaluation& evaluation, Progress& progress, const StopFlag& stop) {
  report::ReportInput input;
  const std::vector<std::string> names = model_names(options.models);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (stop) throw Stopped{"stopped between two models", "start it again"};
    input.models.push_back(evaluation.evaluate(options.models[i], names[i]));
  }
  input.differences = differences_of(input.models, options.on.seed, progress);
  describe_comparison(input, options, evaluation, fmt::format("{} models", names.size()), progress);
  return input;
}

}  // namespace

std::vector<evaluate::PairedDifference> differences_of(const std::vector<report::ReportModel>& models, std::uint64_t seed,
                                                       Progress& progress) {
  std::vector<evaluate::Scores> scores;
  for (const report::ReportModel& model : models) scores.push_back(model.scores);
  return evaluate::paired_differences(scores, {.seed = seed}, progress);
}

void describe_comparison(report::ReportInput& input, const CompareOptions& options, const ModelEvaluation& evaluation,
                         const std::string& what, Progress& progress) {
  input.command = options.command;
  input.data = fmt::format("{} ({})", options.on.data.string(), name_of(evaluation.data().split));
  input.title = fmt::format("{} on {}", what, input.data);
  input.cutouts = cutouts_of(evaluation.data());
  input.provenance = evaluation_provenance(options.on, evaluation.data());
  for (const std::string& note : evaluation.notes()) {
    progress.warn(note);
    input.models.front().evaluation.warnings.push_back(note);
  }
}

void write_differences(const report::ReportInput& input, const std::filesystem::path& path) {
  std::string text = "figure,first,second,difference,low,high,p_value\n";
  for (const evaluate::PairedDifference& row : input.differences) {
    text += fmt::format("{},{},{},{},{},{},{}\n", row.figure, input.models[row.first].name, input.models[row.second].name,
                        row.difference.value, row.difference.low, row.difference.high, row.p_value);
  }
  write_file(path, text);
}

void write_model(const report::ReportModel& model, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  evaluate::write_scores(folder / "scores.csv", model.scores);
  write_file(folder / "evaluation.json", to_json(evaluate::to_json_value(model.evaluation).set("model", model.name)) + "\n");
}

Output output_of(const CompareOptions& options) {
  Output out{.path = options.out,
             .kind = FolderKind::comparison,
             .command = options.training.recipes.empty() ? "compare" : "compare --train",
             .overwrite = options.overwrite,
             .resume = options.training.resume,
             .inputs = options.models};
  out.inputs.insert(out.inputs.end(), options.scores.begin(), options.scores.end());
  out.inputs.push_back(options.on.data);
  out.inputs.push_back(options.on.relabel);
  return out;
}

CompareResult compare(const CompareOptions& options, Progress& progress, const StopFlag& stop) {
  check(options);
  if (!options.training.recipes.empty()) return compare_trained(options, progress, stop);
  AtomicFolder out{output_of(options)};
  ModelEvaluation evaluation{options.on, progress, stop};
  CompareResult result;
  result.shown = options.scores.empty() ? compare_models(options, evaluation, progress, stop) : compare_scores(options, progress, stop);
  report::ReportInput& input = result.shown;

  report::write_table(input.models, out.path() / "table.csv");
  write_differences(input, out.path() / "differences.csv");
  for (const report::ReportModel& model : input.models) write_model(model, out.path() / "models" / model.name);
  report::write_report(input, out.path());
  out.commit();
  input.cutouts = {};  // of data that end here
  result.runs = input.models;
  return result;
}

#ifndef LENSFIND_WITH_TRAIN
CompareResult compare_trained(const CompareOptions&, Progress&, const StopFlag&) {
  throw Error{"lensfind was built without training", "compare models that are trained already, or build with LENSFIND_TRAIN=ON"};
}
#endif

}  // namespace lensfind::workflows
