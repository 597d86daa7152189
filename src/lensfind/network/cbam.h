#pragma once

#include <string>

#include "lensfind/network/graph_builder.h"

namespace lensfind::network {

/// Convolutional block attention module (Woo et al. 2018), as timm's CbamModule, of `x` (channels, height, width). First each channel is
/// weighed, by two small layers (channels -> channels / 16 -> channels) that see its average and its maximum over the image; then each
/// pixel, by a 7x7 convolution over the average and the maximum of its channels.
Tensor convolutional_block_attention(GraphBuilder& net, Tensor x, const std::string& name);

}  // namespace lensfind::network
