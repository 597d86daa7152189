#include "lensfind/network/efficientnet_names.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace lensfind::network {
namespace {

using NamePairs = std::vector<std::pair<std::string, std::string>>;  // the packages' and timm's

/// "blocks.2.0" of every block that filters its channels, in order.
std::vector<std::string> blocks_with_filters(const Graph& graph) {
  constexpr std::string_view filter = ".conv_dw";
  std::vector<std::string> names;
  for (const Node& node : graph.nodes)
    if (node.name.ends_with(filter)) names.push_back(node.name.substr(0, node.name.size() - filter.size()));
  return names;
}

bool has_node(const Graph& graph, const std::string& name) {
  return std::ranges::any_of(graph.nodes, [&](const Node& node) { return node.name == name; });
}

/// Of a block's layers; timm's begin with the filter where nothing expands.
NamePairs layer_names(bool expands) {
  NamePairs pairs{{"_depthwise_conv", "conv_dw"}, {"_se_reduce", "se.conv_reduce"}, {"_se_expand", "se.conv_expand"}};
  if (expands) {
    pairs.insert(pairs.end(),
                 {{"_expand_conv", "conv_pw"}, {"_bn0", "bn1"}, {"_bn1", "bn2"}, {"_project_conv", "conv_pwl"}, {"_bn2", "bn3"}});
  } else {
    pairs.insert(pairs.end(), {{"_bn1", "bn1"}, {"_project_conv", "conv_pw"}, {"_bn2", "bn2"}});
  }
  return pairs;
}

NamePairs all_names(const Graph& graph) {
  NamePairs pairs{
      {"_conv_stem.", "conv_stem."}, {"_bn0.", "bn1."}, {"_conv_head.", "conv_head."}, {"_bn1.", "bn2."}, {"_fc.", "classifier."}};
  std::size_t index = 0;
  for (const std::string& block : blocks_with_filters(graph)) {
    for (const auto& [theirs, timms] : layer_names(has_node(graph, block + ".conv_pwl")))
      pairs.emplace_back(fmt::format("_blocks.{}.{}.", index, theirs), fmt::format("{}.{}.", block, timms));
    ++index;
  }
  return pairs;
}

}  // namespace

Weights with_timms_efficientnet_names(const Graph& graph, Weights weights) {
  if (!weights.contains("_conv_stem.weight") || !has_node(graph, "conv_stem")) return weights;
  const NamePairs pairs = all_names(graph);
  Weights renamed;
  for (auto& [name, array] : weights) {
    const auto pair = std::ranges::find_if(pairs, [&](const auto& of) { return name.starts_with(of.first); });
    renamed.emplace(pair == pairs.end() ? name : pair->second + name.substr(pair->first.size()), std::move(array));
  }
  return renamed;
}

}  // namespace lensfind::network
