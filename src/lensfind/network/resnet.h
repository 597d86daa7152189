#pragma once

#include <array>
#include <cstdint>

#include "lensfind/network/graph_builder.h"
#include "lensfind/network/networks.h"

namespace lensfind::network {

/// A part of a network that weighs what passes through it and keeps its shape, (channels, height, width); its parameters' names begin with
/// `name`.
using Attention = Tensor (*)(GraphBuilder& net, Tensor x, const std::string& name);

/// What tells the members of the family apart.
struct ResNetShape {
  std::array<int, 4> blocks;            ///< in each stage
  bool bottleneck = false;              ///< 1x1, 3x3, 1x1 convolutions (ResNet-50) instead of two 3x3
  std::int64_t width = 64;              ///< channels of the first stage; each later one has twice those before it
  Attention block_attention = nullptr;  ///< last in each residual branch, as timm's `attn_layer`
  Attention stage_attention = nullptr;  ///< between the third stage and the fourth
};

/// ResNet (He et al. 2015), as timm's resnet18, resnet34 and resnet50; with `half` in its name half as wide.
Graph resnet(const ResNetShape& shape, int bands, int size, int outputs, const Regularisation& regularisation);

}  // namespace lensfind::network
