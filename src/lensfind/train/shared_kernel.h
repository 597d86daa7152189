#pragma once

#include "lensfind/network/graph.h"

namespace at {
class Tensor;
}

namespace lensfind::train {

/// For shared_kernel: of a conv2d `node` that shares its kernels, int64 (2, 8, stored numbers). Row 0 says which stored number each number
/// of the whole kernel is, row 1 where each symmetry's kernel holds a stored number. Both count in the order of channels last.
at::Tensor shared_kernel_indices(const network::Node& node);

/// The whole kernel (8 x fields, channels, side, side; channels last) of the `stored` one (fields, channels, side, side); its gradient is
/// the sum over the eight copies. Gathers both ways: libtorch's own gradient would add number by number.
at::Tensor shared_kernel(const at::Tensor& stored, const at::Tensor& indices);

}  // namespace lensfind::train
