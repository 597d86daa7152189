#include <cmath>

#include <fmt/format.h>

#include "lensfind/workflows/adapt_steps.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::workflows {
namespace {

constexpr std::size_t consistency_fewest_images = 50;
constexpr int consistency_rounds = 3;
constexpr double consistency_rate = 1e-4;

/// What the teacher says of images as they are; the student learns it from augmented views.
std::vector<float> teacher_says(const AdaptBench& bench, const network::Weights& teacher) {
  const std::vector<double> logits =
      train_library().logits_of(bench.network(teacher), {bench.images.data, bench.images.unlabelled}, bench.options.threads, 1);
  std::vector<float> targets(bench.images.data.samples.size(), 0);
  for (std::size_t i = 0; i < logits.size(); ++i)
    targets[static_cast<std::size_t>(bench.images.unlabelled[i])] = static_cast<float>(1 / (1 + std::exp(-logits[i])));
  return targets;
}

}  // namespace

Tried adapt_by_consistency(const AdaptBench& bench, const Adapted& before) {
  const std::size_t images = bench.images.unlabelled.size();
  if (images < consistency_fewest_images)
    return not_possible(fmt::format("{} unlabelled images are too few ({} at least)", images, consistency_fewest_images));
  Tried tried{.after = before, .note = {}, .impossible = {}};
  train::Recipe recipe = further_recipe(bench, consistency_rate, 1);
  recipe.augmentation.push_back({.name = "noise", .range = {.02}});
  recipe.ema_decay = .99;
  bench.progress.start("consistency", static_cast<std::int64_t>(images) * consistency_rounds, "images");
  for (int round = 0; round < consistency_rounds; ++round) {
    const std::vector<float> targets = teacher_says(bench, tried.after.weights);
    recipe.seed = static_cast<std::int64_t>((bench.options.seed + static_cast<std::uint64_t>(round)) & 0x7fffffffffffffffULL);
    const train::FineTuneTask task{.recipe = recipe,
                                   .train = {bench.images.data, bench.images.unlabelled},
                                   .targets = targets,
                                   .judged = {bench.images.data, {}},
                                   .device = bench.options.device,
                                   .threads = bench.options.threads};
    tried.after.weights = train_library().fine_tune(bench.network(tried.after.weights), task, bench.progress, bench.stop).weights;
  }
  bench.progress.finish();
  tried.after.held_out = tried.after.raw = bench.judge(tried.after.weights);
  tried.note = fmt::format("{} rounds on {} unlabelled images", consistency_rounds, images);
  tried.settings.set("rounds", consistency_rounds).set("rate", consistency_rate).set("images", images);
  return tried;
}

}  // namespace lensfind::workflows
