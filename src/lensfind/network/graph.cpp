#include "lensfind/network/graph.h"

#include <array>
#include <functional>
#include <numeric>

namespace lensfind::network {

std::string_view operation_name(Operation operation) {
  static constexpr std::array<std::string_view, 27> names{
      "input",      "quality", "conv2d",    "batch_norm",   "group_norm",     "relu",    "relu6",  "silu",     "sigmoid",
      "hard_swish", "softmax", "max_pool",  "average_pool", "global_average", "linear",  "add",    "multiply", "concat",
      "slice",      "reshape", "transpose", "sum",          "mean",           "maximum", "matmul", "dropout",  "drop_path"};
  static_assert(names.size() == static_cast<std::size_t>(Operation::drop_path) + 1);
  return names.at(static_cast<std::size_t>(operation));
}

std::int64_t Parameter::count() const { return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>{}); }

std::vector<Parameter> Graph::parameters() const {
  std::vector<Parameter> all;
  for (const Node& node : nodes) all.insert(all.end(), node.parameters.begin(), node.parameters.end());
  return all;
}

std::int64_t Graph::parameter_count() const {
  std::int64_t count = 0;
  for (const Parameter& parameter : parameters()) count += parameter.trainable ? parameter.count() : 0;
  return count;
}

std::int64_t Node::multiply_adds() const {
  if (operation == Operation::linear) return parameters.at(0).count();
  // Each weight of a convolution is used once at every position of the output.
  if (operation != Operation::conv2d) return 0;
  const std::int64_t kernels = sharing == Sharing::none ? 1 : 8;
  return kernels * parameters.at(0).count() * shape.at(1) * shape.at(2);
}

std::int64_t Graph::multiply_adds() const {
  std::int64_t count = 0;
  for (const Node& node : nodes) count += node.multiply_adds();
  return count;
}

}  // namespace lensfind::network
