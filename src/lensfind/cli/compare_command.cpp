#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/comparison.h"
#include "lensfind/cli/onnx_arguments.h"
#include "lensfind/cli/summary.h"
#include "lensfind/evaluate/evaluation.h"

namespace lensfind::cli {
namespace {

#ifdef LENSFIND_WITH_TRAIN
void declare_training(CompareArguments& read, Arguments& arguments) {
  arguments.list(read.recipes, "--train", "RECIPE",
                 "instead of MODELs: train these recipes first, each with every seed; [NAME=]RECIPE[,KEY=VALUE...], as in "
                 "plain=lensfind,ema_decay=0");
  arguments.option(read.seeds, "--seeds", "N", "with --train: how many seeds each, from --seed on (default 1)");
  arguments.option(read.ensembles, "--ensemble", "NAME=A+B", "with --train: one more system, the mean logit of these; may be given again");
  arguments.flag(read.resume, "--resume", "with --train: go on with what stands in DIR; recipes may be added");
  arguments.flag(read.allow_bad, "--allow-bad", "with --train: train although more than 1% of the cutouts were set aside");
  arguments.choice(read.device, "--device", {"auto", "cpu", "cuda"}, "with --train: where to compute");
  arguments.footer(
      "The study's five systems, three seeds each, in one go:\n  lensfind compare --train study-resnet18 study-efficientnet-b1 "
      "study-efficientnet-b2 study-mobilevitv2 \\\n    --ensemble study-b1-b2=study-efficientnet-b1+study-efficientnet-b2 --seeds 3 --data "
      "DIR --out DIR\nModel folders are left in DIR/runs.");
}
#else
void declare_training(CompareArguments&, Arguments&) {}
#endif

void check_what_is_compared(const CompareArguments& read) {
  const int kinds =
      static_cast<int>(!read.models.empty()) + static_cast<int>(!read.recipes.empty()) + static_cast<int>(!read.scores.empty());
  if (kinds != 1) throw Usage{"name either MODELs, or recipes behind --train, or tables behind --scores"};
  if (!read.scores.empty() && !read.options.data.empty()) throw Usage{"--scores brings its own samples; --data goes with MODELs"};
  if (!read.scores.empty() && read.scores.size() < 2) throw Usage{"--scores takes two tables or more; `evaluate --scores` looks at one"};
  if (read.scores.empty() && read.options.data.empty()) throw Usage{"--data is required"};
  if (read.scores.empty() && !(read.columns.id + read.columns.label + read.columns.score + read.options.relabel.string()).empty())
    throw Usage{"--id-column, --label-column, --score-column and --relabel go with --scores"};
}

CompareArguments read_arguments(const std::vector<std::string>& words) {
  CompareArguments read;
  Arguments arguments{
      "compare",
      "Several models on the same labelled cutouts, or several finders' tables of scores: the study's table and figures, and paired "
      "differences with intervals. Leaves "
      "table.csv, differences.csv, figures and report.html, and each model's scores and evaluation; with --train also recipes.csv, the "
      "mean and spread over seeds, and a report of each recipe's first seed."};
  arguments.models(read.models, "model folders, .onnx files or installed models' names", false);
  arguments.option(read.options.data, "--data", "DIR", "labelled cutouts");
  arguments.list(read.scores, "--scores", "FILE",
                 "instead of MODELs: tables of scores of any finders (CSV, FITS, Parquet, VOTable, ECSV), paired by id");
  arguments.option(read.columns.id, "--id-column", "NAME", "with --scores: the column of ids (default id, object_id, ...)");
  arguments.option(read.columns.label, "--label-column", "NAME", "with --scores: the column of labels (default label, is_lens, ...)");
  arguments.option(read.columns.score, "--score-column", "NAME", "with --scores: the column of scores (default logit, score, ...)");
  arguments.option(read.options.relabel, "--relabel", "FILE", "with --scores: labels (id,label) in place of those of the tables");
  arguments.choice(read.split, "--split", {"test", "train", "all"}, "which split of the data");
  arguments.option(read.out, "--out", "DIR", "folder to make", true);
  arguments.option(read.options.prevalence, "--prevalence", "P", "fraction of lenses in the survey that is meant");
  declare_onnx_choice(arguments, read.options.onnx);
  arguments.flag(read.options.average_symmetries, "--tta", "average the eight turns and reflections of each cutout");
  arguments.flag(read.overwrite, "--overwrite", "replace DIR");
  read.common.declare(arguments, true, true);
  declare_training(read, arguments);
  arguments.parse(words);
  check_what_is_compared(read);
  if (read.recipes.empty() && (!read.ensembles.empty() || read.resume || !read.common.set.empty()))
    throw Usage{"--ensemble, --resume and --set go with --train"};
  if (!read.recipes.empty() && (read.seeds < 1 || read.seeds > 1000)) throw Usage{"--seeds lies between 1 and 1000"};
  read.options.split = split_from_name(read.split);
  read.options.seed = read.common.seed_or_zero();
  read.options.threads = use_threads(read.common.threads);
  read.command = command_line("compare", words);
  return read;
}

}  // namespace

std::vector<evaluate::PairedDifference> differences_of(const std::vector<report::ReportModel>& models, std::uint64_t seed,
                                                       Progress& progress) {
  std::vector<evaluate::Scores> scores;
  for (const report::ReportModel& model : models) scores.push_back(model.scores);
  return evaluate::paired_differences(scores, {.seed = seed}, progress);
}

void describe_comparison(report::ReportInput& input, const CompareArguments& arguments, const ModelEvaluation& evaluation,
                         const std::string& what, Progress& progress) {
  input.command = arguments.command;
  input.data = fmt::format("{} ({})", arguments.options.data.string(), split_name(evaluation.data().split));
  input.title = fmt::format("{} on {}", what, input.data);
  input.cutouts = cutouts_of(evaluation.data());
  input.provenance = evaluation_provenance(arguments.options, evaluation.data());
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

void say_comparison(Console& console, const report::ReportInput& input) {
  say_table(console, input.models);
  for (const evaluate::PairedDifference& row : input.differences) {
    if (row.figure != "auc" && row.figure != "average_precision") continue;
    console.say(fmt::format("  {} - {}: {} {:+.4f} ({:+.4f} to {:+.4f})", input.models[row.first].name, input.models[row.second].name,
                            row.figure, row.difference.value, row.difference.low, row.difference.high));
  }
  if (!input.differences.empty()) console.say("  differences.csv and the report have those of the other figures too");
}

namespace {

report::ReportInput compare_models(const CompareArguments& arguments, ModelEvaluation& evaluation, Progress& progress) {
  report::ReportInput input;
  const std::vector<std::string> names = model_names(arguments.models);
  for (std::size_t i = 0; i < names.size(); ++i) input.models.push_back(evaluation.evaluate(arguments.models[i], names[i]));
  input.differences = differences_of(input.models, arguments.options.seed, progress);
  describe_comparison(input, arguments, evaluation, fmt::format("{} models", names.size()), progress);
  return input;
}

}  // namespace

Output output_of(const CompareArguments& arguments) {
  Output out{.path = arguments.out,
             .kind = FolderKind::comparison,
             .command = arguments.recipes.empty() ? "compare" : "compare --train",
             .overwrite = arguments.overwrite,
             .resume = arguments.resume,
             .inputs = arguments.models};
  out.inputs.insert(out.inputs.end(), arguments.scores.begin(), arguments.scores.end());
  out.inputs.push_back(arguments.options.data);
  out.inputs.push_back(arguments.options.relabel);
  return out;
}

int compare_command(const std::vector<std::string>& words) {
  const CompareArguments arguments = read_arguments(words);
#ifdef LENSFIND_WITH_TRAIN
  if (!arguments.recipes.empty()) return compare_trained(arguments);
#endif
  Console console{arguments.common};
  AtomicFolder out{output_of(arguments)};

  ModelEvaluation evaluation{arguments.options, console.progress()};
  const report::ReportInput input =
      arguments.scores.empty() ? compare_models(arguments, evaluation, console.progress()) : compare_scores(arguments, console.progress());

  report::write_table(input.models, out.path() / "table.csv");
  write_differences(input, out.path() / "differences.csv");
  for (const report::ReportModel& model : input.models) write_model(model, out.path() / "models" / model.name);
  report::write_report(input, out.path());
  out.commit();

  say_comparison(console, input);
  console.say(fmt::format("\nreport: {}", (arguments.out / "report.html").string()));
  Value models{Value::Array{}};
  for (const report::ReportModel& model : input.models)
    models.push_back(evaluate::to_json_value(model.evaluation).set("model", model.name));
  console.result(empty_object().set("out", arguments.out.string()).set("models", models));
  return 0;
}

}  // namespace lensfind::cli
