#pragma once

#include <string>

#include "lensfind/network/graph_builder.h"

namespace lensfind::network {

/// Multi-head self-attention (Vaswani et al. 2017) between all pixels of `x` (channels, height, width), added to it: norm, queries, keys
/// and values of channels / 2 in 4 heads, softmax(q k / sqrt(d)) v, a 1x1 convolution back, and a norm that starts at 0, so that training
/// begins with the network as it is without (Wang et al. 2018, non-local blocks). It knows positions only by what convolutions before it
/// made of the images' borders. `channels` is a multiple of 8. It takes (height width)^2 numbers of memory a head.
Tensor self_attention(GraphBuilder& net, Tensor x, const std::string& name);

}  // namespace lensfind::network
