#pragma once

#include "lensfind/network/graph.h"

namespace at {
class Tensor;
}

namespace lensfind::train {

/// Whether matrix_convolution is the faster way for the conv2d `node` on a processor. It is in the last stages of a network, where few
/// pixels meet many weights. oneDNN's convolutions reorder all weights at each step there, and sum up their gradient image by image.
bool pays_as_matrix_product(const network::Node& node);

/// The convolution of `x` (n, channels, height, width; channels last) with `weight` (filters, channels, height, width; channels last) and
/// `bias` (filters, or undefined), as one matrix product of all patches with all filters. The result is channels last again. Its gradients
/// are matrix products too. For conv2d nodes of one group.
at::Tensor matrix_convolution(const at::Tensor& x, const network::Node& node, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace lensfind::train
