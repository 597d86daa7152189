#include <algorithm>

#include <fmt/format.h>

#include "lensfind/evaluate/evaluation.h"
#include "lensfind/workflows/adapt_steps.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::workflows {
namespace {

constexpr std::size_t mined_fewest_images = 50;
constexpr std::size_t fewest_mined = 10, most_mined = 300;
constexpr double mined_part = .05;  // of the unlabelled images
/// A few of the best-scoring unlabelled images are lenses that nobody has found yet: none is a non-lens for certain.
constexpr float target_of_mined = .1F;
constexpr double mined_rate = 1e-4;
constexpr int mined_epochs = 4;

/// The unlabelled images that a network likes best.
std::vector<std::int64_t> best_of_pool(const AdaptBench& bench, const network::Weights& weights) {
  const std::vector<std::int64_t>& pool = bench.images.unlabelled;
  const std::vector<double> logits = train_library().logits_of(bench.network(weights), {bench.images.data, pool}, bench.options.threads, 1);
  std::vector<std::size_t> order(pool.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return logits[a] > logits[b]; });
  const auto part = static_cast<std::size_t>(mined_part * static_cast<double>(pool.size()));
  order.resize(std::min(pool.size(), std::clamp(part, fewest_mined, most_mined)));
  std::vector<std::int64_t> mined;
  for (const std::size_t i : order) mined.push_back(pool[i]);
  std::ranges::sort(mined);
  return mined;
}

std::vector<float> targets_of(const AdaptBench& bench) {
  std::vector<float> targets;
  for (std::size_t i = 0; i < bench.images.data.samples.size(); ++i)
    targets.push_back(bench.images.data.samples[i].label == Label::unknown ? target_of_mined : bench.images.targets[i]);
  return targets;
}

/// A network that scored the pool itself learns its mistakes there, beside the labels.
train::FineTuned learn_mined(const AdaptBench& bench, const network::Weights& from, const std::vector<std::int64_t>& on,
                             const std::vector<std::int64_t>& judged) {
  train::Recipe recipe = further_recipe(bench, mined_rate, mined_epochs);
  recipe.freeze = batch_norms_of(bench.model.graph);
  recipe.imbalance = {train::Imbalance::sampler};
  recipe.lens_fraction = .5;
  recipe.label_smoothing = .05;
  recipe.mined_fraction = .3;
  const std::vector<std::int64_t> mined = best_of_pool(bench, from);
  const std::vector<float> targets = targets_of(bench);
  const train::FineTuneTask task{.recipe = recipe,
                                 .train = {bench.images.data, on},
                                 .targets = targets,
                                 .mined = mined,
                                 .judged = {bench.images.data, judged},
                                 .views = bench.views(),
                                 .device = bench.options.device,
                                 .threads = bench.options.threads};
  return train_library().fine_tune(bench.network(from), task, bench.progress, bench.stop);
}

Adapted one_round(const AdaptBench& bench, const Adapted& before) {
  Adapted after;
  after.held_out.resize(bench.folds.size());
  for (int fold = 0; fold < bench.fold_count; ++fold) {
    train::FineTuned trained = learn_mined(bench, before.without(fold), bench.outside_fold(fold), bench.in_fold(fold));
    std::size_t next = 0;
    for (std::size_t i = 0; i < bench.folds.size(); ++i)
      if (bench.folds[i] == fold) after.held_out[i] = trained.logits.back()[next++];
    after.of_fold.push_back(std::move(trained.weights));
  }
  after.raw = after.held_out;
  after.weights = learn_mined(bench, before.weights, bench.all_labelled(), {}).weights;
  return after;
}

}  // namespace

Tried adapt_to_mined(const AdaptBench& bench, const Adapted& before) {
  if (!bench.judges()) return not_possible("there are no labelled lenses to set look-alikes against");
  const std::size_t images = bench.images.unlabelled.size();
  if (images < mined_fewest_images)
    return not_possible(fmt::format("{} unlabelled images are too few ({} at least)", images, mined_fewest_images));
  Tried tried{.after = before, .note = {}, .impossible = {}};
  int round = 0;
  bench.progress.start("mined look-alikes", 0, "images");
  while (round < bench.options.rounds) {
    Adapted next = one_round(bench, tried.after);
    const evaluate::PairedDifference gain =
        evaluate::paired_differences({bench.scores(next.held_out), bench.scores(tried.after.held_out)}, {.bootstrap_draws = 10}).front();
    if (round > 0 && gain.difference.value <= 0) break;
    tried.after = std::move(next);
    ++round;
    if (gain.difference.low <= 0) break;
  }
  bench.progress.finish();
  const auto count = best_of_pool(bench, before.weights).size();
  tried.note = fmt::format("{} rounds of the best {} of {} unlabelled images", round, count, images);
  tried.settings.set("rounds", round).set("mined", count).set("images", images).set("rate", mined_rate).set("epochs", mined_epochs);
  return tried;
}

}  // namespace lensfind::workflows
