#pragma once

#include "lensfind/network/graph.h"
#include "lensfind/network/networks.h"

namespace lensfind::network {

/// How B1, B2, ... grow out of B0.
struct EfficientNetShape {
  double width = 1;  ///< factor by which channels grow
  double depth = 1;  ///< factor by which numbers of blocks grow
  /// EfficientNet-Lite (https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite): no squeeze-and-excitation, ReLU6
  /// for SiLU, and neither the stem, the first and last stage nor the head grow.
  bool lite = false;
  std::int64_t stem_stride = 2;  ///< 1: features of twice the resolution, from the same weights, at four times the work
};

/// EfficientNet (Tan & Le 2019) with TensorFlow's padding and norms, as timm's tf_efficientnet_b0 to _b4 and tf_efficientnet_lite0.
Graph efficientnet(const EfficientNetShape& shape, int bands, int size, int outputs, const Regularisation& regularisation);

}  // namespace lensfind::network
