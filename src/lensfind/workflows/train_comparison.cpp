#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/evaluate/repeated.h"
#include "lensfind/workflows/comparison.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::workflows {

namespace fs = std::filesystem;

namespace {

train::SeriesOptions series_of(const CompareOptions& options) {
  const CompareTraining& training = options.training;
  train::SeriesOptions series{.first_seed = training.first_seed,
                              .seeds = training.seeds,
                              .data = options.on.data,
                              .survey_folders = training.survey_folders,
                              .model_folders = training.model_folders,
                              .out = options.out,
                              .resume = training.resume,
                              .allow_bad = training.allow_bad,
                              .device = training.device,
                              .threads = options.on.threads};
  for (const std::string& text : training.recipes)
    series.recipes.push_back(train_library().parse_recipe(text, training.recipe_folders, training.overrides));
  for (const std::string& text : training.ensembles) series.ensembles.push_back(train_library().parse_ensemble(text));
  return series;
}

/// Trains in the folder of the series, which grows run by run; where the first run could not begin, nothing is left of it.
void train_all(const train::SeriesOptions& series, GrowingFolder& folder, Progress& progress, const StopFlag& stop) {
  folder.begin(progress);
  try {
    train_library().train_series(series, progress, stop);
  } catch (const Error&) {
    const fs::path runs = series.out / "runs";
    if (!series.resume && (!fs::exists(runs) || fs::is_empty(runs))) folder.give_up();
    throw;
  }
}

/// All runs as models, `NAME-seedS`, or just NAME where there is one seed.
std::vector<report::ReportModel> evaluate_runs(const std::vector<train::SeriesRun>& runs, int seeds, ModelEvaluation& evaluation,
                                               const StopFlag& stop) {
  std::vector<report::ReportModel> models;
  for (const train::SeriesRun& run : runs) {
    if (stop) throw Stopped{"stopped between two evaluations", "the same command with --resume trains nothing anew"};
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

}  // namespace

CompareResult compare_trained(const CompareOptions& options, Progress& progress, const StopFlag& stop) {
  const train::SeriesOptions series = series_of(options);
  const std::vector<train::SeriesRun> runs = train_library().plan_series(series);
  GrowingFolder folder{output_of(options)};
  train_all(series, folder, progress, stop);

  ModelEvaluation evaluation{options.on, progress, stop};
  CompareResult result;
  result.runs = evaluate_runs(runs, series.seeds, evaluation, stop);
  result.shown = by_recipe(runs, result.runs, series.seeds, options.on.seed, progress);
  const std::string seeds = series.seeds > 1 ? fmt::format(", {} seeds each,", series.seeds) : "";
  describe_comparison(result.shown, options, evaluation, fmt::format("{} recipes{}", result.shown.models.size(), seeds), progress);
  write_results(result.shown, result.runs, options.out);
  folder.complete();
  result.shown.cutouts = {};  // of data that end here
  return result;
}

}  // namespace lensfind::workflows
