#include "lensfind/network/initialise.h"

#include <string_view>

#include "lensfind/base/random.h"

namespace lensfind::network {
namespace {

/// 64-bit FNV-1a: the same on every machine, unlike std::hash.
std::uint64_t name_key(std::string_view name) {
  std::uint64_t key = 0xCBF29CE484222325;
  for (const char letter : name) key = (key ^ static_cast<unsigned char>(letter)) * 0x100000001B3;
  return key;
}

double draw(const Initialisation& start, RandomStream& random) {
  switch (start.kind) {
    case Initialisation::Kind::normal:
      return random.normal(0, start.scale);
    case Initialisation::Kind::uniform:
      return random.uniform(-start.scale, start.scale);
    case Initialisation::Kind::constant:
      break;
  }
  return start.scale;
}

}  // namespace

Weights initialise(const Graph& graph, std::uint64_t seed) {
  Weights weights;
  for (const Parameter& parameter : graph.parameters()) {
    RandomStream random{seed, Purpose::initial_weights, name_key(parameter.name)};
    Array array{parameter.shape, std::vector<float>(static_cast<std::size_t>(parameter.count()))};
    for (float& value : array.values) value = static_cast<float>(draw(parameter.initialisation, random));
    weights.emplace(parameter.name, std::move(array));
  }
  return weights;
}

}  // namespace lensfind::network
