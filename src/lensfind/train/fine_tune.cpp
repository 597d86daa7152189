#include "lensfind/train/fine_tune.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/train/batches.h"
#include "lensfind/train/device.h"
#include "lensfind/train/schedule.h"
#include "lensfind/train/trainer.h"

namespace lensfind::train {
namespace {

LossSettings loss_settings(const Recipe& recipe) {
  return {.kind = recipe.loss, .focal_gamma = recipe.focal_gamma, .label_smoothing = recipe.label_smoothing};
}

void train_epoch(Trainer& trainer, const Schedule& schedule, const BatchMaker& maker, const EpochPlan& plan, int epoch, int makers,
                 Progress& progress, const StopFlag& stop) {
  BatchStream stream{maker, plan, epoch, 0, makers};
  for (std::int64_t i = 0; i < plan.batches(); ++i) {
    if (stop) throw Stopped{fmt::format("stopped in epoch {} of the further training", epoch), "start it again with --resume"};
    const TrainBatch batch = stream.next();
    if (!std::isfinite(trainer.step(batch, schedule.rate(trainer.steps())).loss))
      throw Error{fmt::format("the loss of the further training is not finite in epoch {}", epoch), "give lower rates"};
    progress.advance(static_cast<std::int64_t>(batch.lens.size()));
  }
}

}  // namespace

FineTuned fine_tune(const TrainedNetwork& network, const FineTuneTask& task, Progress& progress, const StopFlag& stop) {
  const Recipe& recipe = task.recipe;
  const int threads = set_up_torch(task.threads);
  const BatchMaker maker{recipe, network.preprocessing, task.train.data, task.targets};
  const BatchMaker judge{recipe, network.preprocessing, task.judged.data};
  const auto plan = [&](int epoch) { return plan_epoch(recipe, task.train.samples, task.mined, task.train.data.samples, epoch); };
  Trainer trainer{recipe,          loss_settings(recipe), network.graph,
                  network.weights, task.device,           choose_bf16(recipe.precision, network.graph, task.device)};
  const Schedule schedule{recipe, plan(1).batches()};
  FineTuned result;
  for (int epoch = 1; epoch <= recipe.epochs; ++epoch) {
    train_epoch(trainer, schedule, maker, plan(epoch), epoch, std::clamp(threads / 4, 1, 8), progress, stop);
    if (!task.judged.samples.empty()) result.logits.push_back(trainer.evaluate(judge, task.judged.samples, task.views).logits);
  }
  result.weights = trainer.evaluated_weights();
  return result;
}

std::vector<double> logits_of(const TrainedNetwork& network, const ChosenSamples& of, int threads, int views) {
  set_up_torch(threads);
  const Recipe recipe;
  const BatchMaker maker{Recipe{.imbalance = {}}, network.preprocessing, of.data};
  Trainer trainer{recipe, {}, network.graph, network.weights, "cpu", false};
  return trainer.evaluate(maker, of.samples, views).logits;
}

}  // namespace lensfind::train
