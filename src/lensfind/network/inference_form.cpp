#include "lensfind/network/inference_form.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "lensfind/network/square_symmetries.h"

namespace lensfind::network {
namespace {

/// For every node, the nodes that read it.
std::vector<std::vector<std::size_t>> readers_of(const Graph& graph) {
  std::vector<std::vector<std::size_t>> readers(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const int input : graph.nodes[i].inputs) readers[static_cast<std::size_t>(input)].push_back(i);
  }
  return readers;
}

bool is_pointwise(const Node& node) {
  return node.operation == Operation::conv2d && node.groups == 1 && node.kernel == std::vector<std::int64_t>{1, 1};
}

/// Makes conv(scale x + shift) of conv(x): the shift becomes part of the bias, which is added where there is none.
void absorb(Node& conv, Weights& weights, const std::vector<float>& scale, const std::vector<float>& shift) {
  const std::string prefix = conv.name;
  std::vector<float>& weight = weights.at(prefix + ".weight").values;
  const auto outputs = static_cast<std::size_t>(conv.shape[0]);
  if (conv.parameters.size() == 1) {
    conv.parameters.push_back({prefix + ".bias", {conv.shape[0]}});
    weights[prefix + ".bias"] = {{conv.shape[0]}, std::vector<float>(outputs)};
  }
  std::vector<float>& bias = weights.at(prefix + ".bias").values;
  for (std::size_t output = 0; output < outputs; ++output) {
    double shifted = bias[output];
    for (std::size_t input = 0; input < scale.size(); ++input) {
      float& value = weight[output * scale.size() + input];
      shifted += static_cast<double>(value) * static_cast<double>(shift[input]);
      value *= scale[input];
    }
    bias[output] = static_cast<float>(shifted);
  }
}

void fold_group_norms(WeightedGraph& network) {
  std::vector<Node>& nodes = network.graph.nodes;
  const auto readers = readers_of(network.graph);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto pointwise = [&](std::size_t reader) { return is_pointwise(nodes[reader]); };
    if (nodes[i].operation != Operation::group_norm || !std::all_of(readers[i].begin(), readers[i].end(), pointwise)) continue;
    const Array scale = network.weights.at(nodes[i].name + ".weight");
    const Array shift = network.weights.at(nodes[i].name + ".bias");
    for (const std::size_t reader : readers[i]) absorb(nodes[reader], network.weights, scale.values, shift.values);
    for (const Parameter& parameter : nodes[i].parameters) network.weights.erase(parameter.name);
    nodes[i].parameters.clear();
  }
}

/// The values of `array` at `indices`.
Array gathered(const Array& array, const std::vector<std::int64_t>& indices) {
  Array whole{array.shape, std::vector<float>(indices.size())};
  whole.shape[0] *= 8;
  for (std::size_t i = 0; i < indices.size(); ++i) whole.values[i] = array.values[static_cast<std::size_t>(indices[i])];
  return whole;
}

/// A number a field becomes one for each symmetry and field.
std::vector<std::int64_t> eight_times(std::int64_t fields) {
  std::vector<std::int64_t> indices;
  for (std::int64_t i = 0; i < 8 * fields; ++i) indices.push_back(i % fields);
  return indices;
}

void write_out_shared(WeightedGraph& network) {
  for (Node& node : network.graph.nodes) {
    if (node.sharing == Sharing::none) continue;
    for (Parameter& parameter : node.parameters) {
      Array& array = network.weights.at(parameter.name);
      const bool kernel = array.shape.size() == 4;
      array = gathered(array, kernel ? kernel_indices(array.shape, node.sharing) : eight_times(array.shape[0]));
      parameter.shape = array.shape;
    }
    node.sharing = Sharing::none;
  }
}

/// The convolution that gives only the channels [begin, end) of `conv`.
Node channels_of(const Node& conv, Weights& weights, std::int64_t begin, std::int64_t end) {
  Node part = conv;
  part.name = fmt::format("{}.{}-{}", conv.name, begin, end);
  part.shape[0] = end - begin;
  for (Parameter& parameter : part.parameters) {
    const Array& whole = weights.at(parameter.name);
    const auto row = static_cast<std::ptrdiff_t>(parameter.count() / parameter.shape[0]);
    parameter.shape[0] = end - begin;
    parameter.name = part.name + parameter.name.substr(conv.name.size());
    weights[parameter.name] = {parameter.shape, {whole.values.begin() + begin * row, whole.values.begin() + end * row}};
  }
  return part;
}

void split_sliced_convolutions(WeightedGraph& network) {
  const std::vector<Node> nodes = std::move(network.graph.nodes);
  const auto readers = readers_of({.nodes = nodes});
  const auto is_channel_slice = [&](std::size_t i) { return nodes[i].operation == Operation::slice && nodes[i].axis == 1; };
  const auto only_sliced = [&](std::size_t i) {
    return nodes[i].operation == Operation::conv2d && nodes[i].groups == 1 && !readers[i].empty() &&
           std::all_of(readers[i].begin(), readers[i].end(), is_channel_slice);
  };
  network.graph.nodes.clear();
  std::vector<int> moved_to(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (only_sliced(i)) continue;
    Node node = nodes[i];
    if (is_channel_slice(i) && only_sliced(static_cast<std::size_t>(node.inputs[0]))) {
      node = channels_of(nodes[static_cast<std::size_t>(node.inputs[0])], network.weights, node.begin, node.end);
    }
    for (int& input : node.inputs) input = moved_to[static_cast<std::size_t>(input)];
    moved_to[i] = static_cast<int>(network.graph.nodes.size());
    network.graph.nodes.push_back(std::move(node));
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!only_sliced(i)) continue;
    for (const Parameter& parameter : nodes[i].parameters) network.weights.erase(parameter.name);
  }
}

}  // namespace

WeightedGraph inference_form(WeightedGraph network) {
  write_out_shared(network);
  fold_group_norms(network);
  split_sliced_convolutions(network);
  return network;
}

}  // namespace lensfind::network
