#pragma once

#include "lensfind/network/graph.h"

namespace at {
class Tensor;
}

namespace lensfind::train {

/// Whether depthwise_convolution takes the conv2d `node`: one filter a channel, no bias. oneDNN takes up to twenty times as long for its
/// gradients where images are small.
bool is_depthwise(const network::Node& node);

/// The convolution of each channel of `x` (n, channels, height, width; float32 or bfloat16; channels last) with its filter in `weight`
/// (channels, 1, height, width; float32), and its gradients, on the processor. The result has the type of `x` and is channels last. Sums
/// and the gradient of `weight` are float32.
at::Tensor depthwise_convolution(const at::Tensor& x, const network::Node& node, const at::Tensor& weight);

}  // namespace lensfind::train
