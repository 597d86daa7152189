#pragma once

#include <memory>
#include <optional>

#include <openvino/core/model.hpp>

namespace lensfind::score {

/// A network in two. The outputs of `front`, in order, are the inputs of `rest`.
struct CutNetwork {
  std::shared_ptr<ov::Model> front;
  std::shared_ptr<ov::Model> rest;
};

// Both cut a network of one input and one output, which is taken apart, so that one side can be computed more exactly.

/// Before the first convolutions and matrix products: scaling, stretch and normalisation come off. Nothing where the pixels go into these
/// layers as they are, or where there are none.
std::optional<CutNetwork> cut_before_first_layers(const std::shared_ptr<ov::Model>& network);

/// Behind the last of them, where there are several side by side: what combines the logits of an ensemble's members comes off. Nothing
/// where there is one.
std::optional<CutNetwork> cut_behind_last_layers(const std::shared_ptr<ov::Model>& network);

/// The layers with weights that the pixels reach without passing another: of an ensemble one a member, or more.
ov::NodeVector first_layers(const ov::Model& network);

/// The layers with weights that the pixels reach and behind which no other comes: the classifier, of an ensemble one a member.
ov::NodeVector last_layers(const ov::Model& network);

/// What the pixels make of a layer's data, not its weights: the input that they reach. Throws Error where there is none.
ov::Output<ov::Node> data_input(const ov::Model& network, const ov::Node& layer);

/// What a layer gives once its bias, if there is one, is added.
ov::Output<ov::Node> with_bias(const ov::Model& network, const std::shared_ptr<ov::Node>& layer);

}  // namespace lensfind::score
