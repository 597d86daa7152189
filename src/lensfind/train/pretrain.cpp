#include "lensfind/train/pretrain.h"

#include <chrono>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/base/version.h"
#include "lensfind/train/batches.h"
#include "lensfind/train/checkpoint.h"
#include "lensfind/train/device.h"
#include "lensfind/train/pretrain_data.h"
#include "lensfind/train/pretrainer.h"
#include "lensfind/train/run_folder.h"
#include "lensfind/train/schedule.h"

namespace lensfind::train {
namespace {

namespace fs = std::filesystem;
using PretrainClock = std::chrono::steady_clock;

double since(PretrainClock::time_point begin) { return std::chrono::duration<double>(PretrainClock::now() - begin).count(); }

Output folder_of(const PretrainOptions& options) {
  return {.path = options.out,
          .kind = FolderKind::pretraining,
          .command = "pretrain",
          .overwrite = options.overwrite,
          .resume = options.resume,
          .inputs = options.data};
}

void refuse_other_recipe(const PretrainOptions& options, const Value& before, const PretrainRecipe& now) {
  if (const std::string key = changed_key(before, write_fields(now), write_fields(PretrainRecipe{})); !key.empty())
    throw Error{fmt::format("{}: the run began with another `{}`", options.out.string(), key),
                fmt::format("resume with --recipe {}/pretrain.toml, or begin anew with --overwrite", options.out.string())};
}

std::optional<Checkpoint> begun(const PretrainOptions& options, const PretrainPrepared& run) {
  const fs::path folder = options.out / "checkpoint";
  if (!options.resume || !has_checkpoint(folder)) return std::nullopt;
  Checkpoint state = read_checkpoint(folder);
  if (state.fingerprint != run.fingerprint)
    throw Error{fmt::format("{}: the data are not those with which the run began", options.out.string()),
                "resume with the same files, or begin anew with --overwrite"};
  refuse_other_recipe(options, state.recipe, run.recipe);
  return state;
}

std::unique_ptr<Pretrainer> pretrainer_of(const PretrainPrepared& run, std::int64_t all_steps) {
  PretrainerSettings settings{run.recipe, run.graph, run.device, run.bf16, all_steps};
  return run.recipe.is_of_pairs() ? pretrain_on_views(std::move(settings)) : pretrain_on_hidden_blocks(std::move(settings));
}

std::string line_of(const PretrainEpoch& epoch, const PretrainRecipe& recipe) {
  std::string text =
      fmt::format("epoch {}/{}: loss {:.4f}, spread of features {:.3f}", epoch.epoch, recipe.epochs, epoch.loss, epoch.feature_spread);
  if (recipe.is_of_pairs()) text += fmt::format(", of projections {:.3f}", epoch.projection_spread);
  return text + fmt::format(", {:.0f} images/s", static_cast<double>(epoch.images) / epoch.seconds);
}

/// Epochs from where the run stands to its end.
class PretrainRun {
 public:
  PretrainRun(const PretrainOptions& options, const PretrainPrepared& run, Progress& progress, const StopFlag& stop)
      : options_{options},
        run_{run},
        progress_{progress},
        stop_{stop},
        training_{run.recipe.training()},
        first_{training_, run.preprocessing, run.data},
        again_{training_, run.preprocessing, run.fresh && run.again.size() > 0 ? run.again : run.data, {}, {}, 1},
        schedule_{training_, plan(1).batches()},
        pretrainer_{pretrainer_of(run, run.recipe.epochs * plan(1).batches())} {
    state_.fingerprint = run_.fingerprint;
    state_.recipe = write_fields(run_.recipe);
    state_.threads = run_.threads;
  }

  void resume(Checkpoint checkpoint) {
    const fs::path folder = options_.out / "checkpoint";
    check_arrays(checkpoint.arrays, pretrainer_->state(), folder);
    if (checkpoint.steps != (checkpoint.epoch - 1) * plan(1).batches() + checkpoint.batch || checkpoint.epoch > run_.recipe.epochs + 1)
      throw Error{fmt::format("{}: its counters contradict each other", folder.string()), "begin anew with --overwrite"};
    pretrainer_->restore(checkpoint.arrays, checkpoint.steps);
    if (checkpoint.epoch > 1) history_ = read_pretrain_history(options_.out / "history.csv");
    if (history_.size() + 1 < static_cast<std::size_t>(checkpoint.epoch))
      throw Error{fmt::format("{}: has fewer epochs than the checkpoint", (options_.out / "history.csv").string()),
                  "begin anew with --overwrite"};
    history_.resize(static_cast<std::size_t>(checkpoint.epoch) - 1);
    checkpoint.arrays.clear();
    state_ = std::move(checkpoint);
    state_.threads = run_.threads;
  }

  void go() {
    while (state_.epoch <= run_.recipe.epochs) {
      train_epoch();
      end_epoch();
    }
  }

  std::vector<PretrainEpoch> finish();

 private:
  [[nodiscard]] EpochPlan plan(int epoch) const { return plan_epoch(training_, run_.samples, {}, run_.data.samples, epoch); }
  void train_epoch();
  void train_batch(const PretrainBatch& batch);
  void watch(PretrainEpoch& epoch);
  void end_epoch();
  void save();

  const PretrainOptions& options_;
  const PretrainPrepared& run_;
  Progress& progress_;
  const StopFlag& stop_;
  Recipe training_;
  BatchMaker first_, again_;
  Schedule schedule_;
  std::unique_ptr<Pretrainer> pretrainer_;
  Checkpoint state_;
  std::vector<PretrainEpoch> history_;
  PretrainClock::time_point epoch_begin_, last_saved_ = PretrainClock::now();
};

void PretrainRun::train_epoch() {
  const EpochPlan epoch = plan(state_.epoch);
  epoch_begin_ = PretrainClock::now();
  progress_.start(fmt::format("epoch {} of {}", state_.epoch, run_.recipe.epochs), static_cast<std::int64_t>(epoch.draws.size()), "images");
  progress_.advance(state_.images);
  const int makers = std::clamp(run_.threads / (run_.fresh ? 2 : 4), 1, 16);
  BatchStream first{first_, epoch, state_.epoch, state_.batch, makers};
  std::optional<BatchStream> again;
  if (run_.recipe.is_of_pairs()) again.emplace(again_, epoch, state_.epoch, state_.batch, makers);
  while (state_.batch < epoch.batches()) {
    PretrainBatch batch{
        .first = first.next(), .again = {}, .epoch = state_.epoch, .place = epoch.first[static_cast<std::size_t>(state_.batch)]};
    if (again) batch.again = again->next();
    train_batch(batch);
    if (stop_) {
      save();
      throw Stopped{fmt::format("stopped in epoch {} after {} of {} batches", state_.epoch, state_.batch, epoch.batches()),
                    "the same command with --resume goes on to the same end"};
    }
    if (since(last_saved_) >= options_.checkpoint_seconds) save();
  }
}

void PretrainRun::train_batch(const PretrainBatch& batch) {
  const double loss = pretrainer_->step(batch, schedule_.rate(pretrainer_->steps()));
  if (!std::isfinite(loss)) {
    std::vector<std::string> ids;
    for (const std::int64_t i : batch.first.samples) ids.push_back(run_.data.samples[static_cast<std::size_t>(i)].id);
    throw Error{fmt::format("the loss is not finite in epoch {}, batch {}, of {}", state_.epoch, state_.batch + 1, fmt::join(ids, ", ")),
                "look at these cutouts, or lower `rate`"};
  }
  const auto count = static_cast<std::int64_t>(batch.first.samples.size());
  state_.loss_sum += loss * static_cast<double>(count);
  state_.images += count;
  ++state_.batch;
  progress_.advance(count);
}

/// A network that gives all cutouts the same features has learnt nothing, however low its loss.
void PretrainRun::watch(PretrainEpoch& epoch) {
  const Spreads spreads = pretrainer_->spreads(first_.plain(run_.watched));
  epoch.feature_spread = spreads.features;
  epoch.projection_spread = spreads.projections;
  if (!run_.recipe.is_of_pairs()) return;
  const char* remedy = "a lower `rate`, a larger `batch` or a higher `target_momentum` may help";
  if (!(spreads.projections >= collapsed_spread))
    throw Error{fmt::format("the network has collapsed in epoch {}: all cutouts have the same features (spread of projections {:.4f})",
                            epoch.epoch, spreads.projections),
                remedy};
  if (spreads.projections < narrow_spread)
    progress_.warn(
        fmt::format("epoch {}: features of different cutouts hardly differ (spread of projections {:.3f}, evenly spread ones have 1); {}",
                    epoch.epoch, spreads.projections, remedy));
}

void PretrainRun::end_epoch() {
  PretrainEpoch epoch{.epoch = state_.epoch,
                      .loss = state_.loss_sum / static_cast<double>(state_.images),
                      .learning_rate = schedule_.rate(pretrainer_->steps() - 1),
                      .images = state_.images,
                      .seconds = state_.seconds + since(epoch_begin_)};
  progress_.finish();
  watch(epoch);
  history_.push_back(epoch);
  progress_.line(line_of(epoch, run_.recipe));
  write_pretrain_history(options_.out / "history.csv", history_);
  state_.history.push_back({.epoch = epoch.epoch,
                            .train_loss = epoch.loss,
                            .learning_rate = epoch.learning_rate,
                            .images = epoch.images,
                            .seconds = epoch.seconds});
  ++state_.epoch;
  state_.batch = state_.images = 0;
  state_.loss_sum = state_.seconds = 0;
  epoch_begin_ = PretrainClock::now();
  if (since(last_saved_) >= options_.checkpoint_seconds / 2) save();
}

void PretrainRun::save() {
  Checkpoint state = state_;
  state.steps = pretrainer_->steps();
  state.seconds += since(epoch_begin_);
  state.arrays = pretrainer_->state();
  write_checkpoint(options_.out / "checkpoint", state);
  last_saved_ = PretrainClock::now();
}

std::vector<PretrainEpoch> PretrainRun::finish() {
  Value data{Value::Array{}};
  for (const fs::path& path : options_.data) data.push_back(path.string());
  const Value provenance =
      empty_object()
          .set("made_by", "lensfind pretrain")
          .set("recipe", write_fields(run_.recipe))
          .set("data", empty_object().set("paths", data).set("fingerprint", run_.fingerprint).set("cutouts", run_.data.size()))
          .set("computed",
               empty_object().set("device", run_.device).set("precision", run_.bf16 ? "bf16" : "f32").set("threads", run_.threads))
          .set("versions", empty_object().set("lensfind", version()).set("torch", torch_version()));
  write_pretrained(options_.out, {.network = run_.recipe.network,
                                  .bands = run_.band_names,
                                  .size = run_.graph.size,
                                  .preprocessing = run_.preprocessing,
                                  .provenance = provenance,
                                  .encoder = pretrainer_->encoder()});
  // The encoder stands: nothing is left to resume.
  fs::remove_all(options_.out / "checkpoint");
  return history_;
}

/// A finished run that is resumed has nothing left to do.
PretrainResult ended_before(const PretrainOptions& options, Progress& progress) {
  const Pretrained made = read_pretrained(options.out);
  refuse_other_recipe(options, made.provenance.at("recipe"), options.recipe);
  std::vector<PretrainEpoch> history = read_pretrain_history(options.out / "history.csv");
  if (history.empty())
    throw Error{fmt::format("{}: has no epochs of a run that has ended", (options.out / "history.csv").string()),
                "begin anew with --overwrite"};
  progress.warn(options.out.string() + ": this run has ended already; nothing was left to do");
  return {std::move(history), made.provenance.at("data").at("cutouts").as_integer(), {}};
}

}  // namespace

PretrainResult pretrain(const PretrainOptions& options, Progress& progress, const StopFlag& stop) {
  GrowingFolder folder{folder_of(options)};
  if (options.resume && fs::exists(options.out)) remove_stale_temporaries(options.out);
  if (options.resume && is_pretrained_folder(options.out)) {
    PretrainResult result = ended_before(options, progress);
    folder.complete();
    return result;
  }
  const PretrainPrepared prepared = prepare_pretraining(options, progress, stop);
  for (const std::string& warning : prepared.warnings) progress.warn(warning);
  std::optional<Checkpoint> checkpoint = begun(options, prepared);
  if (checkpoint && checkpoint->threads != prepared.threads)
    progress.warn(fmt::format("the run began with {} threads and goes on with {}: its end may differ by rounding", checkpoint->threads,
                              prepared.threads));
  // What does not fit the network is said before the folder is made.
  PretrainRun run{options, prepared, progress, stop};
  folder.begin(progress);
  if (!checkpoint) {
    write_file(options.out / "pretrain.toml", to_toml(write_fields(prepared.recipe)));
    dataset::write_rejected(options.out / "rejected.csv", prepared.data.rejected);
  }
  if (checkpoint) run.resume(*std::move(checkpoint));
  run.go();
  PretrainResult result{run.finish(), prepared.data.size(), prepared.warnings};
  folder.complete();
  return result;
}

}  // namespace lensfind::train
