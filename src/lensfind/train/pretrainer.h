#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lensfind/train/batches.h"
#include "lensfind/train/executor.h"
#include "lensfind/train/optimiser.h"
#include "lensfind/train/pretrain_recipe.h"

namespace lensfind::train {

/// The cutouts of one step: as they are seen first, and for pairs again.
struct PretrainBatch {
  TrainBatch first, again;
  int epoch = 1;
  std::size_t place = 0;  ///< of the first cutout in its epoch
};

/// How features of cutouts point apart (feature_spread), in evaluation mode.
struct Spreads {
  double features = 0;
  double projections = 0;  ///< of pairs: what the projector gives; else 0
};

/// What is learnt beside an encoder, and the encoder: a network of `lensfind networks` up to what its last layer takes.
class Pretrainer {
 public:
  virtual ~Pretrainer() = default;
  Pretrainer() = default;
  Pretrainer(const Pretrainer&) = delete;
  Pretrainer& operator=(const Pretrainer&) = delete;

  /// Takes one step at this learning rate and returns the mean loss before it. Weights stay as they are where it is not finite.
  virtual double step(const PretrainBatch& batch, double rate) = 0;
  [[nodiscard]] virtual Spreads spreads(const TrainBatch& cutouts) = 0;

  /// The encoder's weights: all of the network's but its last layer's.
  [[nodiscard]] virtual network::Weights encoder() const = 0;
  /// All arrays that a checkpoint needs, and back.
  [[nodiscard]] virtual network::Weights state() const = 0;
  virtual void restore(const network::Weights& state, std::int64_t steps) = 0;
  [[nodiscard]] virtual std::int64_t steps() const = 0;
};

/// What a pretrainer is made of.
struct PretrainerSettings {
  const PretrainRecipe& recipe;
  network::Graph graph;
  std::string device = "cpu";
  bool bf16 = false;
  std::int64_t all_steps = 1;  ///< of the whole run: by them the target's momentum rises
};

/// For byol and lens_pairs: an online network (encoder, projector, predictor) learns to predict what a target network (encoder, projector)
/// says of the other view. The target's weights follow the online ones' by their momentum and get no gradient; its batch norms take the
/// batch's statistics. The loss is the mean of view_loss both ways round.
std::unique_ptr<Pretrainer> pretrain_on_views(PretrainerSettings settings);

/// For masked: hidden blocks are set to 0, which is a band's mean, and one convolution of 1 x 1 (SimMIM's head) predicts each pixel from
/// the last map of features. Throws Error for networks without such a map, and for blocks that do not divide the cutout.
std::unique_ptr<Pretrainer> pretrain_on_hidden_blocks(PretrainerSettings settings);

/// The node of a network that gives its last map of features, (channels, height, width): what its last global average is taken of.
std::size_t last_map(const network::Graph& graph);

/// Two layers as BYOL's: (inputs, 1, 1) -> `hidden`, batch norm, relu -> (outputs).
network::Graph two_layers(const std::string& name, std::int64_t inputs, std::int64_t hidden, std::int64_t outputs);

}  // namespace lensfind::train
