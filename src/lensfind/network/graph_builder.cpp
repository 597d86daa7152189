#include "lensfind/network/graph_builder.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"

namespace lensfind::network {
namespace {

using Shape = std::vector<std::int64_t>;

constexpr auto builder_hint = "the network's function builds it wrongly, or the cutouts are too small for it";

void require(bool fits, const Node& node, const std::string& what) {
  if (fits) return;
  throw Error{fmt::format("{}{}{}: {}", operation_name(node.operation), node.name.empty() ? "" : " ", node.name, what), builder_hint};
}

std::int64_t count(const Shape& shape) { return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>{}); }

Initialisation normal(double std_dev) { return {Initialisation::Kind::normal, std_dev}; }
Initialisation uniform(double half_width) { return {Initialisation::Kind::uniform, half_width}; }
Initialisation constant(double value) { return {Initialisation::Kind::constant, value}; }

/// Padding before and behind, so that the output has ceil(length / stride) positions.
std::pair<std::int64_t, std::int64_t> same_padding(std::int64_t length, std::int64_t kernel, std::int64_t stride) {
  const std::int64_t positions = (length + stride - 1) / stride;
  const std::int64_t all = std::max<std::int64_t>(0, (positions - 1) * stride + kernel - length);
  return {all / 2, all - all / 2};
}

/// (height, width) of what a window slides over with the node's kernel, stride and padding.
std::pair<std::int64_t, std::int64_t> windows(const Node& node, std::int64_t height, std::int64_t width) {
  const std::int64_t room_down = height + node.padding[0] + node.padding[2] - node.kernel[0];
  const std::int64_t room_across = width + node.padding[1] + node.padding[3] - node.kernel[1];
  require(room_down >= 0 && room_across >= 0, node,
          fmt::format("a window of {}x{} does not fit into {}x{}", node.kernel[0], node.kernel[1], height, width));
  return {room_down / node.stride[0] + 1, room_across / node.stride[1] + 1};
}

void require_shareable(const Node& node, std::int64_t inputs, std::int64_t outputs, const ConvOptions& options) {
  require(outputs % 8 == 0 && (node.sharing == Sharing::lifting || inputs % 8 == 0), node,
          fmt::format("shares its kernels among 8 symmetries, but takes {} channels to {}", inputs, outputs));
  require(options.groups == 1 && !options.bias && !options.same, node, "shares its kernels, so it has one group, no bias and even padding");
}

std::vector<Parameter> affine(const std::string& name, std::int64_t channels, double first_weight) {
  return {{name + ".weight", {channels}, true, constant(first_weight)}, {name + ".bias", {channels}, true, constant(0)}};
}

}  // namespace

const Shape& GraphBuilder::shape(Tensor x) const {
  if (x.node < 0 || x.node >= static_cast<int>(graph_.nodes.size()))
    throw Error{"a tensor of another graph, or of none, was used", builder_hint};
  return graph_.nodes[static_cast<std::size_t>(x.node)].shape;
}

Tensor GraphBuilder::push(Node node) {
  require(std::all_of(node.shape.begin(), node.shape.end(), [](std::int64_t length) { return length > 0; }), node,
          fmt::format("would have the shape ({})", fmt::join(node.shape, ", ")));
  graph_.nodes.push_back(std::move(node));
  return {static_cast<int>(graph_.nodes.size()) - 1};
}

Node GraphBuilder::unary(Operation operation, Tensor x) const {
  Node node{.operation = operation, .inputs = {x.node}, .shape = shape(x)};
  return node;
}

std::int64_t GraphBuilder::axis_of(Tensor x, std::int64_t axis, std::string_view what) const {
  const auto rank = static_cast<std::int64_t>(shape(x).size()) + 1;
  const std::int64_t from_front = axis < 0 ? axis + rank : axis;
  if (from_front < 1 || from_front >= rank) {
    throw Error{fmt::format("{}: axis {} of a tensor of {} dimensions (the batch is dimension 0 and stays whole)", what, axis, rank),
                builder_hint};
  }
  return from_front;
}

Tensor GraphBuilder::input(Shape shape) {
  Node node{.operation = Operation::input, .shape = std::move(shape)};
  require(graph_.nodes.empty(), node, "must be the first node, and the only one of its kind");
  require(node.shape.size() == 3, node, "must be (bands, height, width)");
  graph_.bands = static_cast<int>(node.shape[0]);
  graph_.size = static_cast<int>(node.shape[1]);
  return push(std::move(node));
}

Tensor GraphBuilder::conv(Tensor x, std::int64_t outputs, const ConvOptions& options, const std::string& name) {
  Node node = unary(Operation::conv2d, x);
  node.name = name;
  const Shape in = node.shape;
  require(in.size() == 3, node, fmt::format("wants (channels, height, width), not ({})", fmt::join(in, ", ")));
  require(options.groups > 0 && in[0] % options.groups == 0 && outputs % options.groups == 0, node,
          fmt::format("{} channels to {} in {} groups", in[0], outputs, options.groups));
  node.kernel = {options.kernel, options.kernel};
  node.stride = {options.stride, options.stride};
  node.groups = options.groups;
  node.sharing = options.sharing;
  if (node.sharing != Sharing::none) require_shareable(node, in[0], outputs, options);
  const std::int64_t around = options.padded ? (options.kernel - 1) / 2 : 0;
  node.padding = {around, around, around, around};
  if (options.same) {
    const auto [top, bottom] = same_padding(in[1], options.kernel, options.stride);
    const auto [left, right] = same_padding(in[2], options.kernel, options.stride);
    node.padding = {top, left, bottom, right};
  }
  const auto [height, width] = windows(node, in[1], in[2]);
  node.shape = {outputs, height, width};
  const std::int64_t outputs_a_group = outputs / options.groups;
  const auto fan_out = static_cast<double>(options.kernel * options.kernel * outputs_a_group);
  const std::int64_t stored = node.sharing == Sharing::none ? outputs : outputs / 8;
  node.parameters = {
      {name + ".weight", {stored, in[0] / options.groups, options.kernel, options.kernel}, true, normal(std::sqrt(2 / fan_out))}};
  if (options.bias) node.parameters.push_back({name + ".bias", {outputs}, true, constant(0)});
  return push(std::move(node));
}

Tensor GraphBuilder::batch_norm(Tensor x, const std::string& name, const BatchNormOptions& options) {
  Node node = unary(Operation::batch_norm, x);
  node.name = name;
  require(node.shape.size() == 3, node, "wants (channels, height, width)");
  node.epsilon = options.epsilon;
  require(!options.shared || node.shape[0] % 8 == 0, node, fmt::format("{} channels are no fields of 8", node.shape[0]));
  const std::int64_t stored = options.shared ? node.shape[0] / 8 : node.shape[0];
  if (options.shared) node.sharing = Sharing::regular;
  node.parameters = affine(name, stored, options.first_weight);
  node.parameters.push_back({name + ".running_mean", {stored}, false, constant(0)});
  node.parameters.push_back({name + ".running_var", {stored}, false, constant(1)});
  return push(std::move(node));
}

Tensor GraphBuilder::group_norm(Tensor x, std::int64_t groups, const std::string& name, double epsilon) {
  Node node = unary(Operation::group_norm, x);
  node.name = name;
  require(groups > 0 && node.shape[0] % groups == 0, node, fmt::format("{} channels in {} groups", node.shape[0], groups));
  node.groups = groups;
  node.epsilon = epsilon;
  node.parameters = affine(name, node.shape[0], 1);
  return push(std::move(node));
}

Tensor GraphBuilder::relu(Tensor x) { return push(unary(Operation::relu, x)); }
Tensor GraphBuilder::relu6(Tensor x) { return push(unary(Operation::relu6, x)); }
Tensor GraphBuilder::silu(Tensor x) { return push(unary(Operation::silu, x)); }
Tensor GraphBuilder::sigmoid(Tensor x) { return push(unary(Operation::sigmoid, x)); }
Tensor GraphBuilder::hard_swish(Tensor x) { return push(unary(Operation::hard_swish, x)); }

Tensor GraphBuilder::softmax(Tensor x, std::int64_t axis) {
  Node node = unary(Operation::softmax, x);
  node.axis = axis_of(x, axis, "softmax");
  return push(std::move(node));
}

Tensor GraphBuilder::pool(Operation operation, Tensor x, const PoolOptions& options) {
  Node node = unary(operation, x);
  require(node.shape.size() == 3, node, "wants (channels, height, width)");
  node.kernel = {options.kernel, options.kernel};
  node.stride = {options.stride, options.stride};
  node.padding = Shape(4, options.padding);
  const auto [height, width] = windows(node, node.shape[1], node.shape[2]);
  node.shape = {node.shape[0], height, width};
  return push(std::move(node));
}

Tensor GraphBuilder::max_pool(Tensor x, const PoolOptions& options) { return pool(Operation::max_pool, x, options); }
Tensor GraphBuilder::average_pool(Tensor x, const PoolOptions& options) { return pool(Operation::average_pool, x, options); }

Tensor GraphBuilder::global_average(Tensor x) {
  Node node = unary(Operation::global_average, x);
  require(node.shape.size() == 3, node, "wants (channels, height, width)");
  node.shape = {node.shape[0], 1, 1};
  return push(std::move(node));
}

Tensor GraphBuilder::linear(Tensor x, std::int64_t outputs, const std::string& name, LinearStart start) {
  Node node = unary(Operation::linear, x);
  node.name = name;
  require(node.shape.size() == 1, node, fmt::format("wants (features), not ({})", fmt::join(node.shape, ", ")));
  const std::int64_t inputs = node.shape[0];
  Initialisation weight = normal(.01);
  if (start == LinearStart::torch_default) weight = uniform(1 / std::sqrt(static_cast<double>(inputs)));
  if (start == LinearStart::uniform_fan_out) weight = uniform(1 / std::sqrt(static_cast<double>(outputs)));
  node.parameters = {{name + ".weight", {outputs, inputs}, true, weight},
                     {name + ".bias", {outputs}, true, start == LinearStart::torch_default ? weight : constant(0)}};
  node.shape = {outputs};
  return push(std::move(node));
}

Tensor GraphBuilder::elementwise(Operation operation, Tensor a, Tensor b) {
  Node node{.operation = operation, .inputs = {a.node, b.node}, .shape = shape(a)};
  const Shape& other = shape(b);
  const std::string shapes = fmt::format("({}) and ({})", fmt::join(node.shape, ", "), fmt::join(other, ", "));
  require(node.shape.size() == other.size(), node, shapes + " do not fit");
  for (std::size_t i = 0; i < other.size(); ++i) {
    require(node.shape[i] == other[i] || node.shape[i] == 1 || other[i] == 1, node, shapes + " do not fit");
    node.shape[i] = std::max(node.shape[i], other[i]);
  }
  return push(std::move(node));
}

Tensor GraphBuilder::add(Tensor a, Tensor b) { return elementwise(Operation::add, a, b); }
Tensor GraphBuilder::multiply(Tensor a, Tensor b) { return elementwise(Operation::multiply, a, b); }

Tensor GraphBuilder::concat(std::span<const Tensor> parts, std::int64_t axis) {
  Node node{.operation = Operation::concat};
  require(!parts.empty(), node, "nothing to join");
  node.axis = axis_of(parts[0], axis, "concat");
  const auto along = static_cast<std::size_t>(node.axis - 1);
  node.shape = shape(parts[0]);
  node.shape[along] = 0;
  for (const Tensor part : parts) {
    Shape rest = shape(part);
    require(rest.size() == node.shape.size(), node, "the parts differ in rank");
    std::swap(rest[along], node.shape[along]);
    const std::int64_t length = node.shape[along];
    node.shape[along] = rest[along];
    require(rest == node.shape, node, fmt::format("the parts differ off axis {}", node.axis));
    node.shape[along] += length;
    node.inputs.push_back(part.node);
  }
  return push(std::move(node));
}

Tensor GraphBuilder::slice(Tensor x, std::int64_t axis, std::int64_t begin, std::int64_t end) {
  Node node = unary(Operation::slice, x);
  node.axis = axis_of(x, axis, "slice");
  std::int64_t& length = node.shape[static_cast<std::size_t>(node.axis - 1)];
  require(0 <= begin && begin < end && end <= length, node, fmt::format("[{}, {}) of {}", begin, end, length));
  node.begin = begin;
  node.end = end;
  length = end - begin;
  return push(std::move(node));
}

Tensor GraphBuilder::reshape(Tensor x, Shape wanted) {
  Node node = unary(Operation::reshape, x);
  const std::int64_t values = count(node.shape);
  if (const auto open = std::find(wanted.begin(), wanted.end(), -1); open != wanted.end()) {
    *open = 1;
    *open = values / std::max<std::int64_t>(1, count(wanted));
  }
  require(count(wanted) == values, node, fmt::format("({}) to ({})", fmt::join(node.shape, ", "), fmt::join(wanted, ", ")));
  node.shape = wanted;
  node.dimensions = std::move(wanted);
  return push(std::move(node));
}

Tensor GraphBuilder::flatten(Tensor x) { return reshape(x, {-1}); }

Tensor GraphBuilder::transpose(Tensor x, Shape order) {
  Node node = unary(Operation::transpose, x);
  Shape sorted = order;
  std::sort(sorted.begin(), sorted.end());
  Shape all(shape(x).size() + 1);
  std::iota(all.begin(), all.end(), 0);
  require(sorted == all && order[0] == 0, node,
          fmt::format("({}) is no order of {} dimensions with the batch first", fmt::join(order, ", "), all.size()));
  for (std::size_t i = 1; i < order.size(); ++i) node.shape[i - 1] = shape(x)[static_cast<std::size_t>(order[i] - 1)];
  node.dimensions = std::move(order);
  return push(std::move(node));
}

Tensor GraphBuilder::along(Operation operation, Tensor x, std::int64_t axis) {
  Node node = unary(operation, x);
  node.axis = axis_of(x, axis, operation_name(operation));
  node.shape[static_cast<std::size_t>(node.axis - 1)] = 1;
  return push(std::move(node));
}

Tensor GraphBuilder::sum(Tensor x, std::int64_t axis) { return along(Operation::sum, x, axis); }
Tensor GraphBuilder::mean(Tensor x, std::int64_t axis) { return along(Operation::mean, x, axis); }
Tensor GraphBuilder::maximum(Tensor x, std::int64_t axis) { return along(Operation::maximum, x, axis); }

Tensor GraphBuilder::matmul(Tensor a, Tensor b, double scale) {
  Node node{.operation = Operation::matmul, .inputs = {a.node, b.node}, .shape = shape(a)};
  Shape other = shape(b);
  const std::size_t rank = node.shape.size();
  const std::string shapes = fmt::format("({}) and ({})", fmt::join(node.shape, ", "), fmt::join(other, ", "));
  require(rank >= 2 && rank == other.size() && node.shape[rank - 1] == other[rank - 2] &&
              std::equal(other.begin(), other.end() - 2, node.shape.begin()),
          node, shapes + " do not fit");
  node.shape[rank - 1] = other[rank - 1];
  node.scale = scale;
  return push(std::move(node));
}

Tensor GraphBuilder::dropout(Tensor x, double probability) {
  Node node = unary(Operation::dropout, x);
  require(probability >= 0 && probability < 1, node, fmt::format("probability {}", probability));
  node.probability = probability;
  return probability == 0 ? x : push(std::move(node));
}

Tensor GraphBuilder::drop_path(Tensor x, double probability) {
  Node node = unary(Operation::drop_path, x);
  require(probability >= 0 && probability < 1, node, fmt::format("probability {}", probability));
  node.probability = probability;
  return probability == 0 ? x : push(std::move(node));
}

Graph GraphBuilder::finish(Tensor x) && {
  const Node& last = graph_.nodes.at(static_cast<std::size_t>(std::max(x.node, 0)));
  require(x.node == static_cast<int>(graph_.nodes.size()) - 1, last, "is not the node added last, so it cannot be the output");
  require(last.shape.size() == 1, last, fmt::format("the output must be (outputs), not ({})", fmt::join(last.shape, ", ")));
  std::vector<bool> read(graph_.nodes.size(), false);
  std::set<std::string> names;
  for (const Node& node : graph_.nodes) {
    for (const int input : node.inputs) read[static_cast<std::size_t>(input)] = true;
    for (const Parameter& parameter : node.parameters) require(names.insert(parameter.name).second, node, "two parameters have one name");
  }
  for (std::size_t i = 0; i + 1 < graph_.nodes.size(); ++i) require(read[i], graph_.nodes[i], "nobody reads this node");
  graph_.outputs = static_cast<int>(last.shape[0]);
  return std::move(graph_);
}

}  // namespace lensfind::network
