#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/train/average.h"
#include "lensfind/train/batches.h"
#include "lensfind/train/executor.h"
#include "lensfind/train/loss.h"
#include "lensfind/train/optimiser.h"
#include "lensfind/train/shared_step.h"

namespace lensfind::train {

/// Outputs of a network for samples, and their mean loss.
struct ValidationResult {
  std::vector<double> logits;  ///< z(lens) - z(non-lens), or the one output
  double loss = 0;
};

/// What a network with FiLM is told of a batch, (n, 2 x bands), on a device; undefined for networks without. On the CPU it is the batch's
/// memory.
at::Tensor quality_of(const TrainBatch& batch, const network::Graph& graph, const std::string& device = "cpu");

/// All that changes while a network trains (its weights, the optimiser's moments, the weight average), and what one step does.
class Trainer {
 public:
  /// `bf16`: convolutions and matrix products in bfloat16, weights and all else in float32.
  /// `ranks`: processes that train this network together, each on its part of every batch; they call step() and evaluate() alike. Null:
  /// none but this.
  Trainer(const Recipe& recipe, const LossSettings& loss, network::Graph graph, const network::Weights& initial, const std::string& device,
          bool bf16, Ranks* ranks = nullptr);

  /// Takes one step of gradient descent at this learning rate. Returns the whole batch's mean loss before it, and whether one of the ranks
  /// was told to stop. Neither weights nor their average change where the loss is not finite.
  StepSummary step(const TrainBatch& batch, double rate, bool stop = false);

  /// Logits and loss of samples without augmentation, in evaluation mode and float32, by the weight average where there is one. Outputs are
  /// means over the first `views` symmetries of the square, 1 to 8.
  ValidationResult evaluate(const BatchMaker& maker, std::span<const std::int64_t> samples, int views = 1);
  /// The weights by which evaluate() uses.
  [[nodiscard]] network::Weights evaluated_weights() const;
  void set_evaluated_weights(const network::Weights& weights);

  /// All arrays that a checkpoint needs: "model/...", "first/...", "second/...", "average/...". With the number of steps they suffice to go
  /// on.
  [[nodiscard]] network::Weights state() const;
  void restore(const network::Weights& state, std::int64_t steps);
  [[nodiscard]] std::int64_t steps() const { return optimiser_.steps(); }

 private:
  [[nodiscard]] at::Tensor on_device(const std::vector<float>& values, const std::vector<std::int64_t>& shape) const;
  at::Tensor training_loss(const TrainBatch& batch);
  /// Outputs for some samples, means over the views.
  at::Tensor outputs_of(Executor& network, const BatchMaker& maker, std::span<const std::int64_t> samples, int views) const;

  std::uint64_t seed_;
  Ranks* ranks_;
  LossSettings loss_;
  bool bf16_;
  Executor executor_;
  Optimiser optimiser_;
  std::optional<WeightAverage> average_;
  std::optional<SharedStep> shared_;
};

}  // namespace lensfind::train
