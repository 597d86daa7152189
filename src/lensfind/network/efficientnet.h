#pragma once

#include "lensfind/network/graph.h"
#include "lensfind/network/networks.h"

namespace lensfind::network {

/// How B1, B2, ... grow out of B0.
struct EfficientNetShape {
  double width = 1;  ///< factor by which channels grow
  double depth = 1;  ///< factor by which numbers of blocks grow
};

/// EfficientNet (Tan & Le 2019) with TensorFlow's padding and norms, as timm's tf_efficientnet_b0 to _b4.
Graph efficientnet(const EfficientNetShape& shape, int bands, int size, int outputs, const Regularisation& regularisation);

}  // namespace lensfind::network
