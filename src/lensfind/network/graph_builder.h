#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lensfind/network/graph.h"

namespace lensfind::network {

/// The output of a node, while a graph is being built.
struct Tensor {
  int node = -1;
};

/// How a convolution is built.
struct ConvOptions {
  std::int64_t kernel = 1;  ///< of height and width
  std::int64_t stride = 1;
  std::int64_t groups = 1;
  bool bias = false;
  bool same = false;   ///< TensorFlow's SAME padding, more on the right and bottom; false: (kernel - 1) / 2 all round
  bool padded = true;  ///< false: no padding at all
  Sharing sharing =
      Sharing::none;  ///< else outputs, and for Sharing::regular inputs, are a multiple of 8; groups 1, no bias, padding all round
};

/// How a pooling is built.
struct PoolOptions {
  std::int64_t kernel = 2;
  std::int64_t stride = 2;
  std::int64_t padding = 0;
};

/// How a batch norm is built.
struct BatchNormOptions {
  double epsilon = 1e-5;
  double first_weight = 1;  ///< 0 where a residual branch starts as zero
  bool shared = false;      ///< one weight for a field of 8 channels (Sharing::regular)
};

/// How timm starts a linear layer. As torch does: weight and bias uniform within 1 / sqrt(inputs). As EfficientNet does: weight uniform
/// within 1 / sqrt(outputs), no bias. As its configurable networks do: weight normal with standard deviation .01, no bias.
enum class LinearStart { torch_default, uniform_fan_out, normal_hundredth };

/// Builds a Graph node by node and works out every shape. A node that does not fit throws Error with its name and its inputs' shapes.
/// Convolutions start normal with standard deviation sqrt(2 / (kernel area x outputs / groups)) and without bias, as in all of timm's
/// networks here (He et al. 2015).
class GraphBuilder {
 public:
  Tensor input(std::vector<std::int64_t> shape);  ///< (bands, height, width); once, and first
  Tensor conv(Tensor x, std::int64_t outputs, const ConvOptions& options, const std::string& name);
  Tensor batch_norm(Tensor x, const std::string& name, const BatchNormOptions& options = {});
  Tensor group_norm(Tensor x, std::int64_t groups, const std::string& name, double epsilon = 1e-5);
  Tensor relu(Tensor x);
  Tensor relu6(Tensor x);
  Tensor silu(Tensor x);
  Tensor sigmoid(Tensor x);
  Tensor hard_swish(Tensor x);
  Tensor softmax(Tensor x, std::int64_t axis);  ///< axes here and below count the batch dimension and may be negative: -1 is the last
  Tensor max_pool(Tensor x, const PoolOptions& options);
  Tensor average_pool(Tensor x, const PoolOptions& options);
  Tensor global_average(Tensor x);  ///< (channels, 1, 1)
  Tensor linear(Tensor x, std::int64_t outputs, const std::string& name, LinearStart start = LinearStart::torch_default);
  Tensor add(Tensor a, Tensor b);
  Tensor multiply(Tensor a, Tensor b);
  Tensor concat(std::span<const Tensor> parts, std::int64_t axis);
  Tensor slice(Tensor x, std::int64_t axis, std::int64_t begin, std::int64_t end);
  Tensor reshape(Tensor x, std::vector<std::int64_t> shape);    ///< without the batch dimension; one length may be -1
  Tensor transpose(Tensor x, std::vector<std::int64_t> order);  ///< of all dimensions; the batch dimension stays first
  Tensor flatten(Tensor x);                                     ///< (features)
  Tensor sum(Tensor x, std::int64_t axis);
  Tensor mean(Tensor x, std::int64_t axis);
  Tensor maximum(Tensor x, std::int64_t axis);
  Tensor matmul(Tensor a, Tensor b, double scale = 1);  ///< of the last two dimensions; those before are equal
  Tensor dropout(Tensor x, double probability);         ///< x itself where the probability is 0
  Tensor drop_path(Tensor x, double probability);       ///< likewise

  /// Shape without the batch dimension.
  [[nodiscard]] const std::vector<std::int64_t>& shape(Tensor x) const;

  /// The finished graph. Its output is `x`, the node added last. Throws Error for another output, an output that is no (outputs), a node
  /// nobody reads, or two parameters of one name.
  Graph finish(Tensor x) &&;

 private:
  [[nodiscard]] Tensor push(Node node);
  [[nodiscard]] Node unary(Operation operation, Tensor x) const;
  [[nodiscard]] Tensor pool(Operation operation, Tensor x, const PoolOptions& options);
  [[nodiscard]] Tensor along(Operation operation, Tensor x, std::int64_t axis);
  [[nodiscard]] Tensor elementwise(Operation operation, Tensor a, Tensor b);
  [[nodiscard]] std::int64_t axis_of(Tensor x, std::int64_t axis, std::string_view what) const;

  Graph graph_;
};

}  // namespace lensfind::network
