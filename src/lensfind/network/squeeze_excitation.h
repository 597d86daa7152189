#pragma once

#include <string>

#include "lensfind/network/graph_builder.h"

namespace lensfind::network {

/// Squeeze-and-excitation (Hu et al. 2018), as timm's SEModule: each channel of `x` (channels, height, width) times a weight between 0 and
/// 1 that two small layers (channels -> channels / 16, at least 8 -> channels) find from the averages of all channels.
Tensor squeeze_excitation(GraphBuilder& net, Tensor x, const std::string& name);

}  // namespace lensfind::network
