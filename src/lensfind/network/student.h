#pragma once

#include "lensfind/network/graph.h"
#include "lensfind/network/networks.h"

namespace lensfind::network {

/// A small network to stand before a large one in a cascade. It takes patches of the cutout as channels, then three convolutions of stride
/// 2, each twice as wide as the one before. The patch grows with the cutout (2 pixels at 64). So 32 to 256 pixels and 1 to 5 bands all take
/// 1.5 to 5 million multiply-adds.
Graph student(int bands, int size, int outputs, const Regularisation& regularisation);

}  // namespace lensfind::network
