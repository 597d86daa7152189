#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/summary.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/repeated.h"
#include "lensfind/workflows/comparison.h"

namespace lensfind::cli {
namespace {

#ifdef LENSFIND_WITH_TRAIN
void declare_training(workflows::CompareTraining& read, Arguments& arguments) {
  arguments.list(read.recipes, "--train", "RECIPE",
                 "instead of MODELs: train these recipes first, each with every seed; [NAME=]RECIPE[,KEY=VALUE...], as in "
                 "plain=lensfind,ema_decay=0");
  arguments.fields(read);
  arguments.choice(read.device, "--device", {"auto", "cpu", "cuda"}, "with --train: where to compute");
  arguments.footer(
      "The study's five systems, three seeds each, in one go:\n  lensfind compare --train study-resnet18 study-efficientnet-b1 "
      "study-efficientnet-b2 study-mobilevitv2 \\\n    --ensemble study-b1-b2=study-efficientnet-b1+study-efficientnet-b2 --seeds 3 --data "
      "DIR --out DIR\nModel folders are left in DIR/runs.");
}
#else
void declare_training(workflows::CompareTraining&, Arguments&) {}
#endif

void check_what_is_compared(const workflows::CompareOptions& read, const CommonArguments& common) {
  const workflows::CompareTraining& training = read.training;
  const int kinds =
      static_cast<int>(!read.models.empty()) + static_cast<int>(!training.recipes.empty()) + static_cast<int>(!read.scores.empty());
  if (kinds != 1) throw Usage{"name either MODELs, or recipes behind --train, or tables behind --scores"};
  if (!read.scores.empty() && !read.on.data.empty()) throw Usage{"--scores brings its own samples; --data goes with MODELs"};
  if (!read.scores.empty() && read.scores.size() < 2) throw Usage{"--scores takes two tables or more; `evaluate --scores` looks at one"};
  if (read.scores.empty() && read.on.data.empty()) throw Usage{"--data is required"};
  if (read.scores.empty() && (read.columns.are_named() || !read.on.relabel.empty()))
    throw Usage{"--id-column, --label-column, --score-column and --relabel go with --scores"};
  if (training.recipes.empty() && (!training.ensembles.empty() || training.resume || !common.set.empty()))
    throw Usage{"--ensemble, --resume and --set go with --train"};
}

struct CompareArguments {
  workflows::CompareOptions options;
  CommonArguments common;
};

CompareArguments read_compare_arguments(const std::vector<std::string>& words) {
  CompareArguments read;
  workflows::CompareOptions& options = read.options;
  Arguments arguments{
      "compare",
      "Several models on the same labelled cutouts, or several finders' tables of scores: the study's table and figures, and paired "
      "differences with intervals. Leaves table.csv, differences.csv, figures and report.html, and each model's scores and evaluation; "
      "with --train also recipes.csv, the "
      "mean and spread over seeds, and a report of each recipe's first seed."};
  arguments.models(options.models, "model folders, .onnx files or installed models' names", false);
  arguments.fields(options, {"targets", "bootstrap_draws"});
  arguments.require({"--out"});
  read.common.declare(arguments, true, true);
  declare_training(options.training, arguments);
  arguments.parse(words);
  check_what_is_compared(options, read.common);
  options.on.seed = read.common.seed_or_zero();
  options.on.threads = use_threads(read.common.threads);
  options.command = command_line("compare", words);
  if (options.training.recipes.empty()) return read;
  options.training.first_seed = read.common.recipe_seed();
  options.training.recipe_folders = data_folders("recipes");
  options.training.survey_folders = data_folders("surveys");
  options.training.model_folders = data_folders("models");
  options.training.overrides = read.common.set;
  return read;
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

void say_seeds(Console& console, const report::ReportInput& input) {
  console.say("\nmean over seeds, and standard deviation of single runs:");
  for (const report::RecipeRuns& recipe : input.recipes) {
    std::vector<double> auc, average_precision;
    for (const evaluate::Evaluation& run : recipe.runs) {
      auc.push_back(run.auc.value);
      average_precision.push_back(run.average_precision.value);
    }
    const evaluate::OverSeeds a = evaluate::over_seeds(auc), p = evaluate::over_seeds(average_precision);
    console.say(
        fmt::format("{:<28} AUC {:.4f} +- {:.4f}   average precision {:.4f} +- {:.4f}", recipe.name, a.mean, a.std_dev, p.mean, p.std_dev));
  }
}

Value to_value(const workflows::CompareResult& result) {
  const report::ReportInput& input = result.shown;
  Value rows{Value::Array{}}, differences{Value::Array{}};
  for (const report::ReportModel& model : result.runs) rows.push_back(evaluate::to_json_value(model.evaluation).set("model", model.name));
  for (const evaluate::PairedDifference& row : input.differences) {
    differences.push_back(empty_object()
                              .set("figure", row.figure)
                              .set("first", input.models[row.first].name)
                              .set("second", input.models[row.second].name)
                              .set("value", row.difference.value)
                              .set("low", row.difference.low)
                              .set("high", row.difference.high)
                              .set("p_value", row.p_value));
  }
  return empty_object().set("models", rows).set("differences", differences);
}

}  // namespace

int compare_command(const std::vector<std::string>& words) {
  const auto [options, common] = read_compare_arguments(words);
  Console console{common};
  const workflows::CompareResult result = workflows::compare(options, console.progress(), stop_flag());
  const bool trained = !options.training.recipes.empty();
  say_comparison(console, result.shown);
  if (options.training.seeds > 1 && trained) say_seeds(console, result.shown);
  console.say("");
  if (trained) console.say(fmt::format("models: {}", (options.out / "runs").string()));
  console.say(fmt::format("report: {}", (options.out / "report.html").string()));
  Value value = to_value(result);
  console.result(value.set("out", options.out.string()));
  return 0;
}

}  // namespace lensfind::cli
