#pragma once

#include <cstdint>

#include "lensfind/network/graph.h"
#include "lensfind/network/weights.h"

namespace lensfind::network {

/// Weights before training, buffers too. Each parameter draws from its own stream, keyed by (seed, its name). So the numbers are the same
/// on any machine and whatever the other layers are, and a network with another head shares all the rest.
Weights initialise(const Graph& graph, std::uint64_t seed);

}  // namespace lensfind::network
