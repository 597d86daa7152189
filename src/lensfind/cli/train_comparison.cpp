#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/comparison.h"
#include "lensfind/cli/summary.h"
#include "lensfind/cli/train_library.h"
#include "lensfind/evaluate/repeated.h"

namespace lensfind::cli {

namespace fs = std::filesystem;

namespace {

train::SeriesOptions series_of(const CompareArguments& arguments) {
  train::SeriesOptions series{.first_seed = arguments.common.recipe_seed(),
                              .seeds = arguments.seeds,
                              .data = arguments.options.data,
                              .out = arguments.out,
                              .resume = arguments.resume,
                              .allow_bad = arguments.allow_bad,
                              .device = arguments.device,
                              .threads = arguments.options.threads};
  for (const std::string& text : arguments.recipes)
    series.recipes.push_back(train_library().parse_recipe(text, data_folders("recipes"), arguments.common.set));
  for (const std::string& text : arguments.ensembles) series.ensembles.push_back(train_library().parse_ensemble(text));
  return series;
}

/// Trains in the folder of the series, which grows run by run; where the first run could not begin, nothing is left of it.
void train_all(const CompareArguments& arguments, const train::SeriesOptions& series, GrowingFolder& folder, Progress& progress) {
  folder.begin(progress);
  try {
    train_library().train_series(series, progress, stop_flag());
  } catch (const Error&) {
    const fs::path runs = arguments.out / "runs";
    if (!arguments.resume && (!fs::exists(runs) || fs::is_empty(runs))) folder.give_up();
    throw;
  }
}

/// All runs as models, `NAME-seedS`, or just NAME where there is one seed.
std::vector<report::ReportModel> evaluate_runs(const std::vector<train::SeriesRun>& runs, int seeds, ModelEvaluation& evaluation) {
  std::vector<report::ReportModel> models;
  for (const train::SeriesRun& run : runs) {
    if (stop_flag()) throw Stopped{"stopped between two evaluations", "the same command with --resume trains nothing anew"};
    models.push_back(evaluation.evaluate(run.folder, seeds > 1 ? run.folder.filename().string() : run.name));
  }
  return models;
}

/// What the comparison's page shows: each recipe by its first seed, which nobody chose, and the means over seeds.
report::ReportInput by_recipe(const std::vector<train::SeriesRun>& runs, const std::vector<report::ReportModel>& models, int seeds,
                              std::uint64_t seed, Progress& progress) {
  report::ReportInput input;
  std::vector<std::vector<evaluate::Scores>> scores;
  for (std::size_t first = 0; first < models.size(); first += static_cast<std::size_t>(seeds)) {
    input.models.push_back(models[first]);
    input.models.back().name = runs[first].name;
    input.recipes.push_back({runs[first].name, {}});
    scores.emplace_back();
    for (std::size_t i = first; i < first + static_cast<std::size_t>(seeds); ++i) {
      input.recipes.back().runs.push_back(models[i].evaluation);
      scores.back().push_back(models[i].scores);
    }
  }
  input.differences = evaluate::repeated_differences(scores, {.seed = seed}, progress);
  return input;
}

/// The same page for one model alone, as `evaluate` makes it.
void write_page(const report::ReportInput& all, const report::ReportModel& model, const fs::path& folder) {
  report::ReportInput page{.title = fmt::format("{} on {}", model.name, all.data), .data = all.data, .command = all.command};
  page.models.push_back(model);
  page.cutouts = all.cutouts;
  page.provenance = all.provenance;
  report::write_report(page, folder);
}

void write_results(const report::ReportInput& input, const std::vector<report::ReportModel>& models, const fs::path& out) {
  report::write_table(models, out / "table.csv");
  report::write_recipes_table(input.recipes, out / "recipes.csv");
  write_differences(input, out / "differences.csv");
  for (const report::ReportModel& model : models) write_model(model, out / "models" / model.name);
  for (std::size_t r = 0; r < input.models.size(); ++r) {
    const std::size_t first = r * (models.size() / input.models.size());
    write_page(input, models[first], out / "models" / models[first].name);
  }
  report::write_report(input, out);
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

Value to_value(const report::ReportInput& input, const std::vector<report::ReportModel>& models) {
  Value rows{Value::Array{}}, differences{Value::Array{}};
  for (const report::ReportModel& model : models) rows.push_back(evaluate::to_json_value(model.evaluation).set("model", model.name));
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

int compare_trained(const CompareArguments& arguments) {
  Console console{arguments.common};
  const train::SeriesOptions series = series_of(arguments);
  const std::vector<train::SeriesRun> runs = train_library().plan_series(series);
  GrowingFolder folder{output_of(arguments)};
  train_all(arguments, series, folder, console.progress());

  ModelEvaluation evaluation{arguments.options, console.progress()};
  const std::vector<report::ReportModel> models = evaluate_runs(runs, arguments.seeds, evaluation);
  report::ReportInput input = by_recipe(runs, models, arguments.seeds, arguments.options.seed, console.progress());
  const std::string seeds = arguments.seeds > 1 ? fmt::format(", {} seeds each,", arguments.seeds) : "";
  describe_comparison(input, arguments, evaluation, fmt::format("{} recipes{}", input.models.size(), seeds), console.progress());
  write_results(input, models, arguments.out);
  folder.complete();

  say_comparison(console, input);
  if (arguments.seeds > 1) say_seeds(console, input);
  console.say(fmt::format("\nmodels: {}\nreport: {}", (arguments.out / "runs").string(), (arguments.out / "report.html").string()));
  console.result(to_value(input, models).set("out", arguments.out.string()));
  return 0;
}

}  // namespace lensfind::cli
