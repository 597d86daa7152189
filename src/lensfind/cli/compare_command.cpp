#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/model_evaluation.h"
#include "lensfind/cli/summary.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/report/report.h"

namespace lensfind::cli {
namespace {

struct CompareArguments {
  std::vector<std::filesystem::path> models;
  std::filesystem::path out;
  ModelEvaluationOptions options;
  std::string split = "test";
  bool overwrite = false;
  CommonArguments common;
};

CompareArguments read_arguments(const std::vector<std::string>& words) {
  CompareArguments read;
  Arguments arguments{
      "compare",
      "Several models on the same labelled cutouts: the study's table and figures, and paired differences with intervals. Leaves "
      "table.csv, differences.csv, figures and report.html, and each model's scores and evaluation."};
  arguments.positional(read.models, "MODEL", "model folders or .onnx files");
  arguments.option(read.options.data, "--data", "DIR", "labelled cutouts", true);
  arguments.choice(read.split, "--split", {"test", "train", "all"}, "which part of the data");
  arguments.option(read.out, "--out", "DIR", "folder to make", true);
  arguments.option(read.options.prevalence, "--prevalence", "P", "share of lenses in the survey that is meant");
  arguments.flag(read.options.average_symmetries, "--tta", "average the eight turns and reflections of each cutout");
  arguments.flag(read.overwrite, "--overwrite", "replace DIR");
  read.common.declare(arguments, true);
  arguments.parse(words);
  read.options.part = part_from_name(read.split);
  read.options.seed = read.common.seed_or_zero();
  read.options.threads = use_threads(read.common.threads);
  return read;
}

std::vector<evaluate::PairedDifference> differences_of(const std::vector<report::ReportModel>& models, std::uint64_t seed,
                                                       Progress& progress) {
  if (models.size() < 2) return {};
  std::vector<evaluate::Scores> scores;
  for (const report::ReportModel& model : models) scores.push_back(model.scores);
  return evaluate::paired_differences(scores, {.seed = seed}, progress);
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

}  // namespace

int compare_command(const std::vector<std::string>& words) {
  const CompareArguments arguments = read_arguments(words);
  Console console{arguments.common};
  AtomicFolder out{arguments.out, arguments.overwrite};

  ModelEvaluation evaluation{arguments.options, console.progress()};
  report::ReportInput input{.command = command_line("compare", words)};
  const std::vector<std::string> names = model_names(arguments.models);
  for (std::size_t i = 0; i < names.size(); ++i) input.models.push_back(evaluation.evaluate(arguments.models[i], names[i]));
  input.data = fmt::format("{} ({})", arguments.options.data.string(), part_name(evaluation.data().part));
  input.title = fmt::format("{} models on {}", names.size(), input.data);
  input.differences = differences_of(input.models, arguments.options.seed, console.progress());
  input.cutouts = cutouts_of(evaluation.data());
  input.provenance = evaluation_provenance(arguments.options, evaluation.data());
  for (const std::string& note : evaluation.notes()) {
    console.progress().warn(note);
    input.models.front().evaluation.warnings.push_back(note);
  }

  report::write_table(input.models, out.path() / "table.csv");
  write_differences(input, out.path() / "differences.csv");
  for (const report::ReportModel& model : input.models) write_model(model, out.path() / "models" / model.name);
  report::write_report(input, out.path());
  out.commit();

  say_table(console, input.models);
  for (const evaluate::PairedDifference& row : input.differences) {
    console.say(fmt::format("  {} - {}: {} {:+.4f} ({:+.4f} to {:+.4f})", names[row.first], names[row.second], row.figure,
                            row.difference.value, row.difference.low, row.difference.high));
  }
  console.say(fmt::format("\nreport: {}", (arguments.out / "report.html").string()));
  Value models{Value::Array{}};
  for (const report::ReportModel& model : input.models)
    models.push_back(evaluate::to_json_value(model.evaluation).set("model", model.name));
  console.result(empty_object().set("out", arguments.out.string()).set("models", models));
  return 0;
}

}  // namespace lensfind::cli
