#include "lensfind/score/cut_network.h"

#include <set>
#include <vector>

#include <openvino/op/convolution.hpp>
#include <openvino/op/group_conv.hpp>
#include <openvino/op/matmul.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/result.hpp>

namespace lensfind::score {
namespace {

bool has_weights(const ov::Node& node) {
  return ov::is_type<ov::op::v1::Convolution>(&node) || ov::is_type<ov::op::v1::GroupConvolution>(&node) ||
         ov::is_type<ov::op::v0::MatMul>(&node);
}

/// The nodes that the pixels reach without passing a layer with weights.
std::set<const ov::Node*> nodes_of_front(const ov::Model& network) {
  std::set<const ov::Node*> front, behind;
  for (const auto& node : network.get_ordered_ops()) {
    bool sees_pixels = ov::is_type<ov::op::v0::Parameter>(node.get());
    bool is_behind = has_weights(*node);
    for (const ov::Output<ov::Node>& input : node->input_values()) {
      sees_pixels = sees_pixels || front.contains(input.get_node());
      is_behind = is_behind || behind.contains(input.get_node());
    }
    if (is_behind) {
      behind.insert(node.get());
    } else if (sees_pixels) {
      front.insert(node.get());
    }
  }
  return front;
}

}  // namespace

std::optional<CutNetwork> cut_before_first_layers(const std::shared_ptr<ov::Model>& network) {
  const std::set<const ov::Node*> front = nodes_of_front(*network);
  if (front.size() < 2 || front.contains(network->get_result().get())) return {};
  ov::ResultVector results;
  ov::ParameterVector parameters;
  for (const auto& node : network->get_ordered_ops()) {
    if (!front.contains(node.get())) continue;
    for (ov::Output<ov::Node> output : node->outputs()) {
      std::vector<ov::Input<ov::Node>> readers;
      for (const ov::Input<ov::Node>& reader : output.get_target_inputs()) {
        if (!front.contains(reader.get_node())) readers.push_back(reader);
      }
      if (readers.empty()) continue;
      parameters.push_back(std::make_shared<ov::op::v0::Parameter>(output.get_element_type(), output.get_partial_shape()));
      for (ov::Input<ov::Node>& reader : readers) reader.replace_source_output(parameters.back());
      results.push_back(std::make_shared<ov::op::v0::Result>(output));
    }
  }
  return CutNetwork{std::make_shared<ov::Model>(results, network->get_parameters(), "front"),
                    std::make_shared<ov::Model>(network->get_results(), parameters, "rest")};
}

}  // namespace lensfind::score
