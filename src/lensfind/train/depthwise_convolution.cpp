#include "lensfind/train/depthwise_convolution.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "lensfind/train/depthwise_kernels.h"

namespace lensfind::train {
namespace {

using network::Node;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

DepthwiseShape shape_of(const at::Tensor& pixels, const Node& node) {
  return {.height = pixels.size(1),
          .width = pixels.size(2),
          .channels = pixels.size(3),
          .out_height = node.shape[1],
          .out_width = node.shape[2],
          .kernel = {node.kernel[0], node.kernel[1]},
          .stride = {node.stride[0], node.stride[1]},
          .padding = {node.padding[0], node.padding[1]}};
}

/// Calls `work` with pointers of the type that all `tensors` have.
template <class... Tensor>
void with_numbers(auto work, const at::Tensor& first, const Tensor&... others) {
  if (first.scalar_type() == at::kBFloat16) {
    const auto pointer = [](const at::Tensor& tensor) { return reinterpret_cast<hwy::bfloat16_t*>(tensor.data_ptr<at::BFloat16>()); };
    work(pointer(first), pointer(others)...);
  } else {
    work(first.data_ptr<float>(), others.template data_ptr<float>()...);
  }
}

at::Tensor gradient_of_image(const DepthwiseShape& shape, const at::Tensor& gradient, const at::Tensor& taps) {
  at::Tensor image = at::empty({gradient.size(0), shape.height, shape.width, shape.channels}, gradient.options());
  with_numbers(
      [&](const auto* from, auto* to) {
        at::parallel_for(0, gradient.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
          depthwise_image_gradient(shape, {begin, end}, from, taps.const_data_ptr<float>(), to);
        });
      },
      gradient, image);
  return image;
}

at::Tensor gradient_of_taps(const DepthwiseShape& shape, const at::Tensor& pixels, const at::Tensor& gradient) {
  at::Tensor taps = at::empty({shape.kernel[0], shape.kernel[1], shape.channels}, pixels.options().dtype(at::kFloat));
  with_numbers(
      [&](const auto* image, const auto* result) {
        at::parallel_for(0, shape.channels / depthwise_step, 1, [&](std::int64_t begin, std::int64_t end) {
          depthwise_tap_gradient(shape, {begin * depthwise_step, end * depthwise_step}, pixels.size(0), image, result,
                                 taps.data_ptr<float>());
        });
      },
      pixels, gradient);
  return taps;
}

/// Of pixels (n, height, width, channels) and taps (kernel height, kernel width, channels). The node must outlive the gradient.
struct Depthwise : torch::autograd::Function<Depthwise> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& pixels, const at::Tensor& taps, const Node* node) {
    context->save_for_backward({pixels, taps});
    context->saved_data["node"] = reinterpret_cast<std::int64_t>(node);
    const DepthwiseShape shape = shape_of(pixels, *node);
    at::Tensor result = at::empty({pixels.size(0), shape.out_height, shape.out_width, shape.channels}, pixels.options());
    with_numbers(
        [&](const auto* from, auto* to) {
          at::parallel_for(0, pixels.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
            depthwise(shape, {begin, end}, from, taps.const_data_ptr<float>(), to);
          });
        },
        pixels, result);
    return result;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const DepthwiseShape shape = shape_of(saved[0], *reinterpret_cast<const Node*>(context->saved_data["node"].toInt()));
    const at::Tensor gradient = gradients[0].contiguous();
    return {context->needs_input_grad(0) ? gradient_of_image(shape, gradient, saved[1]) : at::Tensor{},
            context->needs_input_grad(1) ? gradient_of_taps(shape, saved[0], gradient) : at::Tensor{},
            {}};
  }
};

}  // namespace

bool is_depthwise(const Node& node) {
  return node.groups > 1 && node.groups == node.shape[0] && node.parameters.size() == 1 && node.parameters[0].shape[1] == 1 &&
         node.groups % depthwise_step == 0;
}

at::Tensor depthwise_convolution(const at::Tensor& x, const Node& node, const at::Tensor& weight) {
  const at::Tensor pixels = x.permute({0, 2, 3, 1}).contiguous();
  const at::Tensor taps = weight.squeeze(1).permute({1, 2, 0}).contiguous();
  return Depthwise::apply(pixels, taps, &node).permute({0, 3, 1, 2});
}

}  // namespace lensfind::train
