#include "lensfind/network/weights.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/base/unpack_budget.h"

namespace lensfind::network {
namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) { return fmt::format("({})", fmt::join(shape, ", ")); }

std::string hint_for(const std::string& near, const char* otherwise) {
  return near.empty() ? std::string{otherwise} : fmt::format("the nearest name is `{}`", near);
}

}  // namespace

void check_weights(const Graph& graph, const Weights& weights, const std::string& origin) {
  const std::vector<Parameter> parameters = graph.parameters();
  std::vector<std::string> wanted, unknown;
  for (const Parameter& parameter : parameters) wanted.push_back(parameter.name);
  for (const auto& [name, array] : weights) {
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) unknown.push_back(name);
  }
  for (const Parameter& parameter : parameters) {
    const auto found = weights.find(parameter.name);
    if (found == weights.end()) {
      throw Error{fmt::format("{}: `{}` {} of {} is missing", origin, parameter.name, shape_text(parameter.shape), graph.name),
                  hint_for(nearest_name(parameter.name, unknown), "are these weights of another network?")};
    }
    const Array& array = found->second;
    if (array.shape != parameter.shape || static_cast<std::int64_t>(array.values.size()) != parameter.count()) {
      throw Error{fmt::format("{}: `{}` is {}, {} wants {}", origin, parameter.name, shape_text(array.shape), graph.name,
                              shape_text(parameter.shape)),
                  "are these weights of another network, or for another number of bands or outputs?"};
    }
    if (!std::all_of(array.values.begin(), array.values.end(), [](float value) { return std::isfinite(value); })) {
      throw Error{fmt::format("{}: `{}` holds values that are not finite", origin, parameter.name),
                  "the training that left these weights diverged"};
    }
  }
  if (!unknown.empty()) {
    throw Error{fmt::format("{}: {} has no `{}`", origin, graph.name, unknown.front()),
                hint_for(nearest_name(unknown.front(), wanted), "are these weights of another network?")};
  }
}

std::vector<std::byte> read_weight_bytes(const std::filesystem::path& path) {
  const OpenFile file{path};
  if (file.size() > unpacked_bytes_limit) {
    throw Error{fmt::format("{}: {} MiB, more than the {} MiB that one input may take", path.string(), file.size() >> 20,
                            unpacked_bytes_limit >> 20),
                "save the weights alone, without the optimiser's state"};
  }
  std::vector<std::byte> bytes(file.size());
  file.read(0, bytes);
  return bytes;
}

Weights without_common_prefix(Weights weights) {
  for (const std::string_view prefix : std::array<std::string_view, 2>{"model.", "module."}) {
    const auto prefixed = [&](const auto& entry) { return entry.first.starts_with(prefix); };
    if (weights.empty() || !std::all_of(weights.begin(), weights.end(), prefixed)) continue;
    Weights stripped;
    for (auto& [name, array] : weights) stripped.emplace(name.substr(prefix.size()), std::move(array));
    return without_common_prefix(std::move(stripped));
  }
  return weights;
}

}  // namespace lensfind::network
