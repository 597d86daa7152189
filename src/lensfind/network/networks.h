#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lensfind/network/graph.h"

namespace lensfind::network {

/// What acts in training only, at the places where timm has it. timm's networks start with none of it.
struct Regularisation {
  double dropout = 0;    ///< probability, before the last layer
  double drop_path = 0;  ///< probability of dropping the last residual branch; it grows from 0 with the depth (Huang et al. 2016)
};

/// A network that can be named in a recipe.
struct Architecture {
  std::string name;        ///< timm's, where it has the network
  std::string source;      ///< the paper, and timm's name where it differs
  int size_multiple = 32;  ///< the cutout's side must be a multiple of this
  std::function<Graph(int bands, int size, int outputs, const Regularisation& regularisation)> build;
};

/// Every architecture, in the order in which `lensfind networks` shows them.
const std::vector<Architecture>& architectures();

/// Builds a network by name. bands 1 to 5, size 32 to 256 pixels (a multiple of size_multiple), outputs 1 or 2.
/// Throws Error for an unknown name (with the nearest) and for shapes out of range.
Graph build_network(const std::string& name, int bands, int size, int outputs, const Regularisation& regularisation = {});

}  // namespace lensfind::network
