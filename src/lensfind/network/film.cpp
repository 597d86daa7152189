#include "lensfind/network/film.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::network {
namespace {

bool is_image(const Node& node) { return node.shape.size() == 3 && node.shape[1] * node.shape[2] > 1; }

/// The nodes that everything behind them comes from: no later node reads an earlier one.
std::vector<bool> waists(const Graph& graph) {
  std::vector<std::size_t> last_reader(graph.nodes.size(), 0);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const int input : graph.nodes[i].inputs) last_reader[static_cast<std::size_t>(input)] = i;
  }
  std::vector<bool> is_waist;
  std::size_t furthest = 0;  // that reads a node before this one
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    is_waist.push_back(furthest <= i);
    furthest = std::max(furthest, last_reader[i]);
  }
  return is_waist;
}

/// Of the waists that are images, the last of each size.
std::vector<std::size_t> ends_of_stages(const Graph& graph) {
  const std::vector<bool> is_waist = waists(graph);
  std::vector<std::size_t> ends;
  for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (!is_waist[i] || !is_image(node)) continue;
    if (!ends.empty() && graph.nodes[ends.back()].shape[1] == node.shape[1]) ends.pop_back();
    ends.push_back(i);
  }
  return ends;
}

int push(Graph& graph, Node node) {
  graph.nodes.push_back(std::move(node));
  return static_cast<int>(graph.nodes.size()) - 1;
}

/// (channels, 1, 1), linear in the quality and at first `start` for each channel.
int of_quality(Graph& graph, int quality, std::int64_t channels, double start, const std::string& name) {
  const std::int64_t values = graph.nodes[static_cast<std::size_t>(quality)].shape[0];
  const int linear = push(graph, {.operation = Operation::linear,
                                  .inputs = {quality},
                                  .shape = {channels},
                                  .parameters = {{.name = name + ".weight", .shape = {channels, values}},
                                                 {.name = name + ".bias", .shape = {channels}, .initialisation = {.scale = start}}},
                                  .name = name});
  return push(graph, {.operation = Operation::reshape, .inputs = {linear}, .shape = {channels, 1, 1}, .dimensions = {channels, 1, 1}});
}

int modulated(Graph& graph, int x, int quality, std::size_t stage) {
  const std::vector<std::int64_t> shape = graph.nodes[static_cast<std::size_t>(x)].shape;
  const int scale = of_quality(graph, quality, shape[0], 1, fmt::format("film.{}.scale", stage));
  const int shift = of_quality(graph, quality, shape[0], 0, fmt::format("film.{}.shift", stage));
  const int scaled = push(graph, {.operation = Operation::multiply, .inputs = {x, scale}, .shape = shape});
  return push(graph, {.operation = Operation::add, .inputs = {scaled, shift}, .shape = shape});
}

}  // namespace

Graph with_film(const Graph& graph) {
  if (std::ranges::any_of(graph.nodes, [](const Node& node) { return node.sharing != Sharing::none; }))
    throw Error{fmt::format("{}: is equivariant to turns and flips, which `condition` would undo", graph.name),
                "take another network, such as resnet18_half, or condition = \"none\""};
  const std::vector<std::size_t> ends = ends_of_stages(graph);
  Graph out{.name = graph.name, .bands = graph.bands, .size = graph.size, .outputs = graph.outputs};
  std::vector<int> moved_to;
  int quality = 0;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node node = graph.nodes[i];
    for (int& input : node.inputs) input = moved_to[static_cast<std::size_t>(input)];
    moved_to.push_back(push(out, std::move(node)));
    if (i == 0) quality = push(out, {.operation = Operation::quality, .shape = {std::int64_t{2} * graph.bands}});
    const auto end = std::ranges::find(ends, i);
    if (end != ends.end()) moved_to.back() = modulated(out, moved_to.back(), quality, static_cast<std::size_t>(end - ends.begin()));
  }
  return out;
}

bool has_film(const Graph& graph) {
  return std::ranges::any_of(graph.nodes, [](const Node& node) { return node.operation == Operation::quality; });
}

}  // namespace lensfind::network
