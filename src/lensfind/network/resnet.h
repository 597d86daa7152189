#pragma once

#include <array>
#include <cstdint>

#include "lensfind/network/graph.h"
#include "lensfind/network/networks.h"

namespace lensfind::network {

/// What tells the members of the family apart.
struct ResNetShape {
  std::array<int, 4> blocks;  ///< in each stage
  bool bottleneck = false;    ///< 1x1, 3x3, 1x1 convolutions (ResNet-50) instead of two 3x3
  std::int64_t width = 64;    ///< channels of the first stage; each later one has twice those before it
};

/// ResNet (He et al. 2015), as timm's resnet18, resnet34 and resnet50; resnet18_half is half as wide.
Graph resnet(const ResNetShape& shape, int bands, int size, int outputs, const Regularisation& regularisation);

}  // namespace lensfind::network
