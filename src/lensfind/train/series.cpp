#include "lensfind/train/series.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/dataset/earlier_hashes.h"
#include "lensfind/model/model.h"
#include "lensfind/train/run_ensemble.h"
#include "lensfind/train/run_folder.h"
#include "lensfind/train/train.h"

namespace lensfind::train {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

/// Says in front of each run's own words which run it is, and how long the rest may take: as long as the epochs so far, run for run.
class SeriesProgress final : public Progress {
 public:
  SeriesProgress(Progress& inner, std::size_t runs, std::size_t finished_before)
      : inner_{inner}, runs_{runs}, finished_{finished_before}, finished_before_{finished_before} {}

  void begin_run(const SeriesRun& run, int epochs) {
    name_ = fmt::format("{} seed {}", run.name, run.seed);
    epochs_ = epochs;
    epochs_done_ = 0;
    inner_.line(where());
  }
  void end_run() {
    ++finished_;
    epochs_done_ = 0;
  }

  void start(const std::string& task, std::int64_t total, const std::string& unit) override {
    inner_.start(where() + ": " + task, total, unit);
  }
  void advance(std::int64_t steps) override { inner_.advance(steps); }
  void line(const std::string& text) override {
    ++epochs_done_;
    inner_.line(where() + ": " + text);
  }
  void warn(const std::string& text) override { inner_.warn(name_ + ": " + text); }
  void finish() override { inner_.finish(); }

 private:
  [[nodiscard]] std::string where() const {
    std::string text = fmt::format("run {} of {}", finished_ + 1, runs_);
    const double under_way = std::min(1.0, static_cast<double>(epochs_done_) / epochs_);
    const double done = static_cast<double>(finished_ - finished_before_) + under_way;
    if (done > 0) {
      const double seconds = std::chrono::duration<double>(Clock::now() - begun_).count();
      const double left = seconds / done * (static_cast<double>(runs_ - finished_) - under_way);
      text += fmt::format(", about {:.0f} min left", std::ceil(left / 60));
    }
    return text + ", " + name_;
  }

  Progress& inner_;
  std::size_t runs_, finished_, finished_before_;
  std::string name_;
  int epochs_ = 1, epochs_done_ = 0;
  Clock::time_point begun_ = Clock::now();
};

TrainOptions options_of(const SeriesOptions& series, const NamedRecipe& recipe, const SeriesRun& run) {
  TrainOptions options{.recipe = recipe.recipe,
                       .data = series.data,
                       .survey_folders = series.survey_folders,
                       .out = run.folder,
                       .resume = fs::exists(run.folder),
                       .allow_bad = series.allow_bad,
                       .device = series.device,
                       .threads = series.threads};
  options.recipe.seed = run.seed;
  options.model_folders = series.model_folders;
  return options;
}

/// A run that stands there must have the recipe that is asked for now.
void check_recipe(const TrainOptions& options) {
  const fs::path recipe = options.out / "recipe.toml";
  if (!fs::exists(recipe)) return;
  const std::string key = changed_key(write_fields(read_recipe(recipe.string(), {})), write_fields(options.recipe));
  if (key.empty()) return;
  throw Error{fmt::format("{}: was trained with another `{}`", options.out.string(), key),
              "give the changed recipe another name (--train NAME=RECIPE), or remove that folder"};
}

std::string fingerprint(const fs::path& run) { return model::load_model(run).provenance.at("data").at("fingerprint").as_string(); }

void check_same_data(const std::vector<SeriesRun>& trained) {
  for (const SeriesRun& run : trained) {
    const std::string one = fingerprint(trained.front().folder), other = fingerprint(run.folder);
    if (one == other) continue;
    if (one.starts_with(dataset::fingerprint_mark) != other.starts_with(dataset::fingerprint_mark))
      throw Error{fmt::format("{} and {} were trained by versions of lensfind that know data by different hashes",
                              trained.front().folder.string(), run.folder.string()),
                  "nobody can tell whether their data are the same: remove the older run, or begin anew"};
    throw Error{fmt::format("{} and {} were trained on different data", trained.front().folder.string(), run.folder.string()),
                "the files changed between them: remove the older runs, or begin anew"};
  }
}

const NamedRecipe* find_recipe(const SeriesOptions& options, const std::string& name) {
  for (const NamedRecipe& recipe : options.recipes)
    if (recipe.name == name) return &recipe;
  return nullptr;
}

void make_ensembles(const SeriesOptions& options) {
  for (const SeriesRun& run : plan_series(options)) {
    for (const NamedEnsemble& ensemble : options.ensembles) {
      if (ensemble.name != run.name || model::is_model_folder(run.folder)) continue;
      std::vector<fs::path> members;
      for (const std::string& member : ensemble.members)
        members.push_back(options.out / "runs" / fmt::format("{}-seed{}", member, run.seed));
      ensemble_of_runs(members, run.folder);
    }
  }
}

}  // namespace

void train_series(const SeriesOptions& options, Progress& progress, const StopFlag& stop) {
  std::vector<SeriesRun> runs;
  std::size_t finished = 0;
  for (const SeriesRun& run : plan_series(options)) {
    const NamedRecipe* recipe = find_recipe(options, run.name);
    if (!recipe) continue;
    check_recipe(options_of(options, *recipe, run));
    finished += is_finished(run.folder) ? 1 : 0;
    runs.push_back(run);
  }
  std::stable_sort(runs.begin(), runs.end(), [](const SeriesRun& a, const SeriesRun& b) { return a.seed < b.seed; });
  fs::create_directories(options.out / "runs");
  SeriesProgress series{progress, runs.size(), finished};
  for (const SeriesRun& run : runs) {
    if (is_finished(run.folder)) continue;
    const NamedRecipe& recipe = *find_recipe(options, run.name);
    series.begin_run(run, recipe.recipe.epochs);
    train(options_of(options, recipe, run), series, stop);
    series.end_run();
  }
  check_same_data(runs);
  make_ensembles(options);
}

}  // namespace lensfind::train
