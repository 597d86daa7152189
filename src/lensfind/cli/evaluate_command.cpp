#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/summary.h"
#include "lensfind/workflows/evaluate_finder.h"

namespace lensfind::cli {
namespace {

std::vector<std::string> two_columns(const std::string& text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string::npos || comma == 0 || comma + 1 == text.size() || text.find(',', comma + 1) != std::string::npos)
    throw Usage{"--completeness takes two columns, as in theta_e_arcsec,source_mag_i"};
  return {text.substr(0, comma), text.substr(comma + 1)};
}

void check_what_is_evaluated(const workflows::EvaluateOptions& read) {
  if (read.model.empty() == read.scores.scores.empty()) throw Usage{"either MODEL with --data, or --scores FILE"};
  if (!read.model.empty() && read.on.data.empty()) throw Usage{"--data is missing: which labelled cutouts?"};
  if (read.model.empty() && read.scores.validation.empty() && !read.on.targets.empty())
    throw Usage{"--target goes with a MODEL, or with --scores and --validation: the data under test choose no threshold"};
  if (!read.model.empty() && !read.scores.validation.empty()) throw Usage{"--validation goes with --scores; a model brings its own"};
  if (!read.model.empty() && read.scores.columns.are_named())
    throw Usage{"--id-column, --label-column and --score-column go with --scores"};
  if (read.selection.truth.empty() && !read.selection.columns.empty() && read.on.data.empty())
    throw Usage{"--truth is missing: which table holds these columns?"};
}

}  // namespace

int evaluate_command(const std::vector<std::string>& words) {
  workflows::EvaluateOptions options;
  options.command = command_line("evaluate", words);
  std::string columns;
  CommonArguments common;
  Arguments arguments{
      "evaluate",
      "Says how good a model, or anybody's scores, are: each figure with a 95% interval, at the prevalence of a real survey. Leaves "
      "scores.csv, evaluation.json, figures and report.html."};
  arguments.model(options.model, "a model folder, an .onnx file or an installed model's name", false);
  arguments.fields(options);
  arguments.option(
      columns, "--completeness", "X,Y",
      "two columns of the truth table: completeness over them, at threshold f1; default theta_e_arcsec and a source magnitude");
  arguments.require({"--out"});
  common.declare(arguments, true);
  arguments.parse(words);
  if (!columns.empty()) options.selection.columns = two_columns(columns);
  check_what_is_evaluated(options);
  options.on.seed = common.seed_or_zero();
  options.on.threads = use_threads(common.threads);

  Console console{common};
  const workflows::EvaluateResult result = workflows::evaluate_finder(options, console.progress(), stop_flag());
  say_evaluation(console, result.model);
  say_whole_way(console, result.whole_way);
  console.say(fmt::format("\nreport: {}", result.report.string()));
  console.result(workflows::figures_of(result.model).set("out", options.out.string()));
  return 0;
}

}  // namespace lensfind::cli
