#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/dataset/dataset.h"
#include "lensfind/network/graph.h"
#include "lensfind/network/preprocess.h"
#include "lensfind/network/weights.h"
#include "lensfind/train/recipe.h"

namespace lensfind::train {

/// A network that was trained already.
struct TrainedNetwork {
  const network::Graph& graph;
  const network::Preprocessing& preprocessing;
  const network::Weights& weights;
};

/// Samples of a data set.
struct ChosenSamples {
  const dataset::Dataset& data;
  std::span<const std::int64_t> samples;
};

/// What a network is trained further on. Everything is in memory and nothing is written.
struct FineTuneTask {
  Recipe recipe;  ///< epochs, rate, batch, loss, augmentation, seed, ...; network, preprocessing and validation are given otherwise
  ChosenSamples train;
  std::span<const float> targets = {};       ///< of each sample of the data: the probability of a lens that is learnt; empty: its label
  std::span<const std::int64_t> mined = {};  ///< samples that fill the recipe's mined_fraction of each batch as negatives
  ChosenSamples judged;                      ///< not trained on; logits are wanted after each epoch
  int views = 1;                             ///< these logits are means over so many symmetries of the square, 1 to 8
  std::string device = "cpu";                ///< "cpu" or "cuda"
  int threads = 0;                           ///< 0: all cores
};

struct FineTuned {
  network::Weights weights;                 ///< after the last epoch, averaged where the recipe averages
  std::vector<std::vector<double>> logits;  ///< of task.judged after epoch 1, 2, ...
};

/// Trains a network further. With a constant schedule the logits after epoch e are those that a run of e epochs would end with, bit for
/// bit, so that one run tells of every number of epochs. Throws Error where the loss is not finite, Stopped when `stop` becomes true.
FineTuned fine_tune(const TrainedNetwork& network, const FineTuneTask& task, Progress& progress = no_progress(),
                    const StopFlag& stop = never_stop());

/// The network's weights with the batch norms' running means and variances moved towards those of these samples, d4-augmented:
/// new = (1 - share) old + share samples' (Schneider et al. 2020; `share` in (0, 1]). No label is looked at, no other weight changes. The
/// samples' statistics are the means over `passes` passes in batches of `batch`.
network::Weights refresh_norm_statistics(const TrainedNetwork& network, const ChosenSamples& of, double share, int passes, int batch,
                                         std::uint64_t seed, int threads);

/// Logits of samples in evaluation mode and float32: means over the first `views` of the eight symmetries of the square, 1 to 8; of 1 as
/// they are.
std::vector<double> logits_of(const TrainedNetwork& network, const ChosenSamples& of, int threads, int views = 1);

}  // namespace lensfind::train
