#pragma once

#include <cstdint>

#include "lensfind/network/graph.h"
#include "lensfind/network/weights.h"

namespace lensfind::network {

/// Weights before training, buffers too. Each parameter draws from its own stream, keyed by (seed, its name): the same numbers on any
/// machine and whatever the other layers are, so that a network with another head shares all the rest.
Weights initialise(const Graph& graph, std::uint64_t seed);

}  // namespace lensfind::network
