#pragma once

#include <optional>

#include "lensfind/train/head_features.h"
#include "lensfind/workflows/adapt_steps.h"

namespace lensfind::workflows {

/// Fits a network's last layer anew to few labels and leaves all before it: a ridge-logistic model of the network's own logit, which costs
/// nothing, and of what the layer takes, each of its inputs standardised. So labels only say where the network is to be corrected. Inputs
/// and logits are means over the symmetries of the square.
class HeadFit {
 public:
  /// Looks at all images with a certain label through a network with these weights. Throws Error where it does not end with a linear layer.
  HeadFit(const AdaptBench& bench, const network::Weights& weights);

  /// Whether a network ends with a linear layer of one or two outputs.
  static bool is_possible(const network::Graph& graph);
  /// The weights with a last layer fitted to the labels of `on`; doubtful ones are left out. `ridge` > 0: penalty of the squared weights of
  /// standardised inputs, halved, against the sum of the samples' logarithmic losses. Throws Error where `on` lacks a class.
  [[nodiscard]] network::Weights fitted(const std::vector<std::int64_t>& on, double ridge) const;

 private:
  const AdaptBench& bench_;
  const network::Weights& weights_;
  std::vector<std::int64_t> samples_;  ///< with a certain label, ascending
  std::vector<double> logits_;         ///< of them
  train::HeadFeatures features_;
};

}  // namespace lensfind::workflows
