#pragma once

#include <string>

#include "lensfind/network/graph_builder.h"

namespace lensfind::network {

/// Coordinate attention (Hou et al. 2021), as timm's CoordAttn, of `x` (channels, height, width): every channel times a weight of its row
/// and a weight of its column, which small layers (channels -> channels / 24, at least 8 -> channels) find from the averages along rows and
/// columns, so that they know where along each axis a feature lies.
Tensor coordinate_attention(GraphBuilder& net, Tensor x, const std::string& name);

}  // namespace lensfind::network
