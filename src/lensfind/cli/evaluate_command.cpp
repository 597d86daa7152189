#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/model_evaluation.h"
#include "lensfind/cli/summary.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/selection.h"
#include "lensfind/report/report.h"

namespace lensfind::cli {
namespace {

struct EvaluateArguments {
  std::filesystem::path model, scores, out;
  ModelEvaluationOptions options;
  std::string split = "test";
  bool overwrite = false;
  CommonArguments common;
};

EvaluateArguments read_arguments(const std::vector<std::string>& words) {
  EvaluateArguments read;
  Arguments arguments{
      "evaluate",
      "Says how good a model, or anybody's scores, are: each figure with a 95% interval, at the prevalence of a real survey. Leaves "
      "scores.csv, evaluation.json, figures and report.html."};
  arguments.positional(read.model, "MODEL", "a model folder or an .onnx file", false);
  arguments.option(read.options.data, "--data", "DIR", "labelled cutouts: a folder in the DeepLense layout, or a CSV (path,label,group)");
  arguments.choice(read.split, "--split", {"test", "train", "all"}, "which part of the data");
  arguments.option(read.scores, "--scores", "FILE",
                   "instead of a model: a CSV with id, label and logit or score, optionally probability, group");
  arguments.option(read.out, "--out", "DIR", "folder to make", true);
  arguments.option(read.options.prevalence, "--prevalence", "P", "share of lenses in the survey that is meant");
  arguments.option(
      read.options.wishes, "--wish", "WISH",
      "purity=.5, recall=.9, fpr=1e-3 or candidates=1000 (of 10^6): a threshold for it, chosen on validation; may be given again");
  arguments.option(read.options.relabel, "--relabel", "FILE",
                   "corrected labels (id,label), as people gave them to the best-scored; says what changed");
  arguments.flag(read.options.average_symmetries, "--tta", "average the eight turns and reflections of each cutout");
  arguments.flag(read.overwrite, "--overwrite", "replace DIR");
  read.common.declare(arguments, true);
  arguments.parse(words);

  if (read.model.empty() == read.scores.empty()) throw Usage{"either MODEL with --data, or --scores FILE"};
  if (!read.model.empty() && read.options.data.empty()) throw Usage{"--data is missing: which labelled cutouts?"};
  if (read.options.prevalence && (*read.options.prevalence <= 0 || *read.options.prevalence >= 1))
    throw Usage{"--prevalence lies between 0 and 1"};
  if (read.model.empty() && !read.options.wishes.empty()) throw Usage{"--wish goes with a MODEL, whose validation chooses the threshold"};
  read.options.part = part_from_name(read.split);
  read.options.seed = read.common.seed_or_zero();
  read.options.threads = use_threads(read.common.threads);
  return read;
}

report::ReportModel evaluate_scores(const EvaluateArguments& arguments, Progress& progress) {
  evaluate::EvaluationOptions options{.seed = arguments.options.seed};
  if (arguments.options.prevalence) options.prevalences.push_back(*arguments.options.prevalence);
  report::ReportModel result{.name = arguments.scores.stem().string()};
  std::int64_t not_a_number = 0;
  result.scores = evaluate::read_scores(arguments.scores, &not_a_number);
  const std::string changed = relabel_scores(result.scores, arguments.options.relabel);
  result.evaluation = evaluate::evaluate(result.scores, options, progress);
  result.evaluation.not_a_number += not_a_number;
  if (!changed.empty()) result.evaluation.warnings.push_back(changed);
  return result;
}

void write_results(const report::ReportInput& input, const std::filesystem::path& folder) {
  const report::ReportModel& model = input.models.front();
  evaluate::write_scores(folder / "scores.csv", model.scores);
  if (input.selection && input.selection->completeness)
    evaluate::write_completeness(folder / "completeness.csv", *input.selection->completeness);
  Value json = evaluate::to_json_value(model.evaluation);
  json.set("model", model.name).set("data", input.data).set("provenance", input.provenance);
  write_file(folder / "evaluation.json", to_json(json) + "\n");
  report::write_report(input, folder);
}

}  // namespace

int evaluate_command(const std::vector<std::string>& words) {
  const EvaluateArguments arguments = read_arguments(words);
  Console console{arguments.common};
  AtomicFolder out{arguments.out, arguments.overwrite};

  ModelEvaluation evaluation{arguments.options, console.progress()};
  report::ReportInput input{.command = command_line("evaluate", words)};
  if (arguments.scores.empty()) {
    input.models.push_back(evaluation.evaluate(arguments.model, model_names({arguments.model}).front()));
    input.data = fmt::format("{} ({})", arguments.options.data.string(), part_name(evaluation.data().part));
    input.cutouts = cutouts_of(evaluation.data());
    input.provenance = evaluation_provenance(arguments.options, evaluation.data());
    input.selection = selection_function(arguments.options.data, input.models.front());
    write_rejected(out.path() / "rejected.csv", evaluation.data().rejected);
  } else {
    input.models.push_back(evaluate_scores(arguments, console.progress()));
    input.data = arguments.scores.string();
    input.provenance = empty_object().set("lensfind", version()).set("scores", arguments.scores.string());
  }
  report::ReportModel& model = input.models.front();
  for (const std::string& note : evaluation.notes()) {
    console.progress().warn(note);
    model.evaluation.warnings.push_back(note);
  }
  input.title = fmt::format("{} on {}", model.name, input.data);
  write_results(input, out.path());
  out.commit();

  say_evaluation(console, model);
  console.say(fmt::format("\nreport: {}", (arguments.out / "report.html").string()));
  console.result(evaluate::to_json_value(model.evaluation).set("out", arguments.out.string()));
  return 0;
}

}  // namespace lensfind::cli
