#include "lensfind/workflows/demo.h"

#include <algorithm>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/base/parallel.h"
#include "lensfind/base/random.h"
#include "lensfind/image/npy.h"
#include "lensfind/model/model.h"
#include "lensfind/model/shipped.h"
#include "lensfind/render/render.h"
#include "lensfind/simulate/cutout.h"
#include "lensfind/simulate/simulate.h"
#include "lensfind/workflows/score_survey.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::workflows {
namespace {

constexpr std::int64_t train_lenses = 1600, train_nonlenses = 4000, test_lenses = 200, test_nonlenses = 2000;
constexpr std::int64_t survey_objects = 4000, survey_lenses = 20;
constexpr int candidates = 40;
constexpr double prevalence = .005;
constexpr const char* first_model = "deeplense";  // made for images as these
constexpr int epochs_from_it = 1;

/// What training begins with.
struct Beginning {
  std::filesystem::path folder;
  std::string network;
};

/// The model that training begins with, where it is installed.
std::optional<Beginning> beginning_of(const DemoOptions& options) {
  const std::vector<model::ShippedModel> models = model::shipped_models(options.model_folders);
  const auto found = std::ranges::find(models, first_model, &model::ShippedModel::name);
  if (found == models.end()) return std::nullopt;
  return Beginning{found->folder, model::load_model(found->folder).graph.name};
}

/// A survey of galaxies, one cutout each in a stack, with a few lenses at random places; returns the rows of the lenses.
std::vector<std::int64_t> simulate_hidden_lenses(const DemoOptions& options, Progress& progress, const StopFlag& stop) {
  const simulate::Survey survey =
      simulate::survey_of_scaling(simulate::find_survey("hsc", options.survey_folders), simulate::Scaling::minmax);
  std::vector<std::int64_t> places(static_cast<std::size_t>(survey_objects));
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = static_cast<std::int64_t>(i);
  RandomStream random{options.seed, Purpose::demo};
  shuffle(places, random);
  std::vector<std::int64_t> lens_rows(places.begin(), places.begin() + survey_lenses);
  std::sort(lens_rows.begin(), lens_rows.end());

  const image::ImageShape shape{static_cast<int>(survey.bands.size()), 64, 64};
  std::vector<float> pixels(static_cast<std::size_t>(survey_objects) * shape.values());
  progress.start("survey", survey_objects, "cutouts");
  const simulate::CutoutMaker maker{survey};
  const auto make = [&](std::int64_t row) {
    const bool lens = std::ranges::binary_search(lens_rows, row);
    // Another seed than the training set's: no galaxy of the survey was trained on.
    thread_local render::Renderer renderer;
    const simulate::SimulatedCutout cutout = maker.make(
        {.split = simulate::Split::test, .lens = lens, .number = row, .scaling = simulate::Scaling::minmax, .seed = options.seed + 1},
        renderer);
    std::ranges::copy(cutout.image.values(), pixels.begin() + row * static_cast<std::int64_t>(shape.values()));
  };
  parallel_for(survey_objects, options.threads, make, progress, stop);
  progress.finish();

  const std::vector<std::int64_t> stack_shape{survey_objects, shape.bands, shape.height, shape.width};
  AtomicFile file{options.out / "survey.npy"};
  file.write(image::npy_header_text(stack_shape));
  file.write(std::as_bytes(std::span{pixels}));
  file.commit();
  std::string truth = "id,label\n";
  for (std::int64_t row = 0; row < survey_objects; ++row) {
    truth += fmt::format("survey.npy#{},{}\n", row, std::binary_search(lens_rows.begin(), lens_rows.end(), row) ? 1 : 0);
  }
  write_file(options.out / "survey_truth.csv", truth);
  return lens_rows;
}

void simulate_labelled_set(const DemoOptions& options, Progress& progress, const StopFlag& stop) {
  simulate::SimulateOptions set{.out = options.out / "cutouts",
                                .survey = simulate::find_survey("hsc", options.survey_folders),
                                .lenses = train_lenses,
                                .nonlenses = train_nonlenses,
                                .test_lenses = test_lenses,
                                .test_nonlenses = test_nonlenses,
                                .scaling = simulate::Scaling::minmax,
                                .seed = options.seed,
                                .threads = options.threads};
  simulate::simulate_set(set, progress, stop);
}

/// How many of the hidden lenses stand among the best candidates.
int lenses_among_candidates(const std::filesystem::path& top_table, const std::vector<std::int64_t>& lens_rows) {
  int found = 0;
  CsvReader rows{top_table};
  const std::size_t id = rows.column("id");
  while (rows.next()) {
    const std::string_view name = rows[id];
    const auto row = parse_integer(name.substr(name.find('#') + 1));
    found += row && std::binary_search(lens_rows.begin(), lens_rows.end(), *row) ? 1 : 0;
  }
  return found;
}

train::TrainResult train_model(const DemoOptions& options, Progress& progress, const StopFlag& stop) {
  train::TrainOptions train{.data = options.out / "cutouts", .out = options.out / "model", .threads = options.threads};
  train.recipe = train_library().read_recipe("demo", options.recipe_folders, {});
  if (const auto beginning = beginning_of(options)) {
    train.recipe.network = beginning->network;
    train.recipe.initial_weights = beginning->folder.string();
    train.recipe.epochs = epochs_from_it;
  }
  train.recipe.seed = static_cast<std::int64_t>(options.seed);
  return train_library().train(train, progress, stop);
}

EvaluateResult evaluate_model(const DemoOptions& options, const std::string& command, Progress& progress, const StopFlag& stop) {
  EvaluateOptions evaluate;
  evaluate.model = options.out / "model";
  evaluate.out = options.out / "evaluation";
  evaluate.command = command;
  evaluate.on.data = options.out / "cutouts";
  evaluate.on.prevalence = prevalence;
  evaluate.on.seed = options.seed;
  evaluate.on.threads = options.threads;
  return evaluate_finder(evaluate, progress, stop);
}

ScoreResult score_model(const DemoOptions& options, Progress& progress, const StopFlag& stop) {
  const score::RunOptions run{.out = options.out / "scores.csv",
                              .inputs = {options.out / "survey.npy"},
                              .prevalence = prevalence,
                              .top = candidates,
                              .threads = options.threads};
  return score_survey(options.out / "model", run, progress, stop);
}

}  // namespace

std::vector<std::string> demo_commands(const DemoOptions& options) {
  const auto at = [&](const char* name) { return (options.out / name).string(); };
  const auto beginning = beginning_of(options);
  const std::string first =
      beginning ? fmt::format(" --set network={} --set initial_weights={} --set epochs={}", beginning->network, first_model, epochs_from_it)
                : "";
  const std::string same = fmt::format(" --seed {} --threads {}", options.seed, options.threads);
  return {
      fmt::format(
          "lensfind simulate {} --survey hsc --scaling minmax --lenses {} --nonlenses {} --test-lenses {} --test-nonlenses {} --seed {}",
          at("cutouts"), train_lenses, train_nonlenses, test_lenses, test_nonlenses, options.seed),
      fmt::format("lensfind train --recipe demo --data {} --out {}{}{}", at("cutouts"), at("model"), first, same),
      fmt::format("lensfind evaluate {} --data {} --out {} --prevalence {}{}", at("model"), at("cutouts"), at("evaluation"), prevalence,
                  same),
      fmt::format("lensfind score {} {} --out {} --top {} --prevalence {} --threads {}", at("model"), at("survey.npy"), at("scores.csv"),
                  candidates, prevalence, options.threads)};
}

DemoResult run_demo(const DemoOptions& options, Progress& progress, const StopFlag& stop) {
  GrowingFolder folder{{.path = options.out, .kind = FolderKind::demo, .command = "demo", .overwrite = options.overwrite}};
  folder.begin(progress);
  const std::vector<std::string> commands = demo_commands(options);
  DemoResult result{.galaxies = survey_objects, .hidden = survey_lenses, .candidates = candidates};
  progress.line("$ " + commands[0]);
  simulate_labelled_set(options, progress, stop);
  const std::vector<std::int64_t> lens_rows = simulate_hidden_lenses(options, progress, stop);
  progress.line("$ " + commands[1]);
  result.training = train_model(options, progress, stop);
  progress.line("$ " + commands[2]);
  result.evaluation = evaluate_model(options, commands[2], progress, stop);
  progress.line("$ " + commands[3]);
  ScoreResult scored = score_model(options, progress, stop);
  folder.complete();
  result.scores = std::move(scored.summary);
  result.page = scored.page.value_or("");
  result.found = lenses_among_candidates(*result.scores.top_table, lens_rows);
  return result;
}

}  // namespace lensfind::workflows
