#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "lensfind/network/graph.h"
#include "lensfind/network/weights.h"

/// The rule by which networks and inputs are filled, so that no weight file is needed: tests/reference/filling.py states it.
namespace lensfind::testing {

inline std::uint64_t fnv1a(const std::string& text) {
  std::uint64_t value = 0xCBF29CE484222325;
  for (const char letter : text) value = (value ^ static_cast<unsigned char>(letter)) * 0x100000001B3;
  return value;
}

/// `count` numbers in [-1, 1) that depend on the name alone.
inline std::vector<double> uniform(const std::string& name, std::size_t count) {
  std::vector<double> numbers(count);
  std::uint64_t state = fnv1a(name);
  for (double& number : numbers) {
    state += 0x9E3779B97F4A7C15;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    z ^= z >> 31;
    number = static_cast<double>(z >> 11) * 0x1p-53 * 2 - 1;
  }
  return numbers;
}

/// One filled number of a parameter, from u in [-1, 1).
inline double filled(const network::Node& node, const network::Parameter& parameter, double u) {
  const bool norm = node.operation == network::Operation::batch_norm || node.operation == network::Operation::group_norm;
  if (parameter.name.ends_with("running_var")) return 1 + 0.5 * std::abs(u);
  if (norm && parameter.name.ends_with("weight")) return 1 + 0.1 * u;
  if (parameter.shape.size() < 2) return 0.1 * u;
  const std::int64_t inputs = parameter.count() / parameter.shape[0];
  const auto fan_in = static_cast<double>(inputs);
  return std::sqrt((parameter.shape.size() == 4 ? 6 : 3) / fan_in) * u;
}

/// All parameters and buffers of a network.
inline network::Weights reference_weights(const network::Graph& graph) {
  network::Weights weights;
  for (const network::Node& node : graph.nodes) {
    for (const network::Parameter& parameter : node.parameters) {
      network::Array& array = weights[parameter.name];
      array.shape = parameter.shape;
      for (const double u : uniform(parameter.name, static_cast<std::size_t>(parameter.count()))) {
        array.values.push_back(static_cast<float>(filled(node, parameter, u)));
      }
    }
  }
  return weights;
}

/// Input cutouts (count, bands, size, size) in [0, 1); the reference uses the labels "input" (evaluation) and "train".
inline std::vector<float> reference_cutouts(const std::string& label, std::size_t count, std::size_t bands = 3, std::size_t size = 64) {
  std::vector<float> pixels;
  for (const double u : uniform(label, count * bands * size * size)) pixels.push_back(static_cast<float>((u + 1) / 2));
  return pixels;
}

}  // namespace lensfind::testing
