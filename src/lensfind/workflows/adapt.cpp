#include "lensfind/workflows/adapt.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/dataset/folds.h"
#include "lensfind/workflows/adapt_folder.h"
#include "lensfind/workflows/adapt_report.h"
#include "lensfind/workflows/adapt_steps.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::workflows {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t many_labels = 500;

std::vector<AdaptStep> steps_of(const AdaptOptions& options) {
  std::vector<AdaptStep> wanted;
  std::string names = options.steps;
  if (names.empty() && options.labels.empty()) names = name_of(AdaptStep::statistics);
  for (const std::string& name : all_names<AdaptStep>()) {
    if (("," + names + ",").find("," + name + ",") != std::string::npos || names.empty()) wanted.push_back(*find_named<AdaptStep>(name));
  }
  std::size_t begin = 0;
  while (begin < names.size()) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    const std::string name = names.substr(begin, end - begin);
    if (!find_named<AdaptStep>(name))
      throw Error{fmt::format("--steps: `{}` is no step", name),
                  fmt::format("there are {}", Range{.choices = all_names<AdaptStep>()}.text())};
    begin = end + 1;
  }
  return wanted;
}

model::Model load(const fs::path& path) {
  if (!model::is_model_folder(path)) {
    throw Error{path.string() + ": is no model folder, so it cannot be trained further",
                "somebody's .onnx holds no weights to train: adapt a model that `lensfind train` or `lensfind import` made"};
  }
  model::Model model = model::load_model(path);
  model::refuse_cascade(model, "adapt", path);
  if (!model.members.empty())
    throw Error{path.string() + ": is an ensemble, which has no network of its own", "adapt its members one by one"};
  if (!model.has_network())
    throw Error{path.string() + ": was made of somebody's .onnx, whose weights cannot be trained",
                "adapt a model that `lensfind train` or `lensfind import` made"};
  return model;
}

Output output_of(const AdaptOptions& options) {
  Output out{.path = options.out,
             .kind = FolderKind::model,
             .command = "adapt",
             .overwrite = options.overwrite,
             .resume = options.resume,
             .inputs = options.images};
  out.inputs.insert(out.inputs.end(), {options.model, options.labels, options.known, options.replay});
  return out;
}

Tried try_step(AdaptStep step, const AdaptBench& bench, const Adapted& before) {
  switch (step) {
    case AdaptStep::survey:
      return adapt_to_survey(bench, before);
    case AdaptStep::hosts:
      return adapt_to_hosts(bench, before);
    case AdaptStep::consistency:
      return adapt_by_consistency(bench, before);
    case AdaptStep::statistics:
      return adapt_statistics(bench, before);
    case AdaptStep::joint:
      return adapt_jointly(bench, before);
    case AdaptStep::head:
      return adapt_head(bench, before);
    case AdaptStep::labels:
      return adapt_to_labels(bench, before);
    case AdaptStep::mined:
      return adapt_to_mined(bench, before);
  }
  throw Error{"no such step", "this is a fault of lensfind; please report it"};
}

FinishedStep do_step(AdaptStep step, const AdaptBench& bench, const Adapted& before) {
  const auto begin = Clock::now();
  Tried tried = try_step(step, bench, before);
  FinishedStep done{.row = {.step = name_of(step)}, .settings = std::move(tried.settings), .after = before};
  StepRow& row = done.row;
  row.note = tried.impossible.empty() ? tried.note : tried.impossible;
  if (tried.impossible.empty() && bench.judges()) {
    judge_gain(bench.scores(before.held_out), bench.scores(tried.after.held_out), bench.options.seed, row);
    row.outcome = is_gain(row) ? StepOutcome::kept : StepOutcome::not_kept;
  } else if (tried.impossible.empty()) {
    row.outcome = StepOutcome::not_judged;
  }
  row.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  if (row.outcome == StepOutcome::kept || row.outcome == StepOutcome::not_judged) done.after = std::move(tried.after);
  return done;
}

/// The steps one after the other, each from what the last that was kept left.
class Adaptation {
 public:
  Adaptation(const AdaptOptions& options, const AdaptBench& bench, AdaptResult& result)
      : options_{options}, bench_{bench}, result_{result}, print_{fingerprint_of(bench)} {}

  /// The model as it was given.
  [[nodiscard]] Adapted given() const {
    Adapted state{.weights = bench_.model.weights, .of_fold = {}, .held_out = {}, .raw = {}};
    if (bench_.judges()) state.held_out = state.raw = bench_.judge(state.weights);
    return state;
  }

  Adapted go(const std::vector<AdaptStep>& steps, const Adapted& given) {
    Adapted state = given;
    const auto begin = Clock::now();
    for (const AdaptStep step : steps) state = take(step, state);
    result_.whole.step = "all";
    result_.whole.outcome = bench_.judges() ? StepOutcome::not_kept : StepOutcome::not_judged;
    if (bench_.judges()) {
      judge_gain(bench_.scores(given.held_out), bench_.scores(state.held_out), options_.seed, result_.whole);
      if (is_gain(result_.whole)) result_.whole.outcome = StepOutcome::kept;
    }
    result_.whole.note = "the given model against the adapted one";
    result_.whole.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return state;
  }

  [[nodiscard]] const Value& settings() const { return settings_; }

 private:
  Adapted take(AdaptStep step, const Adapted& before) {
    const fs::path folder = bench_.work / name_of(step);
    std::optional<FinishedStep> done = options_.resume ? load_step(folder, print_) : std::nullopt;
    if (!done) {
      bench_.progress.line(fmt::format("{}: {}", name_of(step), about_step(step)));
      done = do_step(step, bench_, before);
      save_step(folder, *done, print_);
    }
    bench_.progress.line(fmt::format("  {}{}", gain_text(done->row), done->row.note.empty() ? "" : " (" + done->row.note + ")"));
    result_.steps.push_back(done->row);
    settings_.set(name_of(step), done->settings);
    return std::move(done->after);
  }

  const AdaptOptions& options_;
  const AdaptBench& bench_;
  AdaptResult& result_;
  std::string print_;
  Value settings_ = empty_object();
};

/// What stands in the way of believing the figures.
std::vector<std::string> notes_of(const AdaptBench& bench) {
  std::vector<std::string> notes = bench.images.notes;
  if (!bench.judges()) notes.emplace_back("without labels nothing can be judged: whether the adapted model is better is not known");
  return notes;
}

int folds_of(const AdaptOptions& options, const OwnImages& images) {
  if (options.folds == 1) throw Error{"one fold is no cross-validation", "give --folds 5"};
  return options.folds > 0 ? options.folds : images.labelled.size() < many_labels ? 5 : 3;
}

}  // namespace

std::string about_step(AdaptStep step) {
  switch (step) {
    case AdaptStep::survey:
      return "train on cutouts simulated like the images";
    case AdaptStep::hosts:
      return "train on lensed sources painted on the images' own galaxies";
    case AdaptStep::consistency:
      return "teach the network to say the same of altered views of unlabelled images";
    case AdaptStep::statistics:
      return "take the batch norms' statistics from the images";
    case AdaptStep::joint:
      return "train on the labels and on simulated cutouts together";
    case AdaptStep::head:
      return "fit the network's last layer anew to the labels";
    case AdaptStep::labels:
      return "train on the labels, rate and epochs chosen by cross-validation";
    case AdaptStep::mined:
      return "take the best-scored unlabelled images for look-alikes";
  }
  return "";
}

AdaptResult adapt(const AdaptOptions& options, Progress& progress, const StopFlag& stop) {
  const std::vector<AdaptStep> steps = steps_of(options);
  model::Model model = load(options.model);
  if (!options.replay.empty() && !fs::exists(options.replay))
    throw Error{options.replay.string() + ": --replay names nothing that is there",
                "give a labelled set, as `lensfind simulate` leaves it"};
  GrowingFolder folder{output_of(options)};
  AdaptBench bench{.options = options,
                   .model = std::move(model),
                   .images = {},
                   .folds = {},
                   .fold_count = 0,
                   .work = options.out / "steps",
                   .progress = progress,
                   .stop = stop};
  bench.images = read_own_images(options, bench.model, progress, stop);
  if (!options.labels.empty()) {
    std::vector<dataset::Sample> labelled;
    for (const std::int64_t i : bench.images.labelled) labelled.push_back(bench.images.data.samples[static_cast<std::size_t>(i)]);
    bench.fold_count = folds_of(options, bench.images);
    bench.folds = dataset::folds_by_group(labelled, bench.fold_count, options.seed);
  }
  AdaptResult result{.lenses = bench.images.data.count(Label::lens),
                     .nonlenses = bench.images.data.count(Label::non_lens),
                     .unlabelled = static_cast<std::int64_t>(bench.images.unlabelled.size()),
                     .notes = notes_of(bench)};
  for (const std::string& note : result.notes) progress.warn(note);
  folder.begin(progress);
  fs::create_directories(bench.work);
  Adaptation adaptation{options, bench, result};
  const Adapted given = adaptation.given(), adapted = adaptation.go(steps, given);
  write_adapt_report(options.out, options, result, adaptation.settings());
  write_adapted(options.out, bench, given, adapted, adapted_model(bench, adapted, adaptation.settings()));
  if (const fs::path survey = bench.work / "survey.toml"; fs::exists(survey))
    fs::copy_file(survey, options.out / "survey.toml", fs::copy_options::overwrite_existing);
  fs::remove_all(bench.work);
  folder.complete();
  return result;
}

}  // namespace lensfind::workflows
