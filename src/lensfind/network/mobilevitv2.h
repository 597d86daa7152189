#pragma once

#include "lensfind/network/graph.h"
#include "lensfind/network/networks.h"

namespace lensfind::network {

/// MobileViTv2 (Mehta & Rastegari 2022), as timm's mobilevitv2_050, _075 and _100 (`width` .5, .75, 1). The size must be a multiple of 64,
/// because its attention works on patches of 2x2 in feature maps a thirty-second of the size.
Graph mobilevitv2(double width, int bands, int size, int outputs, const Regularisation& regularisation);

}  // namespace lensfind::network
