#include "lensfind/train/train.h"

#include <chrono>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/atomic_file.h"
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

/// Epochs from where the run stands to its end.
class Run {
 public:
  Run(const TrainOptions& options, const Prepared& prepared, Progress& progress, const StopFlag& stop)
      : options_{options},
        run_{prepared},
        progress_{progress},
        stop_{stop},
        maker_{run_.recipe, run_.preprocessing, run_.data, run_.targets},
        trainer_{run_.recipe, run_.loss, run_.graph, run_.initial, run_.device, run_.bf16},
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
  void train_batch(const TrainBatch& batch);
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
    train_batch(stream.next());
    if (stop_) {
      save();
      throw Stopped{fmt::format("stopped in epoch {} after {} of {} batches", state_.epoch, state_.batch, epoch.batches()),
                    "the same command with --resume goes on to the same end"};
    }
    if (seconds_since(last_saved_) >= options_.checkpoint_seconds) save();
  }
}

void Run::train_batch(const TrainBatch& batch) {
  const double loss = trainer_.step(batch, schedule_.rate(trainer_.steps()));
  if (!std::isfinite(loss)) {
    std::vector<std::string> ids;
    for (const std::int64_t sample : batch.samples) ids.push_back(run_.data.samples[static_cast<std::size_t>(sample)].id);
    throw Error{fmt::format("the loss is not finite in epoch {}, batch {}, of {}", state_.epoch, state_.batch + 1, fmt::join(ids, ", ")),
                "look at these cutouts, or lower the recipe's `rate`"};
  }
  const auto count = static_cast<std::int64_t>(batch.lens.size());
  state_.loss_sum += loss * static_cast<double>(count);
  state_.images += count;
  ++state_.batch;
  progress_.advance(count);
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
  model::write_history(options_.out / "history.csv", state_.history);
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
  evaluate::write_scores(options_.out / "validation.csv", outcome.validation);
  model::save_model(outcome.model, options_.out);
  // The model stands: nothing is left to resume, and a checkpoint is several times its size.
  std::filesystem::remove_all(options_.out / "checkpoint");
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
  GrowingFolder folder{output_of(options)};
  if (options.resume && std::filesystem::exists(options.out)) remove_stale_temporaries(options.out);
  if (options.resume && is_finished(options.out)) {
    TrainResult result = finished_before(options, progress);
    folder.complete();
    return result;
  }
  const Prepared prepared = prepare(options, progress, stop);
  for (const std::string& warning : prepared.warnings) progress.warn(warning);
  std::optional<Checkpoint> checkpoint = checkpoint_to_resume(options, prepared);
  if (checkpoint && checkpoint->threads != prepared.threads) {
    progress.warn(fmt::format("the run began with {} threads and goes on with {}: its end may differ by rounding", checkpoint->threads,
                              prepared.threads));
  }
  folder.begin(progress);
  if (!checkpoint) write_beginning(options, prepared);
  Run run{options, prepared, progress, stop};
  if (checkpoint) run.resume(*std::move(checkpoint));
  run.go();
  TrainResult result = run.finish();
  folder.complete();
  return with_counts(std::move(result), prepared);
}

}  // namespace lensfind::train
