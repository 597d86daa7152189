#include "lensfind/network/weight_file.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/network/torch_state.h"

namespace lensfind::network {
namespace {

constexpr std::string_view lightning = "model.";

/// timm takes each off once; a compiled network inside a parallel one has them in the other order.
std::string without_wrapper(std::string_view name) {
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view wrapper : {std::string_view{"module."}, std::string_view{"_orig_mod."}}) {
      if (!name.starts_with(wrapper)) continue;
      name.remove_prefix(wrapper.size());
      found = true;
    }
  }
  return std::string{name};
}

}  // namespace

StoredWeights parse_weight_file(std::span<const std::byte> bytes, const std::string& origin) {
  const bool zip = bytes.size() > 4 && std::memcmp(bytes.data(), "PK\x03\x04", 4) == 0;
  if (zip) return parse_torch_archive(bytes, origin);
  if (is_legacy_torch_file(bytes)) return parse_legacy_torch_file(bytes, origin);
  return {parse_safetensors(bytes, origin), {}};
}

StoredWeights read_weight_file(const std::filesystem::path& path) { return parse_weight_file(read_weight_bytes(path), path.string()); }

Weights read_weights(const std::filesystem::path& path) { return read_weight_file(path).weights; }

// NOLINTNEXTLINE(performance-unnecessary-value-param): its arrays are moved from
Weights without_wrappers(Weights weights, const std::string& origin) {
  Weights plain;
  for (auto& [name, array] : weights) {
    const std::string bare = without_wrapper(name);
    if (plain.emplace(bare, std::move(array)).second) continue;
    throw Error{fmt::format("{}: two arrays are `{}` once the wrappers' names are gone", origin, bare), "save one network's weights alone"};
  }
  const auto in_lightning = [](const auto& entry) { return entry.first.starts_with(lightning); };
  if (plain.empty() || !std::ranges::all_of(plain, in_lightning)) return plain;
  return without_wrappers(without_common_prefix(std::move(plain)), origin);
}

}  // namespace lensfind::network
