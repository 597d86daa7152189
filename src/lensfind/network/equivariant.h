#pragma once

#include "lensfind/network/graph.h"
#include "lensfind/network/networks.h"

namespace lensfind::network {

/// A residual network equivariant to D4, the turns by 90 degrees and flips of a square (Cohen & Welling 2016), shaped as ResNet-18: all
/// eight views of a cutout get the same logits but for rounding, at every size, odd or even. Its layers have the channels that `width`
/// fields of 8 give (8: 64, 96, 192 and 384 channels) and an eighth of their weights. It halves images by averages over 2x2 pixels where
/// their side is even, and over 3x3 at every second pixel where it is odd: other strides would take different pixels of a turned image.
/// After each relu of a stage's first convolution, so that nothing is taken unsmoothed (Zhang 2019). The last features are averages over
/// pixels and symmetries. `width` is a multiple of 4.
Graph equivariant(std::int64_t width, int bands, int size, int outputs, const Regularisation& regularisation);

}  // namespace lensfind::network
