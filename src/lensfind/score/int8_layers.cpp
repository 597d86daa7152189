#include "lensfind/score/int8_layers.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <openvino/op/constant.hpp>
#include <openvino/op/convolution.hpp>
#include <openvino/op/fake_quantize.hpp>
#include <openvino/op/matmul.hpp>
#include <openvino/pass/constant_folding.hpp>
#include <openvino/pass/manager.hpp>

#include "lensfind/base/error.h"
#include "lensfind/base/hash128.h"
#include "lensfind/score/cut_network.h"

namespace lensfind::score {
namespace {

constexpr double activation_steps = 255, weight_steps = 254;

ov::Output<ov::Node> constant(const ov::Shape& shape, const std::vector<float>& values) {
  return ov::op::v0::Constant::create(ov::element::f32, shape, values)->output(0);
}

/// The weights of a layer, in float32; nothing where something computes them.
std::shared_ptr<ov::op::v0::Constant> weights_of(const ov::Node& layer) {
  const auto weights = ov::as_type_ptr<ov::op::v0::Constant>(layer.get_input_node_shared_ptr(1));
  return weights && weights->get_element_type() == ov::element::f32 ? weights : nullptr;
}

bool has_several_pixels(const ov::Node& convolution) {
  const ov::Shape shape = convolution.get_output_shape(0);  // (n, channels, height, width)
  return shape.size() == 4 && shape[2] * shape[3] > 1;
}

bool may_be_int8(const ov::Node& node) {
  if (node.get_output_partial_shape(0).is_dynamic() || node.get_input_size() < 2 || !weights_of(node)) return false;
  if (ov::is_type<ov::op::v1::Convolution>(&node)) return has_several_pixels(node);
  return ov::is_type<ov::op::v0::MatMul>(&node) && weights_of(node)->get_shape().size() == 2;
}

/// The axes of a layer's weights that belong to one output; the others tell the outputs apart.
std::set<std::size_t> axes_of_one_output(const ov::Node& layer) {
  if (ov::is_type<ov::op::v1::Convolution>(&layer)) return {1, 2, 3};  // (outputs, inputs, height, width)
  return {dynamic_cast<const ov::op::v0::MatMul&>(layer).get_transpose_b() ? std::size_t{1} : std::size_t{0}};
}

/// The largest absolute weight of each output, shaped so that it stretches over the weights.
std::pair<ov::Shape, std::vector<float>> largest_weights(const ov::op::v0::Constant& weights, const std::set<std::size_t>& inner) {
  const ov::Shape whole = weights.get_shape();
  ov::Shape shape = whole;
  for (const std::size_t axis : inner) shape.at(axis) = 1;
  std::vector<float> largest(ov::shape_size(shape), 1e-12F);  // an output without weights has to have a step too
  const float* values = weights.get_data_ptr<float>();
  for (std::size_t i = 0; i < ov::shape_size(whole); ++i) {
    std::size_t rest = i, at = 0, stride = 1;
    for (std::size_t axis = whole.size(); axis-- > 0;) {
      const std::size_t index = rest % whole[axis];
      rest /= whole[axis];
      if (shape[axis] > 1) at += index * stride;
      stride *= shape[axis];
    }
    largest[at] = std::max(largest[at], std::abs(values[i]));
  }
  return {shape, largest};
}

ov::Output<ov::Node> rounded_weights(const ov::Node& layer) {
  const auto weights = weights_of(layer);
  const auto [shape, largest] = largest_weights(*weights, axes_of_one_output(layer));
  std::vector<float> smallest;
  for (const float value : largest) smallest.push_back(-value);
  const ov::Output<ov::Node> low = constant(shape, smallest), high = constant(shape, largest);
  return std::make_shared<ov::op::v0::FakeQuantize>(weights, low, high, low, high, static_cast<std::size_t>(weight_steps) + 1)->output(0);
}

ov::Output<ov::Node> rounded(const ov::Output<ov::Node>& data, const model::LayerRange& range) {
  const double step = (range.high - range.low) / activation_steps;
  const double zero = std::round(-range.low / step);  // the level that is 0
  const ov::Output<ov::Node> low = constant({}, {static_cast<float>(-zero * step)});
  const ov::Output<ov::Node> high = constant({}, {static_cast<float>((activation_steps - zero) * step)});
  return std::make_shared<ov::op::v0::FakeQuantize>(data, low, high, low, high, static_cast<std::size_t>(activation_steps) + 1)->output(0);
}

bool contains(const ov::NodeVector& nodes, const std::shared_ptr<ov::Node>& node) { return std::ranges::find(nodes, node) != nodes.end(); }

}  // namespace

void fold_constants(const std::shared_ptr<ov::Model>& network) {
  ov::pass::Manager passes;
  passes.register_pass<ov::pass::ConstantFolding>();
  passes.run_passes(network);
}

ov::NodeVector int8_layers(const ov::Model& network) {
  const ov::NodeVector first = first_layers(network), last = last_layers(network);
  ov::NodeVector layers;
  for (const std::shared_ptr<ov::Node>& node : network.get_ordered_ops())
    if (may_be_int8(*node) && !contains(first, node) && !contains(last, node)) layers.push_back(node);
  return layers;
}

std::string weights_hash(const ov::Model& network) {
  Hash128 hash{};
  for (const std::shared_ptr<ov::Node>& node : network.get_ordered_ops()) {
    const auto numbers = ov::as_type_ptr<ov::op::v0::Constant>(node);
    if (!numbers || numbers->get_element_type() != ov::element::f32) continue;
    const std::span values{numbers->get_data_ptr<float>(), ov::shape_size(numbers->get_shape())};
    hash = hash128(std::as_bytes(values), hash.low ^ (hash.high << 1));
  }
  return hash.text();
}

bool ranges_fit(const ov::Model& network, const model::Int8Ranges& ranges) {
  const auto is_of = [](const std::shared_ptr<ov::Node>& layer, const model::LayerRange& range) {
    return layer->get_friendly_name() == range.layer;
  };
  return std::ranges::equal(int8_layers(network), ranges.layers, is_of) && weights_hash(network) == ranges.weights;
}

void round_to_int8(ov::Model& network, const model::Int8Ranges& ranges, const std::string& origin) {
  const ov::NodeVector layers = int8_layers(network);
  if (layers.empty()) throw Error{origin + ": has no layer that can be computed in int8", "take --precision auto"};
  if (!ranges_fit(network, ranges))
    throw Error{origin + ": its int8 ranges are another network's, or of other weights", "measure them anew with `lensfind calibrate`"};
  std::map<ov::Output<ov::Node>, ov::Output<ov::Node>> made;  // several layers may read the same
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const ov::Output<ov::Node> data = layers[i]->input_value(0);
    if (!made.contains(data)) made.emplace(data, rounded(data, ranges.layers[i]));
    layers[i]->input(0).replace_source_output(made.at(data));
    layers[i]->input(1).replace_source_output(rounded_weights(*layers[i]));
  }
  network.validate_nodes_and_infer_types();
}

}  // namespace lensfind::score
