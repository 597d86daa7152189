#include <array>

#include <fmt/format.h>

#include "lensfind/evaluate/held_out_choice.h"
#include "lensfind/workflows/adapt_steps.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::workflows {
namespace {

constexpr std::array shares{.25, .5, 1.0};
constexpr double share_unjudged = .5;
constexpr int batch = 32;
constexpr std::size_t statistics_fewest_images = 32;
constexpr std::size_t images_in_passes = 512;  // a small set is passed often enough for so many

network::Weights refreshed(const AdaptBench& bench, const network::Weights& from, std::vector<std::int64_t> samples, double share) {
  samples.insert(samples.end(), bench.images.unlabelled.begin(), bench.images.unlabelled.end());
  const int passes = static_cast<int>((images_in_passes + samples.size() - 1) / samples.size());
  return train_library().refresh_norm_statistics(bench.network(from), {bench.images.data, samples}, share, passes, batch,
                                                 bench.options.seed, bench.options.threads);
}

}  // namespace

Tried adapt_statistics(const AdaptBench& bench, const Adapted& before) {
  if (batch_norms_of(bench.model.graph).empty()) return not_possible("the network has no batch norms");
  const std::size_t images = bench.images.unlabelled.size() + bench.images.labelled.size();
  if (images < statistics_fewest_images) return not_possible(fmt::format("{} images are too few", images));
  Tried tried;
  double share = share_unjudged;
  if (bench.judges()) {
    std::vector<std::vector<double>> logits;
    std::vector<std::vector<network::Weights>> of_folds;
    for (const double candidate : shares) {
      std::vector<double> held_out(bench.folds.size());
      of_folds.emplace_back();
      for (int fold = 0; fold < bench.fold_count; ++fold) {
        if (bench.stop) throw Stopped{"stopped in the step `statistics`", "start it again with --resume"};
        of_folds.back().push_back(refreshed(bench, before.without(fold), bench.outside_fold(fold), candidate));
        const std::vector<double> judged = bench.judge(of_folds.back().back());
        for (std::size_t i = 0; i < judged.size(); ++i)
          if (bench.folds[i] == fold) held_out[i] = judged[i];
      }
      logits.push_back(std::move(held_out));
    }
    const evaluate::HeldOutChoice choice = evaluate::choose_held_out(logits, bench.images.labels(), bench.folds);
    share = shares.at(choice.chosen);
    tried.after.held_out = choice.logits;
    tried.after.raw = logits[choice.chosen];
    tried.after.of_fold = std::move(of_folds[choice.chosen]);
  }
  tried.after.weights = refreshed(bench, before.weights, bench.all_labelled(), share);
  tried.note = fmt::format("{:g} of the statistics from {} images", share, images);
  tried.settings.set("share", share).set("images", images);
  return tried;
}

}  // namespace lensfind::workflows
