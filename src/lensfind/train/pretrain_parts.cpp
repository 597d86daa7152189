#include "lensfind/train/pretrain_parts.h"

#include <ATen/ATen.h>

#include "lensfind/network/import_weights.h"
#include "lensfind/network/initialise.h"

namespace lensfind::train {
namespace {

/// The parameters of nodes behind one.
std::vector<std::string> behind(const network::Graph& graph, std::size_t node) {
  std::vector<std::string> names;
  for (std::size_t i = node + 1; i < graph.nodes.size(); ++i)
    if (!graph.nodes[i].parameters.empty()) names.push_back(graph.nodes[i].name);
  return names;
}

Executor untrained(network::Graph graph, std::size_t node, std::uint64_t seed, const std::string& device) {
  const network::Weights first = network::initialise(graph, seed);
  std::vector<std::string> frozen = behind(graph, node);
  return Executor{std::move(graph), first, device, std::move(frozen)};
}

network::Weights named_within(const network::Weights& all, const std::string& prefix) {
  network::Weights found;
  for (auto at = all.lower_bound(prefix); at != all.end() && at->first.starts_with(prefix); ++at)
    found.emplace(at->first.substr(prefix.size()), at->second);
  return found;
}

}  // namespace

Optimiser optimiser_of(const PretrainRecipe& recipe, std::span<const NamedPart> parts) {
  std::vector<at::Tensor> tensors;
  std::vector<std::string> names;
  for (const auto& [name, network] : parts) {
    tensors.insert(tensors.end(), network->trained().begin(), network->trained().end());
    for (const std::string& parameter : network->trained_names()) names.push_back(name + "/" + parameter);
  }
  return Optimiser{recipe.training(), tensors, names};
}

network::Weights state_of(const Optimiser& optimiser, std::span<const NamedPart> parts) {
  network::Weights all = optimiser.moments();
  for (const auto& [name, network] : parts)
    for (auto& [parameter, array] : network->weights()) all.emplace(name + "/" + parameter, std::move(array));
  return all;
}

void restore_parts(const network::Weights& state, std::int64_t steps, Optimiser& optimiser, std::span<const NamedPart> parts) {
  for (const auto& [name, network] : parts) network->set_weights(named_within(state, name + "/"));
  optimiser.restore(state, steps);
}

Encoder::Encoder(network::Graph graph, std::size_t node, std::uint64_t seed, const std::string& device)
    : node_{node}, network_{untrained(std::move(graph), node, seed, device)} {}

network::Weights Encoder::weights_before_head() const {
  network::Weights weights = network_.weights();
  const std::string head = network::head_name(network_.graph()) + ".";
  std::erase_if(weights, [&](const auto& named) { return named.first.starts_with(head); });
  return weights;
}

at::Tensor Encoder::on_device(const std::vector<float>& pixels) const {
  const network::Graph& graph = network_.graph();
  const auto values = static_cast<std::int64_t>(graph.bands) * graph.size * graph.size;
  const std::vector<std::int64_t> shape{static_cast<std::int64_t>(pixels.size()) / values, graph.bands, graph.size, graph.size};
  return at::from_blob(const_cast<float*>(pixels.data()), shape, at::kFloat).to(at::Device{network_.device()});  // NOLINT: only read
}

}  // namespace lensfind::train
