#include "lensfind/train/executor.h"

#include <algorithm>
#include <limits>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/variable.h>

#include "lensfind/base/error.h"
#include "lensfind/train/depthwise_convolution.h"
#include "lensfind/train/matrix_convolution.h"
#include "lensfind/train/shared_kernel.h"

namespace lensfind::train {

using network::Node;
using network::Operation;

namespace {

at::MemoryFormat format(Layout layout) {
  return layout == Layout::channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
}

bool is_symmetric(const Node& node) { return node.padding[0] == node.padding[2] && node.padding[1] == node.padding[3]; }

/// libtorch pads both sides alike; timm's SAME padding does not, so it is added beforehand.
at::Tensor padded(const at::Tensor& x, const Node& node, double value) {
  return at::constant_pad_nd(x, {node.padding[1], node.padding[3], node.padding[0], node.padding[2]}, value);
}

at::Tensor convolve(const at::Tensor& x, const Node& node, const at::Tensor& weight, const at::Tensor& bias) {
  if (is_symmetric(node))
    return at::conv2d(x, weight, bias, node.stride, at::IntArrayRef{node.padding[0], node.padding[1]}, {1, 1}, node.groups);
  return at::conv2d(padded(x, node, 0), weight, bias, node.stride, at::IntArrayRef{0, 0}, {1, 1}, node.groups);
}

at::Tensor max_pool(const at::Tensor& x, const Node& node) {
  if (is_symmetric(node)) return at::max_pool2d(x, node.kernel, node.stride, {node.padding[0], node.padding[1]});
  return at::max_pool2d(padded(x, node, -std::numeric_limits<double>::infinity()), node.kernel, node.stride);
}

at::Tensor average_pool(const at::Tensor& x, const Node& node) {
  if (is_symmetric(node)) return at::avg_pool2d(x, node.kernel, node.stride, {node.padding[0], node.padding[1]}, false, false);
  const at::Tensor inside = at::ones({1, 1, x.size(2), x.size(3)}, x.options());
  return at::avg_pool2d(padded(x, node, 0), node.kernel, node.stride) / at::avg_pool2d(padded(inside, node, 0), node.kernel, node.stride);
}

at::Tensor reshape(const at::Tensor& x, const Node& node) {
  std::vector<std::int64_t> shape{x.size(0)};
  shape.insert(shape.end(), node.dimensions.begin(), node.dimensions.end());
  return x.reshape(shape);
}

/// (n, 8 x fields, height, width) as (n, fields, height, 8 x width), and back. In channels last it is the same memory.
at::Tensor by_field(const at::Tensor& x) {
  return x.permute({0, 2, 3, 1}).reshape({x.size(0), x.size(2), x.size(3) * 8, x.size(1) / 8}).permute({0, 3, 1, 2});
}

at::Tensor by_channel(const at::Tensor& x) {
  return x.permute({0, 2, 3, 1}).reshape({x.size(0), x.size(2), x.size(3) / 8, x.size(1) * 8}).permute({0, 3, 1, 2});
}

at::Tensor drop_path(const at::Tensor& x, double probability) {
  std::vector<std::int64_t> one_an_item(static_cast<std::size_t>(x.dim()), 1);
  one_an_item[0] = x.size(0);
  const double kept = 1 - probability;
  return x * at::empty(one_an_item, x.options()).bernoulli_(kept).div_(kept);
}

at::Tensor host_tensor(const network::Array& array) {
  // from_blob wants a pointer that it could write through; the copy that follows only reads.
  return at::from_blob(const_cast<float*>(array.values.data()), array.shape, at::kFloat);  // NOLINT
}

}  // namespace

Executor::Executor(network::Graph graph, const network::Weights& weights, const std::string& device, std::vector<std::string> frozen,
                   Layout layout)
    : graph_{std::move(graph)},
      device_{device},
      frozen_{std::move(frozen)},
      layout_{layout},
      has_own_kernels_{device_ == "cpu" && layout_ == Layout::channels_last} {
  network::check_weights(graph_, weights, graph_.name);
  const at::Device place{device_};
  for (const Node& node : graph_.nodes) {
    first_tensor_.push_back(tensors_.size());
    for (const network::Parameter& parameter : node.parameters) {
      at::Tensor tensor = host_tensor(weights.at(parameter.name)).clone().to(place);
      if (tensor.dim() == 4) tensor = tensor.contiguous(format(layout_));
      if (parameter.trainable && !is_frozen(parameter.name)) {
        tensor.set_requires_grad(true);
        trained_.push_back(tensor);
        trained_names_.push_back(parameter.name);
      } else if (!parameter.trainable && !is_frozen(parameter.name)) {
        running_.push_back(tensor);
      }
      tensors_.push_back(tensor);
    }
    const bool shares = node.operation == Operation::conv2d && node.sharing != network::Sharing::none;
    kernel_indices_.push_back(shares ? shared_kernel_indices(node).to(place) : at::Tensor{});
  }
  find_uses();
}

bool Executor::is_frozen(const std::string& name) const {
  return std::any_of(frozen_.begin(), frozen_.end(), [&](const std::string& prefix) { return name.starts_with(prefix); });
}

void Executor::find_uses() {
  const std::size_t count = graph_.nodes.size();
  std::vector<int> uses(count, 0);
  last_use_.assign(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    last_use_[i] = std::max(last_use_[i], i);
    for (const int input : graph_.nodes[i].inputs) {
      ++uses[static_cast<std::size_t>(input)];
      last_use_[static_cast<std::size_t>(input)] = i;
    }
  }
  for (const Node& node : graph_.nodes) {
    // The gradients of batch norm and of a sum do not need their result, so a relu may be written over it. (relu6's gradient needs its own
    // input, which torch would copy first: it is written over only where no gradient is wanted.)
    const auto input = node.inputs.empty() ? 0 : static_cast<std::size_t>(node.inputs[0]);
    // (A shared norm gives a view, and gradients through a view that was written over are copied.)
    const Node& producer = graph_.nodes[input];
    const bool free =
        producer.operation == Operation::add || (producer.operation == Operation::batch_norm && producer.sharing == network::Sharing::none);
    may_overwrite_.push_back((node.operation == Operation::relu || node.operation == Operation::relu6) && uses[input] == 1 && free);
  }
}

at::Tensor Executor::forward(const at::Tensor& cutouts, Mode mode, const at::Tensor& quality) {
  return run_until(graph_.nodes.size(), cutouts, mode, quality).back();
}

at::Tensor Executor::forward(const at::Tensor& cutouts, Mode mode) { return forward(cutouts, mode, {}); }

at::Tensor Executor::before_head(const at::Tensor& cutouts, const at::Tensor& quality) {
  const std::size_t head = graph_.nodes.size() - 1;
  return run_until(head, cutouts, Mode::evaluation, quality)[static_cast<std::size_t>(graph_.nodes[head].inputs[0])];
}

at::Tensor Executor::before_head(const at::Tensor& cutouts) { return before_head(cutouts, at::Tensor{}); }

at::Tensor Executor::value_of(std::size_t node, const at::Tensor& cutouts, Mode mode, const at::Tensor& quality) {
  return run_until(node + 1, cutouts, mode, quality)[node];
}

at::Tensor Executor::value_of(std::size_t node, const at::Tensor& cutouts, Mode mode) { return value_of(node, cutouts, mode, {}); }

std::vector<at::Tensor> Executor::run_until(std::size_t end, const at::Tensor& cutouts, Mode mode, const at::Tensor& quality) {
  std::vector<at::Tensor> values(graph_.nodes.size());
  values[0] = cutouts.contiguous(format(layout_));
  for (std::size_t i = 1; i < end; ++i) {
    if (graph_.nodes[i].operation == Operation::quality) {
      values[i] = quality.defined() ? quality : at::zeros({cutouts.size(0), graph_.nodes[i].shape[0]}, cutouts.options());
      continue;
    }
    values[i] = run(i, values, mode);
    for (const int input : graph_.nodes[i].inputs) {
      if (last_use_[static_cast<std::size_t>(input)] == i) values[static_cast<std::size_t>(input)].reset();
    }
  }
  return values;
}

at::Tensor Executor::run(std::size_t index, std::vector<at::Tensor>& values, Mode mode) const {
  const Node& node = graph_.nodes[index];
  const bool training = mode == Mode::training;
  const auto input = [&](std::size_t i) -> at::Tensor& { return values[static_cast<std::size_t>(node.inputs[i])]; };
  const bool shares = node.sharing != network::Sharing::none;
  const auto parameter = [&](std::size_t i) { return i < node.parameters.size() ? tensors_[first_tensor_[index] + i] : at::Tensor{}; };
  const auto kernel = [&] {
    return shares ? shared_kernel(parameter(0), kernel_indices_[index]).contiguous(format(layout_)) : parameter(0);
  };
  at::Tensor& x = input(0);
  switch (node.operation) {
    case Operation::input:
    case Operation::quality:
      return x;
    case Operation::conv2d:
      if (has_own_kernels_ && is_depthwise(node)) return depthwise_convolution(x, node, parameter(0));
      if (has_own_kernels_ && pays_as_matrix_product(node)) return matrix_convolution(x, node, kernel(), parameter(1));
      return convolve(x, node, kernel(), parameter(1));
    case Operation::batch_norm: {
      const at::Tensor normal = at::batch_norm(shares ? by_field(x) : x, parameter(0), parameter(1), parameter(2), parameter(3),
                                               training && !is_frozen(node.name), node.momentum, node.epsilon, true);
      return shares ? by_channel(normal) : normal;
    }
    case Operation::group_norm:
      return at::group_norm(x, node.groups, parameter(0), parameter(1), node.epsilon);
    case Operation::relu:
      return may_overwrite_[index] ? x.relu_() : at::relu(x);
    case Operation::relu6:
      return may_overwrite_[index] && !at::GradMode::is_enabled() ? x.clamp_(0, 6) : at::clamp(x, 0, 6);
    case Operation::silu:
      return at::silu(x);
    case Operation::sigmoid:
      return at::sigmoid(x);
    case Operation::hard_swish:
      return at::hardswish(x);
    case Operation::softmax:
      return at::softmax(x, node.axis);
    case Operation::max_pool:
      return max_pool(x, node);
    case Operation::average_pool:
      return average_pool(x, node);
    case Operation::global_average:
      return x.mean(at::IntArrayRef{2, 3}, true);
    case Operation::linear:
      return at::linear(x, parameter(0), parameter(1));
    case Operation::add:
      return x + input(1);
    case Operation::multiply:
      return x * input(1);
    case Operation::concat: {
      std::vector<at::Tensor> parts;
      for (std::size_t i = 0; i < node.inputs.size(); ++i) parts.push_back(input(i));
      return at::cat(parts, node.axis);
    }
    case Operation::slice:
      return x.slice(node.axis, node.begin, node.end);
    case Operation::reshape:
      return reshape(x, node);
    case Operation::transpose:
      return x.permute(node.dimensions);
    case Operation::sum:
      return x.sum(at::IntArrayRef{node.axis}, true);
    case Operation::mean:
      return x.mean(at::IntArrayRef{node.axis}, true);
    case Operation::maximum:
      return x.amax(at::IntArrayRef{node.axis}, true);
    case Operation::matmul: {
      const at::Tensor product = at::matmul(x, input(1));
      return node.scale == 1 ? product : product * node.scale;
    }
    case Operation::dropout:
      return at::dropout(x, node.probability, training);
    case Operation::drop_path:
      return training && node.probability > 0 ? drop_path(x, node.probability) : x;
  }
  throw Error{std::string{network::operation_name(node.operation)} + ": no such operation here",
              "this is a fault of lensfind; please report it"};
}

network::Weights Executor::weights() const {
  network::Weights out;
  std::size_t i = 0;
  for (const network::Parameter& parameter : graph_.parameters()) out.emplace(parameter.name, to_array(tensors_[i++]));
  return out;
}

void Executor::set_weights(const network::Weights& weights) {
  network::check_weights(graph_, weights, graph_.name);
  std::size_t i = 0;
  for (const network::Parameter& parameter : graph_.parameters()) copy_into(tensors_[i++], weights.at(parameter.name));
}

network::Array to_array(const at::Tensor& tensor) {
  const at::Tensor host = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  const float* values = host.const_data_ptr<float>();
  return {host.sizes().vec(), {values, values + host.numel()}};
}

void copy_into(const at::Tensor& tensor, const network::Array& array) {
  const at::NoGradGuard no_gradient;
  tensor.copy_(host_tensor(array));
}

}  // namespace lensfind::train
