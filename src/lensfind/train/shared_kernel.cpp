#include "lensfind/train/shared_kernel.h"

#include <vector>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "lensfind/network/square_symmetries.h"

namespace lensfind::train {
namespace {

/// Of numbers (stored), in order, the eight kernels' (8 x stored).
struct EightCopies : torch::autograd::Function<EightCopies> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& stored, const at::Tensor& indices) {
    context->save_for_backward({indices});
    return stored.index_select(0, indices[0].reshape(-1));
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const at::Tensor indices = context->get_saved_variables()[0];
    return {gradients[0].index_select(0, indices[1].reshape(-1)).view({8, -1}).sum(0), at::Tensor{}};
  }
};

}  // namespace

at::Tensor shared_kernel_indices(const network::Node& node) {
  const std::vector<std::int64_t>& shape = node.parameters.at(0).shape;
  std::vector<std::int64_t> whole = network::kernel_indices(shape, node.sharing);
  const std::int64_t count = node.parameters.at(0).count();
  // From row-major order of (fields, channels, side, side) to that of (fields, side, side, channels), in places and in what stands there.
  const at::Tensor rows = at::arange(count, at::kLong).view(shape).permute({0, 2, 3, 1}).reshape(-1);
  const at::Tensor place = rows.argsort();
  const at::Tensor from = at::from_blob(whole.data(), {8, count}, at::kLong).index_select(1, rows);
  const at::Tensor forward = place.index_select(0, from.reshape(-1)).view({8, count});
  const at::Tensor backward = forward.argsort(std::int64_t{1}) + at::arange(8, at::kLong).unsqueeze(1) * count;
  return at::stack({forward, backward});
}

at::Tensor shared_kernel(const at::Tensor& stored, const at::Tensor& indices) {
  const at::Tensor last = stored.permute({0, 2, 3, 1});
  const at::Tensor whole = EightCopies::apply(last.reshape(-1), indices);
  return whole.view({8 * last.size(0), last.size(1), last.size(2), last.size(3)}).permute({0, 3, 1, 2});
}

}  // namespace lensfind::train
