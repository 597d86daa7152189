#pragma once

#include <cstdint>

#include "lensfind/train/executor.h"

namespace lensfind::train {

/// Exponential moving average of a network's weights and of its batch norms' running statistics. Both are averaged, because neighbouring
/// steps' statistics are nearly linear in the weights. Averaged weights would not fit the newest statistics, nor statistics that were never
/// averaged. Over the first steps the decay is min(decay, (1 + t) / (10 + t)), so that the untrained weights are soon forgotten.
class WeightAverage {
 public:
  WeightAverage(const Executor& source, double decay);

  /// To be called after each step.
  void update(const Executor& source);
  /// The network with the averaged weights, for evaluation.
  [[nodiscard]] Executor& network() { return network_; }
  [[nodiscard]] const Executor& network() const { return network_; }

  [[nodiscard]] std::int64_t steps() const { return steps_; }
  void restore(const network::Weights& weights, std::int64_t steps);

 private:
  double decay_;
  std::int64_t steps_ = 0;
  Executor network_;
};

}  // namespace lensfind::train
