#include "lensfind/train/train.h"

#include <array>
#include <chrono>
#include <cmath>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/hash128.h"
#include "lensfind/evaluate/curves.h"
#include "lensfind/train/batches.h"
#include "lensfind/train/checkpoint.h"
#include "lensfind/train/keep.h"
#include "lensfind/train/outcome.h"
#include "lensfind/train/prepare.h"
#include "lensfind/train/run_folder.h"
#include "lensfind/train/schedule.h"
#include "lensfind/train/trainer.h"

namespace lensfind::train {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

BatchPart part_of(const Ranks* ranks) { return ranks ? BatchPart{ranks->rank(), ranks->count()} : BatchPart{}; }

/// Throws Error where the ranks do not train the same network on the same data from the same place: each was given other words, or reads
/// files of its own machine that differ.
void require_same_beginning(const TrainOptions& options, const Prepared& run, const std::optional<Checkpoint>& checkpoint) {
  std::string beginning = fmt::format("{} {} {}\n{}", run.fingerprint, checkpoint ? checkpoint->steps : 0, options.out.string(),
                                      to_json(write_fields(run.recipe), -1));
  for (const auto& [name, array] : run.initial) beginning += name + hash128(std::as_bytes(std::span{array.values})).text();
  const Hash128 hash = hash128(std::as_bytes(std::span{beginning}));
  std::array<float, 8> sums{};  // of bytes: exact for 65,000 ranks
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = static_cast<float>((hash.low >> (8 * i)) & 0xFFU);
  const std::array<float, 8> own = sums;
  options.ranks->sum(sums);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (sums[i] == own[i] * static_cast<float>(options.ranks->count())) continue;
    throw Error{"the ranks of this job were given different data, recipes or folders",
                "give all the same command; all machines must see the same files under the same names"};
  }
}

/// prepare(), after which all ranks know whether one of them was told to stop.
Prepared prepare_together(const TrainOptions& options, Progress& progress, const StopFlag& stop) {
  if (options.ranks == nullptr) return prepare(options, progress, stop);
  const auto anyone_stops = [&](bool own) {
    float stops = own ? 1 : 0;
    options.ranks->sum({&stops, 1});
    return stops > 0;
  };
  try {
    Prepared prepared = prepare(options, progress, stop);
    if (!anyone_stops(false)) return prepared;
  } catch (const Stopped&) {
    anyone_stops(true);
    throw;
  }
  throw Stopped{"another rank was told to stop before the first batch", "start the job again"};
}

/// Epochs from where the run stands to its end.
class Run {
 public:
  Run(const TrainOptions& options, const Prepared& prepared, Progress& progress, const StopFlag& stop)
      : options_{options},
        run_{prepared},
        progress_{progress},
        stop_{stop},
        maker_{run_.recipe, run_.preprocessing, run_.data, run_.targets, part_of(options.ranks)},
        trainer_{run_.recipe, run_.loss, run_.graph, run_.initial, run_.device, run_.bf16, options.ranks},
        schedule_{run_.recipe, plan(1).batches()} {
    state_.fingerprint = run_.fingerprint;
    state_.recipe = write_fields(run_.recipe);
    state_.threads = run_.threads;
  }

  void resume(Checkpoint checkpoint) {
    check_checkpoint(checkpoint, {run_.recipe, plan(1).batches(), trainer_.state(), trainer_.evaluated_weights()},
                     options_.out / "checkpoint");
    trainer_.restore(checkpoint.arrays, checkpoint.steps);
    for (const model::EpochRecord& epoch : checkpoint.history) schedule_.epoch_ended(epoch.validation_loss);
    checkpoint.arrays.clear();
    state_ = std::move(checkpoint);
    state_.threads = run_.threads;
  }

  void go() {
    while (state_.epoch <= run_.recipe.epochs && !early_stopping(run_.recipe, state_.history).out_of_patience) {
      train_epoch();
      end_epoch();
    }
  }

  TrainResult finish();

 private:
  [[nodiscard]] EpochPlan plan(int epoch) const { return plan_epoch(run_.recipe, run_.split.train, run_.mined, run_.data.samples, epoch); }
  void train_epoch();
  bool train_batch(const TrainBatch& part, const EpochPlan& epoch);
  [[noreturn]] void end_early(const EpochPlan& epoch);
  void end_epoch();
  void save();

  const TrainOptions& options_;
  const Prepared& run_;
  Progress& progress_;
  const StopFlag& stop_;
  BatchMaker maker_;
  Trainer trainer_;
  Schedule schedule_;
  Checkpoint state_;
  Clock::time_point epoch_begin_, last_saved_ = Clock::now();
};

void Run::train_epoch() {
  const EpochPlan epoch = plan(state_.epoch);
  epoch_begin_ = Clock::now();
  progress_.start(fmt::format("epoch {} of {}", state_.epoch, run_.recipe.epochs), static_cast<std::int64_t>(epoch.draws.size()), "images");
  progress_.advance(state_.images);
  // A GPU takes many times the images a second that a processor does, and leaves the processor idle.
  // To simulate a cutout takes about as long as to train on it.
  const int makers = run_.device == "cuda" ? std::clamp(run_.threads - 1, 1, 32)
                     : run_.fresh          ? std::clamp(run_.threads / 2, 1, 32)
                                           : std::clamp(run_.threads / 4, 1, 8);
  BatchStream stream{maker_, epoch, state_.epoch, state_.batch, makers};
  while (state_.batch < epoch.batches()) {
    if (train_batch(stream.next(), epoch)) end_early(epoch);
    if (seconds_since(last_saved_) >= options_.checkpoint_seconds) save();
  }
}

/// Whether the run is to stop.
bool Run::train_batch(const TrainBatch& part, const EpochPlan& epoch) {
  const StepSummary step = trainer_.step(part, schedule_.rate(trainer_.steps()), stop_);
  const std::span<const Draw> batch = epoch.batch(state_.batch);
  if (!std::isfinite(step.loss)) {
    std::vector<std::string> ids;
    for (const Draw& draw : batch) ids.push_back(run_.data.samples[static_cast<std::size_t>(draw.sample)].id);
    throw Error{fmt::format("the loss is not finite in epoch {}, batch {}, of {}", state_.epoch, state_.batch + 1, fmt::join(ids, ", ")),
                "look at these cutouts, or lower the recipe's `rate`"};
  }
  const auto count = static_cast<std::int64_t>(batch.size());
  state_.loss_sum += step.loss * static_cast<double>(count);
  state_.images += count;
  ++state_.batch;
  progress_.advance(count);
  return step.stop || (!options_.ranks && stop_);  // ranks must agree: what comes during the step is heard at the next
}

void Run::end_early(const EpochPlan& epoch) {
  save();
  // A launcher ends all ranks when the first one goes: none goes before the checkpoint stands.
  if (options_.ranks) options_.ranks->wait_for_all();
  throw Stopped{fmt::format("stopped in epoch {} after {} of {} batches", state_.epoch, state_.batch, epoch.batches()),
                "the same command with --resume goes on to the same end"};
}

void Run::end_epoch() {
  const ValidationResult judged = trainer_.evaluate(maker_, run_.split.choosing);
  if (!std::isfinite(judged.loss))
    throw Error{fmt::format("the validation loss is not finite after epoch {}", state_.epoch), "lower the recipe's `rate`"};
  std::vector<Label> labels;
  for (const std::int64_t sample : run_.split.choosing) labels.push_back(run_.data.samples[static_cast<std::size_t>(sample)].label);
  model::EpochRecord record{.epoch = state_.epoch,
                            .train_loss = state_.loss_sum / static_cast<double>(state_.images),
                            .validation_loss = judged.loss,
                            .validation_auc = evaluate::auc(judged.logits, labels),
                            .validation_average_precision = evaluate::average_precision(judged.logits, labels),
                            .learning_rate = schedule_.rate(trainer_.steps() - 1),
                            .images = state_.images,
                            .seconds = state_.seconds + seconds_since(epoch_begin_)};
  schedule_.epoch_ended(record.validation_loss);
  state_.history.push_back(record);
  progress_.finish();
  progress_.line(epoch_line(record, run_.recipe.epochs));
  if (is_first(options_.ranks)) model::write_history(options_.out / "history.csv", state_.history);
  const int kept = early_stopping(run_.recipe, state_.history).kept_epoch;
  if (kept == state_.epoch) {
    state_.kept_epoch = kept;
    state_.kept = trainer_.evaluated_weights();
  }
  ++state_.epoch;
  state_.batch = state_.images = 0;
  state_.loss_sum = state_.seconds = 0;
  epoch_begin_ = Clock::now();
  if (seconds_since(last_saved_) >= options_.checkpoint_seconds / 2) save();
}

void Run::save() {
  if (!is_first(options_.ranks)) return;
  Checkpoint state = state_;
  state.steps = trainer_.steps();
  state.seconds += seconds_since(epoch_begin_);
  state.arrays = trainer_.state();
  write_checkpoint(options_.out / "checkpoint", state);
  last_saved_ = Clock::now();
}

TrainResult Run::finish() {
  trainer_.set_evaluated_weights(state_.kept);
  const std::vector<std::int64_t> validation = run_.split.validation();
  Outcome outcome = evaluate_outcome(run_, trainer_.evaluate(maker_, validation).logits);
  outcome.model.weights = std::move(state_.kept);
  outcome.model.provenance = provenance(run_, options_.data, state_.kept_epoch, outcome.calibrated_on);
  if (is_first(options_.ranks)) {
    evaluate::write_scores(options_.out / "validation.csv", outcome.validation);
    model::save_model(outcome.model, options_.out);
    // The model stands: nothing is left to resume, and a checkpoint is several times its size.
    std::filesystem::remove_all(options_.out / "checkpoint");
  }
  TrainResult result;
  result.history = state_.history;
  result.kept_epoch = state_.kept_epoch;
  result.calibrated_on = outcome.calibrated_on;
  return result;
}

TrainResult with_counts(TrainResult result, const Prepared& run) {
  const std::vector<std::int64_t> validation = run.split.validation();
  result.train_lenses = count(run.data, run.split.train, Label::lens);
  result.train_nonlenses = count(run.data, run.split.train, Label::non_lens);
  result.validation_lenses = count(run.data, validation, Label::lens);
  result.validation_nonlenses = count(run.data, validation, Label::non_lens);
  result.warnings = run.warnings;
  return result;
}

/// A finished run that is resumed has nothing left to do.
TrainResult finished_before(const TrainOptions& options, Progress& progress) {
  const Value made = model::load_model(options.out).provenance;
  if (const std::string key = changed_key(made.at("recipe"), write_fields(options.recipe)); !key.empty()) {
    throw Error{fmt::format("{}: this run has ended, with another `{}` in its recipe", options.out.string(), key),
                "begin anew with --overwrite, or name another folder"};
  }
  const Value& split = made.at("split");
  progress.warn(options.out.string() + ": this run has ended already; nothing was left to do");
  TrainResult result;
  result.history = model::read_history(options.out / "history.csv");
  result.kept_epoch = static_cast<int>(made.at("kept_epoch").as_integer());
  result.train_lenses = split.at("train").at("lenses").as_integer();
  result.train_nonlenses = split.at("train").at("nonlenses").as_integer();
  result.validation_lenses = split.at("validation").at("lenses").as_integer();
  result.validation_nonlenses = split.at("validation").at("nonlenses").as_integer();
  result.calibrated_on = split.at("calibrated_on").as_string();
  return result;
}

}  // namespace

TrainResult train(const TrainOptions& options, Progress& progress, const StopFlag& stop) {
  std::optional<GrowingFolder> folder;
  if (is_first(options.ranks)) {
    folder.emplace(output_of(options));
    if (options.resume && std::filesystem::exists(options.out)) remove_stale_temporaries(options.out);
  }
  if (options.resume && is_finished(options.out)) {
    TrainResult result = finished_before(options, progress);
    if (folder) folder->complete();
    return result;
  }
  const Prepared prepared = prepare_together(options, progress, stop);
  for (const std::string& warning : prepared.warnings) progress.warn(warning);
  std::optional<Checkpoint> checkpoint = checkpoint_to_resume(options, prepared);
  if (checkpoint && checkpoint->threads != prepared.threads) {
    progress.warn(fmt::format("the run began with {} threads and goes on with {}: its end may differ by rounding", checkpoint->threads,
                              prepared.threads));
  }
  // When this returns, all have read what is in the folder.
  if (options.ranks) require_same_beginning(options, prepared, checkpoint);
  if (folder) {
    folder->begin(progress);
    if (!checkpoint) write_beginning(options, prepared);
  }
  Run run{options, prepared, progress, stop};
  if (checkpoint) run.resume(*std::move(checkpoint));
  run.go();
  TrainResult result = run.finish();
  if (folder) folder->complete();
  return with_counts(std::move(result), prepared);
}

}  // namespace lensfind::train
