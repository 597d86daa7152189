#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lensfind/train/executor.h"
#include "lensfind/train/optimiser.h"
#include "lensfind/train/pretrain_recipe.h"

namespace lensfind::train {

/// A network that is a part of a pretraining, under a name.
struct NamedPart {
  std::string name;
  Executor* network = nullptr;
};

/// An optimiser of all that these parts train.
Optimiser optimiser_of(const PretrainRecipe& recipe, std::span<const NamedPart> parts);

/// Weights of the parts as "NAME/...", with the optimiser's moments; and back.
network::Weights state_of(const Optimiser& optimiser, std::span<const NamedPart> parts);
void restore_parts(const network::Weights& state, std::int64_t steps, Optimiser& optimiser, std::span<const NamedPart> parts);

/// A network up to one of its nodes.
class Encoder {
 public:
  /// What stands behind `node` is neither computed nor trained. `seed`: of the first weights.
  Encoder(network::Graph graph, std::size_t node, std::uint64_t seed, const std::string& device);

  /// What the node gives of preprocessed cutouts (n, bands, size, size): (n, features) or (n, channels, height, width).
  at::Tensor operator()(const at::Tensor& cutouts, Mode mode) { return network_.value_of(node_, cutouts, mode); }
  [[nodiscard]] const std::vector<std::int64_t>& shape() const { return network_.graph().nodes[node_].shape; }
  [[nodiscard]] Executor& network() { return network_; }
  [[nodiscard]] const Executor& network() const { return network_; }
  /// All weights but the last layer's.
  [[nodiscard]] network::Weights weights_before_head() const;
  /// Pixels (n, bands, size, size) on the device.
  [[nodiscard]] at::Tensor on_device(const std::vector<float>& pixels) const;

 private:
  std::size_t node_;
  Executor network_;
};

}  // namespace lensfind::train
