#pragma once

#include <memory>
#include <optional>

#include <openvino/core/model.hpp>

namespace lensfind::score {

/// A network in two. The outputs of `front`, in order, are the inputs of `rest`.
struct CutNetwork {
  std::shared_ptr<ov::Model> front;  ///< from the pixels to what the first layers with weights see: scaling, stretch, normalisation
  std::shared_ptr<ov::Model> rest;   ///< all layers with weights, to the logits
};

/// Cuts a network of one input and one output before its first convolutions and matrix products, so that what precedes them can be computed
/// more exactly. `network` is taken apart. Nothing where the pixels go into these layers as they are, or where there are none.
std::optional<CutNetwork> cut_before_first_layers(const std::shared_ptr<ov::Model>& network);

}  // namespace lensfind::score
