#include <algorithm>

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/base/random.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/image/npy.h"
#include "lensfind/simulate/simulate.h"

namespace lensfind::cli {
namespace {

constexpr std::int64_t train_lenses = 1600, train_nonlenses = 4000, test_lenses = 200, test_nonlenses = 2000;
constexpr std::int64_t survey_objects = 4000, survey_lenses = 20;
constexpr int candidates = 40;

/// A survey of galaxies, one cutout each in a stack, with a few lenses at random places; returns the rows of the lenses.
std::vector<std::int64_t> simulate_hidden_lenses(const std::filesystem::path& folder, std::uint64_t seed, Progress& progress) {
  const simulate::Survey survey = simulate::find_survey("hsc", data_folders("surveys"));
  std::vector<std::int64_t> places(static_cast<std::size_t>(survey_objects));
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = static_cast<std::int64_t>(i);
  RandomStream random{seed, Purpose::demo};
  shuffle(places, random);
  std::vector<std::int64_t> lens_rows(places.begin(), places.begin() + survey_lenses);
  std::sort(lens_rows.begin(), lens_rows.end());

  const ImageShape shape{static_cast<int>(survey.bands.size()), 64, 64};
  std::vector<float> pixels(static_cast<std::size_t>(survey_objects) * shape.values());
  progress.start("survey", survey_objects, "cutouts");
  tbb::parallel_for(std::int64_t{0}, survey_objects, [&](std::int64_t row) {
    const bool lens = std::binary_search(lens_rows.begin(), lens_rows.end(), row);
    // Another seed than the training set's: no galaxy of the survey was trained on.
    const simulate::SimulatedCutout cutout = simulate::simulate_cutout(
        survey, {.split = simulate::Split::test, .lens = lens, .number = row, .scaling = simulate::Scaling::minmax, .seed = seed + 1});
    std::copy(cutout.image.values().begin(), cutout.image.values().end(), pixels.begin() + row * static_cast<std::int64_t>(shape.values()));
    progress.advance(1);
  });
  progress.finish();

  const std::vector<std::int64_t> stack_shape{survey_objects, shape.bands, shape.height, shape.width};
  AtomicFile file{folder / "survey.npy"};
  file.write(npy_header_text(stack_shape));
  file.write(std::as_bytes(std::span{pixels}));
  file.commit();
  std::string truth = "id,label\n";
  for (std::int64_t row = 0; row < survey_objects; ++row) {
    truth += fmt::format("survey.npy#{},{}\n", row, std::binary_search(lens_rows.begin(), lens_rows.end(), row) ? 1 : 0);
  }
  write_file(folder / "survey_truth.csv", truth);
  return lens_rows;
}

void simulate_labelled_set(const std::filesystem::path& out, std::uint64_t seed, Progress& progress) {
  simulate::SimulateOptions options{.out = out,
                                    .survey = simulate::find_survey("hsc", data_folders("surveys")),
                                    .lenses = train_lenses,
                                    .nonlenses = train_nonlenses,
                                    .test_lenses = test_lenses,
                                    .test_nonlenses = test_nonlenses,
                                    .scaling = simulate::Scaling::minmax,
                                    .seed = seed};
  simulate::simulate_set(options, progress, stop_flag());
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

/// Another command of this program, as the user would type it.
void run_step(Console& console, int (*command)(const std::vector<std::string>&), const std::string& name, std::vector<std::string> words,
              bool quiet) {
  if (quiet) words.push_back("--quiet");
  std::string line = "\n$ lensfind " + name;
  for (const std::string& word : words) line += " " + word;
  console.say(line);
  command(words);
}

}  // namespace

int demo_command(const std::vector<std::string>& words) {
  std::filesystem::path out = "demo";
  bool overwrite = false;
  CommonArguments common;
  Arguments arguments{"demo",
                      "The whole way once: simulates labelled cutouts and a small survey with lenses hidden in it, trains, evaluates, "
                      "scores the survey and writes the reports. A few minutes on 2 cores."};
  arguments.positional(out, "OUT", "folder to make (default demo)", false);
  arguments.flag(overwrite, "--overwrite", "replace OUT");
  common.declare(arguments, true);
  arguments.parse(words);

  use_threads(common.threads);
  Console console{common};
  GrowingFolder folder{{.path = out, .kind = FolderKind::demo, .command = "demo", .overwrite = overwrite}};
  folder.begin(console.progress());
  const auto at = [&](const char* name) { return (out / name).string(); };
  const std::string seed = fmt::format("{}", common.seed_or_zero()), threads = fmt::format("{}", common.threads);
  const std::vector<std::string> same{"--seed", seed, "--threads", threads};
  const auto with = [&](std::vector<std::string> first) {
    first.insert(first.end(), same.begin(), same.end());
    return first;
  };

  console.say(
      fmt::format("$ lensfind simulate {} --survey hsc --scaling minmax --lenses {} --nonlenses {} --test-lenses {} --test-nonlenses {}",
                  at("cutouts"), train_lenses, train_nonlenses, test_lenses, test_nonlenses));
  simulate_labelled_set(out / "cutouts", common.seed_or_zero(), console.progress());
  const std::vector<std::int64_t> lens_rows = simulate_hidden_lenses(out, common.seed_or_zero(), console.progress());
  console.say(
      fmt::format("a survey of {} galaxies with {} lenses hidden in it: {}", with_commas(survey_objects), survey_lenses, at("survey.npy")));

  run_step(console, train_command, "train", with({"--recipe", "demo", "--data", at("cutouts"), "--out", at("model")}), common.quiet);
  run_step(console, evaluate_command, "evaluate",
           with({at("model"), "--data", at("cutouts"), "--out", at("evaluation"), "--prevalence", "0.005"}), common.quiet);
  run_step(console, score_command, "score",
           {at("model"), at("survey.npy"), "--out", at("scores.csv"), "--top", fmt::format("{}", candidates), "--prevalence", "0.005",
            "--threads", threads},
           common.quiet);

  folder.complete();
  const int found = lenses_among_candidates(out / "scores.top.csv", lens_rows);
  console.say(fmt::format("\n{} of the {} hidden lenses are among the {} best of {} galaxies.", found, survey_lenses, candidates,
                          with_commas(survey_objects)));
  console.say(fmt::format("Look at\n  {}   how good the model is\n  {}   the candidates, as a person would grade them",
                          at("evaluation/report.html"), at("scores.top.html")));
  console.result(empty_object().set("out", out.string()).set("hidden", survey_lenses).set("found", found).set("candidates", candidates));
  return 0;
}

}  // namespace lensfind::cli
