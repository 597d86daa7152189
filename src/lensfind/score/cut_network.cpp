#include "lensfind/score/cut_network.h"

#include <algorithm>
#include <set>
#include <vector>

#include <openvino/op/add.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convolution.hpp>
#include <openvino/op/group_conv.hpp>
#include <openvino/op/matmul.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/result.hpp>

#include "lensfind/base/error.h"

namespace lensfind::score {
namespace {

bool has_weights(const ov::Node& node) {
  return ov::is_type<ov::op::v1::Convolution>(&node) || ov::is_type<ov::op::v1::GroupConvolution>(&node) ||
         ov::is_type<ov::op::v0::MatMul>(&node);
}

using Nodes = std::set<const ov::Node*>;

/// The nodes that the pixels reach.
Nodes nodes_that_see_pixels(const ov::Model& network) {
  Nodes seeing;
  for (const auto& node : network.get_ordered_ops()) {
    bool sees = ov::is_type<ov::op::v0::Parameter>(node.get());
    for (const ov::Output<ov::Node>& input : node->input_values()) sees = sees || seeing.contains(input.get_node());
    if (sees) seeing.insert(node.get());
  }
  return seeing;
}

/// Those that the pixels reach without passing a layer with weights.
Nodes nodes_before_first_layers(const ov::Model& network) {
  Nodes before = nodes_that_see_pixels(network), behind;
  for (const auto& node : network.get_ordered_ops()) {
    bool is_behind = has_weights(*node);
    for (const ov::Output<ov::Node>& input : node->input_values()) is_behind = is_behind || behind.contains(input.get_node());
    if (is_behind) behind.insert(node.get());
  }
  std::erase_if(before, [&](const ov::Node* node) { return behind.contains(node); });
  return before;
}

/// Those that have weights or lead to some.
Nodes nodes_to_last_layers(const ov::Model& network) {
  Nodes leading;
  const ov::NodeVector all = network.get_ordered_ops();
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    const std::shared_ptr<ov::Node>& node = *at;
    bool leads = has_weights(*node);
    for (const ov::Output<ov::Node>& output : node->outputs()) {
      for (const ov::Input<ov::Node>& reader : output.get_target_inputs()) leads = leads || leading.contains(reader.get_node());
    }
    if (leads) leading.insert(node.get());
  }
  const Nodes seeing = nodes_that_see_pixels(network);
  std::erase_if(leading, [&](const ov::Node* node) { return !seeing.contains(node); });
  return leading;
}

/// What nodes of `front` compute and others read.
ov::OutputVector boundary(const ov::Model& network, const Nodes& front) {
  ov::OutputVector crossing;
  for (const auto& node : network.get_ordered_ops()) {
    if (!front.contains(node.get())) continue;
    for (const ov::Output<ov::Node>& output : node->outputs()) {
      const auto readers = output.get_target_inputs();
      if (std::ranges::any_of(readers, [&](const auto& reader) { return !front.contains(reader.get_node()); })) crossing.push_back(output);
    }
  }
  return crossing;
}

CutNetwork cut(const ov::Model& network, const Nodes& front, const ov::OutputVector& crossing) {
  ov::ResultVector results;
  ov::ParameterVector parameters;
  for (const ov::Output<ov::Node>& output : crossing) {
    parameters.push_back(std::make_shared<ov::op::v0::Parameter>(output.get_element_type(), output.get_partial_shape()));
    for (ov::Input<ov::Node> reader : output.get_target_inputs()) {
      if (!front.contains(reader.get_node())) reader.replace_source_output(parameters.back());
    }
    results.push_back(std::make_shared<ov::op::v0::Result>(output));
  }
  return {std::make_shared<ov::Model>(results, network.get_parameters(), "front"),
          std::make_shared<ov::Model>(network.get_results(), parameters, "rest")};
}

/// The node that reads what this one gives; none where several do.
ov::Node* only_reader(const ov::Node& node) {
  const auto readers = node.output(0).get_target_inputs();
  return readers.size() == 1 ? readers.begin()->get_node() : nullptr;
}

bool is_times_one(const ov::Node& node) {
  if (!ov::is_type<ov::op::v1::Multiply>(&node)) return false;
  return std::ranges::any_of(node.input_values(), [](const ov::Output<ov::Node>& input) {
    const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(input.get_node_shared_ptr());
    return constant && std::ranges::all_of(constant->cast_vector<float>(), [](float value) { return value == 1; });
  });
}

}  // namespace

std::optional<CutNetwork> cut_before_first_layers(const std::shared_ptr<ov::Model>& network) {
  const Nodes front = nodes_before_first_layers(*network);
  if (front.size() < 2 || front.contains(network->get_result().get())) return {};
  return cut(*network, front, boundary(*network, front));
}

std::optional<CutNetwork> cut_behind_last_layers(const std::shared_ptr<ov::Model>& network) {
  const Nodes front = nodes_to_last_layers(*network);
  const ov::OutputVector crossing = boundary(*network, front);
  if (crossing.size() < 2) return {};
  return cut(*network, front, crossing);
}

ov::NodeVector first_layers(const ov::Model& network) {
  const Nodes before = nodes_before_first_layers(network);
  ov::NodeVector first;
  for (const auto& node : network.get_ordered_ops()) {
    const auto inputs = node->input_values();
    const bool sees = std::ranges::any_of(inputs, [&](const ov::Output<ov::Node>& input) { return before.contains(input.get_node()); });
    if (has_weights(*node) && sees) first.push_back(node);
  }
  return first;
}

ov::NodeVector last_layers(const ov::Model& network) {
  const Nodes seeing = nodes_that_see_pixels(network);
  Nodes before;  // a layer comes behind them
  ov::NodeVector last;
  const ov::NodeVector all = network.get_ordered_ops();
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    const std::shared_ptr<ov::Node>& node = *at;
    bool is_before = false;
    for (const ov::Output<ov::Node>& output : node->outputs())
      for (const ov::Input<ov::Node>& reader : output.get_target_inputs())
        is_before =
            is_before || before.contains(reader.get_node()) || (has_weights(*reader.get_node()) && seeing.contains(reader.get_node()));
    if (is_before) before.insert(node.get());
    if (!is_before && has_weights(*node) && seeing.contains(node.get())) last.insert(last.begin(), node);
  }
  return last;
}

ov::Output<ov::Node> data_input(const ov::Model& network, const ov::Node& layer) {
  const Nodes seeing = nodes_that_see_pixels(network);
  for (const ov::Output<ov::Node>& input : layer.input_values())
    if (seeing.contains(input.get_node())) return input;
  throw Error{"a layer of the network reads no pixels", "report this"};
}

ov::Output<ov::Node> with_bias(const ov::Model& network, const std::shared_ptr<ov::Node>& layer) {
  const Nodes seeing = nodes_that_see_pixels(network);
  ov::Node* next = only_reader(*layer);
  if (next && is_times_one(*next)) next = only_reader(*next);  // OpenVINO's Gemm: (data x weights) alpha + bias beta
  if (!next || !ov::is_type<ov::op::v1::Add>(next)) return layer->output(0);
  const auto inputs = next->input_values();
  const bool adds_constant = std::ranges::count_if(inputs, [&](const auto& input) { return seeing.contains(input.get_node()); }) == 1;
  return adds_constant ? next->output(0) : layer->output(0);
}

}  // namespace lensfind::score
