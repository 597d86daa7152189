#include "lensfind/train/matrix_convolution.h"

#include <vector>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

namespace lensfind::train {
namespace {

using network::Node;

constexpr std::int64_t max_pixels = 16;

/// Of padded `pixels` (n, height, width, channels) those that tap (i, j) of the kernel meets, as a view.
at::Tensor seen_by_tap(const at::Tensor& pixels, const Node& node, std::int64_t i, std::int64_t j) {
  return pixels.slice(1, i, i + (node.shape[1] - 1) * node.stride[0] + 1, node.stride[0])
      .slice(2, j, j + (node.shape[2] - 1) * node.stride[1] + 1, node.stride[1]);
}

/// From (n, height, width, channels) to what each filter sees at each pixel of the result, (n, height, width, taps * channels). The
/// gradient is written by hand, libtorch's own would fill and add a whole image a tap; the graph must outlive it.
struct Patches : torch::autograd::Function<Patches> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& pixels, const Node* node) {
    context->saved_data["shape"] = pixels.sizes().vec();
    context->saved_data["node"] = reinterpret_cast<std::int64_t>(node);
    const at::Tensor padded = at::constant_pad_nd(pixels, {0, 0, node->padding[1], node->padding[3], node->padding[0], node->padding[2]});
    std::vector<at::Tensor> taps;
    for (std::int64_t i = 0; i < node->kernel[0]; ++i) {
      for (std::int64_t j = 0; j < node->kernel[1]; ++j) taps.push_back(seen_by_tap(padded, *node, i, j));
    }
    return at::cat(taps, 3);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const std::vector<std::int64_t> shape = context->saved_data["shape"].toIntVector();
    const Node& node = *reinterpret_cast<const Node*>(context->saved_data["node"].toInt());
    const at::Tensor padded =
        at::zeros({shape[0], shape[1] + node.padding[0] + node.padding[2], shape[2] + node.padding[1] + node.padding[3], shape[3]},
                  gradients[0].options());
    std::int64_t first = 0;
    for (std::int64_t i = 0; i < node.kernel[0]; ++i) {
      for (std::int64_t j = 0; j < node.kernel[1]; ++j) {
        seen_by_tap(padded, node, i, j).add_(gradients[0].slice(3, first, first + shape[3]));
        first += shape[3];
      }
    }
    return {padded.slice(1, node.padding[0], node.padding[0] + shape[1]).slice(2, node.padding[1], node.padding[1] + shape[2]), {}};
  }
};

}  // namespace

bool pays_as_matrix_product(const Node& node) { return node.groups == 1 && node.shape[1] * node.shape[2] <= max_pixels; }

at::Tensor matrix_convolution(const at::Tensor& x, const Node& node, const at::Tensor& weight, const at::Tensor& bias) {
  const at::Tensor filters = weight.permute({0, 2, 3, 1}).reshape({weight.size(0), -1});
  const at::Tensor pixels = x.permute({0, 2, 3, 1});
  const bool one_pixel_each = node.kernel[0] == 1 && node.kernel[1] == 1 && node.stride[0] == 1 && node.stride[1] == 1;
  return at::linear(one_pixel_each ? pixels : Patches::apply(pixels, &node), filters, bias).permute({0, 3, 1, 2});
}

}  // namespace lensfind::train
