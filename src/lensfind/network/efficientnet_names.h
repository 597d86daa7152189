#pragma once

#include "lensfind/network/graph.h"
#include "lensfind/network/weights.h"

namespace lensfind::network {

/// Weights of an EfficientNet under timm's names. Those of the packages efficientnet_pytorch and efficientnet_lite_pytorch
/// (`_conv_stem.weight`, `_blocks.3._expand_conv.weight`, `_fc.bias`) number the blocks through and the norms from the expansion on.
/// Weights without such names, and of graphs without `conv_stem`, stay as they are.
Weights with_timms_efficientnet_names(const Graph& graph, Weights weights);

}  // namespace lensfind::network
