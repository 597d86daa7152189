#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/model_evaluation.h"
#include "lensfind/cli/onnx_arguments.h"
#include "lensfind/cli/score_evaluation.h"
#include "lensfind/cli/summary.h"
#include "lensfind/cli/whole_way_summary.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/selection.h"
#include "lensfind/report/one_class_page.h"
#include "lensfind/report/report.h"

namespace lensfind::cli {
namespace {

struct EvaluateArguments {
  std::filesystem::path model, out;
  ScoreEvaluationOptions finder;  ///< instead of a model
  ModelEvaluationOptions options;
  SelectionOptions selection;
  std::string split = "test";
  std::vector<std::filesystem::path> grades;  ///< what people said of injected lenses
  bool overwrite = false;
  CommonArguments common;
};

std::vector<std::string> two_columns(const std::string& text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string::npos || comma == 0 || comma + 1 == text.size() || text.find(',', comma + 1) != std::string::npos)
    throw Usage{"--completeness takes two columns, as in theta_e_arcsec,source_mag_i"};
  return {text.substr(0, comma), text.substr(comma + 1)};
}

EvaluateArguments read_arguments(const std::vector<std::string>& words) {
  EvaluateArguments read;
  std::string columns;
  Arguments arguments{
      "evaluate",
      "Says how good a model, or anybody's scores, are: each figure with a 95% interval, at the prevalence of a real survey. Leaves "
      "scores.csv, evaluation.json, figures and report.html."};
  arguments.model(read.model, "a model folder, an .onnx file or an installed model's name", false);
  arguments.option(read.options.data, "--data", "DIR", "labelled cutouts: a folder in the DeepLense layout, or a CSV (path,label,group)");
  arguments.choice(read.split, "--split", {"test", "train", "all"}, "which split of the data");
  arguments.option(read.finder.scores, "--scores", "FILE",
                   "instead of a model: a table (CSV, FITS, Parquet, VOTable, ECSV) with id, label and logit or score, optionally "
                   "probability, group");
  arguments.option(read.finder.validation, "--validation", "FILE",
                   "with --scores: the same finder's scores of other labelled samples; thresholds and, where the scores bring none, "
                   "probabilities come from it");
  arguments.option(read.finder.columns.id, "--id-column", "NAME", "with --scores: its column of ids (default id, object_id, ...)");
  arguments.option(read.finder.columns.label, "--label-column", "NAME",
                   "with --scores: its column of labels (default label, is_lens, ...)");
  arguments.option(read.finder.columns.score, "--score-column", "NAME",
                   "with --scores: its column of scores (default logit, score, ..., probability)");
  arguments.option(read.out, "--out", "DIR", "folder to make", true);
  arguments.option(read.options.prevalence, "--prevalence", "P", "fraction of lenses in the survey that is meant");
  arguments.option(
      read.options.targets, "--target", "TARGET",
      "purity=.5, recall=.9, fpr=1e-3 or candidates=1000 (of 10^6): a threshold for it, chosen on validation; may be given again");
  arguments.option(read.options.relabel, "--relabel", "FILE",
                   "corrected labels (id,label), as people gave them to the best-scored; says what changed");
  arguments.option(read.selection.truth, "--truth", "FILE", "truth table with an id a line; default truth.csv in the data folder");
  arguments.option(
      columns, "--completeness", "X,Y",
      "two columns of the truth table: completeness over them, at threshold f1; default theta_e_arcsec and a source magnitude");
  arguments.list(
      read.grades, "--grades", "G",
      "files of grades in which people graded these lenses unseen (`inspect --controls`): completeness of model and people together");
  arguments.option(read.options.bootstrap_draws, "--bootstrap", "N",
                   "draws for the interval of the average precision (default 1000); 0: none, which leaves it at 0 to 1");
  declare_onnx_choice(arguments, read.options.onnx);
  arguments.flag(read.options.average_symmetries, "--tta", "average the eight turns and reflections of each cutout");
  arguments.flag(read.overwrite, "--overwrite", "replace DIR");
  read.common.declare(arguments, true);
  arguments.parse(words);

  if (read.model.empty() == read.finder.scores.empty()) throw Usage{"either MODEL with --data, or --scores FILE"};
  if (!read.model.empty() && read.options.data.empty()) throw Usage{"--data is missing: which labelled cutouts?"};
  if (read.options.bootstrap_draws < 0 || read.options.bootstrap_draws > 1000000) throw Usage{"--bootstrap lies between 0 and 1000000"};
  if (read.options.prevalence && !(*read.options.prevalence > 0 && *read.options.prevalence < 1))
    throw Usage{"--prevalence lies between 0 and 1"};
  if (read.model.empty() && read.finder.validation.empty() && !read.options.targets.empty())
    throw Usage{"--target goes with a MODEL, or with --scores and --validation: the data under test choose no threshold"};
  if (!read.model.empty() && !read.finder.validation.empty()) throw Usage{"--validation goes with --scores; a model brings its own"};
  const evaluate::ScoreColumns& named = read.finder.columns;
  if (!read.model.empty() && !(named.id + named.label + named.score).empty())
    throw Usage{"--id-column, --label-column and --score-column go with --scores"};
  read.selection.asked = !read.selection.truth.empty() || !columns.empty();
  if (!columns.empty()) read.selection.columns = two_columns(columns);
  if (read.selection.truth.empty()) {
    if (read.selection.asked && read.options.data.empty()) throw Usage{"--truth is missing: which table holds these columns?"};
    read.selection.truth = read.options.data / "truth.csv";
  }
  read.options.allow_one_class = true;
  read.options.split = split_from_name(read.split);
  read.options.seed = read.common.seed_or_zero();
  read.options.threads = use_threads(read.common.threads);
  return read;
}

Value json_of(const report::ReportModel& model) {
  return model.one_class ? evaluate::to_json_value(*model.one_class) : evaluate::to_json_value(model.evaluation);
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
  Value json = json_of(model);
  json.set("model", model.name).set("data", input.data).set("provenance", input.provenance);
  write_file(folder / "evaluation.json", to_json(json) + "\n");
  if (model.one_class)
    report::write_one_class(input, folder);
  else
    report::write_report(input, folder);
}

}  // namespace

int evaluate_command(const std::vector<std::string>& words) {
  const EvaluateArguments arguments = read_arguments(words);
  Console console{arguments.common};
  AtomicFolder out{{.path = arguments.out,
                    .kind = FolderKind::evaluation,
                    .command = "evaluate",
                    .overwrite = arguments.overwrite,
                    .inputs = {arguments.model, arguments.options.data, arguments.finder.scores, arguments.finder.validation,
                               arguments.options.relabel, arguments.selection.truth}}};
  if (arguments.selection.asked) evaluate::require_truth(arguments.selection.truth, arguments.selection.columns);

  ModelEvaluation evaluation{arguments.options, console.progress()};
  report::ReportInput input{.command = command_line("evaluate", words)};
  if (arguments.finder.scores.empty()) {
    input.models.push_back(evaluation.evaluate(arguments.model, model_names({arguments.model}).front()));
    input.data = fmt::format("{} ({})", arguments.options.data.string(), split_name(evaluation.data().split));
    input.cutouts = cutouts_of(evaluation.data());
    input.provenance = evaluation_provenance(arguments.options, evaluation.data());
    write_rejected(out.path() / "rejected.csv", evaluation.data().rejected);
  } else {
    input.models.push_back(evaluate_scores(arguments.finder, arguments.options, console.progress()));
    input.data = arguments.finder.scores.string();
    input.provenance = empty_object().set("lensfind", version()).set("scores", arguments.finder.scores.string());
    if (!arguments.finder.validation.empty()) input.provenance.set("validation", arguments.finder.validation.string());
  }
  report::ReportModel& model = input.models.front();
  const bool one_class = model.one_class.has_value();
  if (arguments.selection.asked || !arguments.options.data.empty()) input.selection = selection_function(arguments.selection, model);
  for (const std::string& note : evaluation.notes()) {
    console.progress().warn(note);
    (one_class ? model.one_class->warnings : model.evaluation.warnings).push_back(note);
  }
  std::vector<inspect::WholeWay> whole_way;
  if (!arguments.grades.empty()) {
    whole_way = whole_way_of(model, arguments.grades, arguments.selection);
    inspect::write_result_table(out.path() / "whole_way.csv", inspect::whole_way_table(whole_way));
  }
  input.title = fmt::format("{} on {}", model.name, input.data);
  write_results(input, out.path());
  out.commit();

  say_evaluation(console, model);
  say_whole_way(console, whole_way);
  console.say(fmt::format("\nreport: {}", (arguments.out / "report.html").string()));
  console.result(json_of(model).set("out", arguments.out.string()));
  return 0;
}

}  // namespace lensfind::cli
