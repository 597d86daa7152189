#include "lensfind/network/import_weights.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/network/efficientnet_names.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/weight_file.h"

namespace lensfind::network {
namespace {

/// ImageNet's: a first convolution of such weights reads red, green and blue.
constexpr std::int64_t photograph_classes = 1000;

const Node& first_convolution(const Graph& graph) {
  const auto found =
      std::find_if(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) { return node.operation == Operation::conv2d; });
  if (found == graph.nodes.end()) throw Error{fmt::format("{} has no convolution", graph.name), "name another network"};
  return *found;
}

/// Replaces the head's arrays where only their number of outputs differs, and puts some where there are none.
void fit_head(const Graph& graph, ImportedWeights& imported, const std::string& origin, bool keep_head, std::uint64_t seed) {
  const std::string name = head_name(graph);
  const auto weight = imported.weights.find(name + ".weight");
  const auto bias = imported.weights.find(name + ".bias");
  if (weight == imported.weights.end() && bias == imported.weights.end() && !keep_head) {
    Weights drawn = initialise(graph, seed);
    for (const char* part : {".weight", ".bias"}) imported.weights.emplace(name + part, std::move(drawn.at(name + part)));
    imported.notes.push_back(
        fmt::format("{}: there is no head `{}`; an untrained one stands there now, so the model must be trained before it finds anything",
                    origin, name));
    return;
  }
  if (weight == imported.weights.end() || bias == imported.weights.end() || weight->second.shape.size() != 2) return;
  const std::int64_t outputs = weight->second.shape[0];
  if (outputs == graph.outputs) return;
  if (keep_head) {
    throw Error{fmt::format("{}: the head `{}` has {} outputs, not {}", origin, name, outputs, graph.outputs),
                "leave out --keep-head to put an untrained head there"};
  }
  Weights drawn = initialise(graph, seed);
  weight->second = std::move(drawn.at(name + ".weight"));
  bias->second = std::move(drawn.at(name + ".bias"));
  imported.notes.push_back(fmt::format(
      "{}: the head `{}` has {} outputs; an untrained one with {} stands there now, so the model must be trained before it finds anything",
      origin, name, outputs, graph.outputs));
}

/// How many classes the head tells apart; 0: there is none.
std::int64_t classes_of(const Graph& graph, const Weights& weights) {
  const auto head = weights.find(head_name(graph) + ".weight");
  return head == weights.end() || head->second.shape.empty() ? 0 : head->second.shape[0];
}

void fit_bands(const Graph& graph, ImportedWeights& imported, const std::string& origin) {
  const std::string name = first_convolution(graph).name + ".weight";
  const auto found = imported.weights.find(name);
  if (found == imported.weights.end() || found->second.shape.size() != 4 || found->second.shape[1] != 3) return;
  if (graph.bands != 3) {
    found->second = adapt_first_convolution(found->second, graph.bands);
    imported.notes.push_back(fmt::format("{}: `{}` was carried from 3 bands to {}", origin, name, graph.bands));
  }
  const std::int64_t classes = classes_of(graph, imported.weights);
  if (graph.bands == 1 || classes == 1 || classes == 2) return;  // a sum knows no order; a finder's bands are in theirs
  if (classes != photograph_classes) {
    const std::string head = classes == 0 ? "without a head" : fmt::format("of {} classes", classes);
    imported.notes.push_back(fmt::format(
        "{}: whether `{}` reads red first is not known of weights {}: its three bands are taken in their order", origin, name, head));
    return;
  }
  found->second = with_bands_reversed(found->second);
  imported.notes.push_back(fmt::format(
      "{}: `{}` has seen photographs (1000 classes): red stands for the last band, then green and blue for those before", origin, name));
}

/// What stands before the graph's names ("backbone."): every text for which all of them are there.
std::vector<std::string> parts_with(const Graph& graph, const Weights& weights) {
  const std::vector<Parameter> parameters = graph.parameters();
  std::vector<std::string> parts;
  for (const auto& [name, array] : weights) {
    if (!name.ends_with(parameters.front().name)) continue;
    const std::string part = name.substr(0, name.size() - parameters.front().name.size());
    const bool whole = std::ranges::all_of(parameters, [&](const Parameter& wanted) { return weights.contains(part + wanted.name); });
    if (whole && (part.empty() || part.ends_with('.'))) parts.push_back(part);
  }
  return parts;
}

}  // namespace

std::string head_name(const Graph& graph) {
  if (graph.nodes.empty() || graph.nodes.back().operation != Operation::linear)
    throw Error{fmt::format("{} does not end in a linear layer", graph.name), "name another network"};
  return graph.nodes.back().name;
}

Array adapt_first_convolution(const Array& three_bands, std::int64_t bands) {
  const auto outputs = static_cast<std::size_t>(three_bands.shape.at(0));
  const auto area = static_cast<std::size_t>(three_bands.shape.at(2) * three_bands.shape.at(3));
  const auto wanted = static_cast<std::size_t>(bands);
  Array adapted{{three_bands.shape[0], bands, three_bands.shape[2], three_bands.shape[3]}, std::vector<float>(outputs * wanted * area)};
  const auto source = [&](std::size_t output, std::size_t band, std::size_t i) {
    return three_bands.values[(output * 3 + band) * area + i];
  };
  for (std::size_t output = 0; output < outputs; ++output) {
    for (std::size_t band = 0; band < wanted; ++band) {
      for (std::size_t i = 0; i < area; ++i) {
        const float value = bands == 1 ? source(output, 0, i) + source(output, 1, i) + source(output, 2, i)
                                       : source(output, band % 3, i) * (3.0F / static_cast<float>(bands));
        adapted.values[(output * wanted + band) * area + i] = value;
      }
    }
  }
  return adapted;
}

Array with_bands_reversed(const Array& convolution) {
  const std::int64_t outputs = convolution.shape.at(0), bands = convolution.shape.at(1);
  const std::int64_t area = convolution.shape.at(2) * convolution.shape.at(3);
  Array reversed = convolution;
  for (std::int64_t output = 0; output < outputs; ++output) {
    for (std::int64_t band = 0; band < bands; ++band) {
      const auto from = convolution.values.begin() + (output * bands + band) * area;
      std::copy_n(from, area, reversed.values.begin() + (output * bands + bands - 1 - band) * area);
    }
  }
  return reversed;
}

ImportedWeights with_names_of(const Graph& graph, Weights weights, const std::string& origin) {
  ImportedWeights named{with_timms_efficientnet_names(graph, without_wrappers(std::move(weights), origin)), {}};
  const std::vector<std::string> parts = parts_with(graph, named.weights);
  if (parts.empty() || parts.front().empty()) return named;
  if (parts.size() > 1) {
    throw Error{fmt::format("{}: holds {} more than once: `{}` and `{}`", origin, graph.name, parts[0], parts[1]),
                "save one of them alone"};
  }
  Weights part, left;
  for (auto& [name, array] : named.weights) {
    const bool inside = name.starts_with(parts[0]);
    (inside ? part : left).emplace(inside ? name.substr(parts[0].size()) : name, std::move(array));
  }
  named.weights = std::move(part);
  named.notes.push_back(fmt::format("{}: took `{}` and left out {} other {}{}", origin, parts[0].substr(0, parts[0].size() - 1),
                                    left.size(), left.size() == 1 ? "array" : "arrays",
                                    left.empty() ? std::string{} : fmt::format(", the first `{}`", left.begin()->first)));
  return named;
}

ImportedWeights import_weights(const Graph& graph, Weights weights, const std::string& origin, bool keep_head, std::uint64_t seed) {
  ImportedWeights imported = with_names_of(graph, std::move(weights), origin);
  fit_bands(graph, imported, origin);
  fit_head(graph, imported, origin, keep_head, seed);
  check_weights(graph, imported.weights, origin);
  return imported;
}

}  // namespace lensfind::network
