#pragma once

#include <string>
#include <vector>

#include "lensfind/network/graph.h"
#include "lensfind/network/weights.h"

namespace at {
class Tensor;  // libtorch's headers stay in this room's .cpp files
}

namespace lensfind::train {

/// In training mode batch norms use the batch's statistics and update their running ones, and dropout and drop-path drop.
enum class Mode { training, evaluation };

/// How libtorch lays out images and kernels in memory. Channels last is faster. Results differ by float rounding.
enum class Layout { channels_last, contiguous };

/// Runs a network::Graph on libtorch, with gradients: training and the reference for every other engine. Holds the weights.
class Executor {
 public:
  /// `device`: "cpu" or "cuda". Parameters whose name begins with one of `frozen` get no gradient, and their batch norms stay in evaluation
  /// mode. Throws Error where `weights` do not fit `graph`.
  Executor(network::Graph graph, const network::Weights& weights, const std::string& device, std::vector<std::string> frozen = {},
           Layout layout = Layout::channels_last);

  /// Logits (n, outputs) of preprocessed cutouts (n, bands, size, size) on the device. Random numbers come from libtorch's generator of the
  /// device. `quality`: of networks with FiLM (network/film.h) the standardised quality, (n, 2 x bands); undefined: of none it is known.
  at::Tensor forward(const at::Tensor& cutouts, Mode mode, const at::Tensor& quality);
  at::Tensor forward(const at::Tensor& cutouts, Mode mode);

  /// What the last layer takes, in evaluation mode; of the same cutouts.
  at::Tensor before_head(const at::Tensor& cutouts, const at::Tensor& quality);
  at::Tensor before_head(const at::Tensor& cutouts);

  /// What a node of graph().nodes gives, (n, ...); of the same cutouts. No later node is computed.
  at::Tensor value_of(std::size_t node, const at::Tensor& cutouts, Mode mode, const at::Tensor& quality);
  at::Tensor value_of(std::size_t node, const at::Tensor& cutouts, Mode mode);

  /// What training changes by gradient, in the graph's order, with their names.
  [[nodiscard]] const std::vector<at::Tensor>& trained() const { return trained_; }
  [[nodiscard]] const std::vector<std::string>& trained_names() const { return trained_names_; }
  /// What training mode changes besides: means and variances of batch norms that are not frozen.
  [[nodiscard]] const std::vector<at::Tensor>& running() const { return running_; }
  /// All parameters and buffers, in the order of graph().parameters().
  [[nodiscard]] const std::vector<at::Tensor>& tensors() const { return tensors_; }

  [[nodiscard]] network::Weights weights() const;
  /// Replaces the values of all parameters and buffers.
  void set_weights(const network::Weights& weights);

  [[nodiscard]] const network::Graph& graph() const { return graph_; }
  [[nodiscard]] const std::string& device() const { return device_; }

 private:
  /// Values of the nodes before `end`; those that nothing before `end` or at it reads any more are empty.
  std::vector<at::Tensor> run_until(std::size_t end, const at::Tensor& cutouts, Mode mode, const at::Tensor& quality);
  at::Tensor run(std::size_t node, std::vector<at::Tensor>& values, Mode mode) const;
  [[nodiscard]] bool is_frozen(const std::string& name) const;
  void find_uses();

  network::Graph graph_;
  std::string device_;
  std::vector<std::string> frozen_;
  Layout layout_;
  bool has_own_kernels_;  ///< whether it uses matrix_convolution and depthwise_convolution
  std::vector<at::Tensor> tensors_;
  std::vector<at::Tensor> kernel_indices_;  ///< by node: of convolutions that share their kernels (shared_kernel.h)
  std::vector<std::size_t> first_tensor_;   ///< the place of a node's first tensor in tensors_
  std::vector<at::Tensor> trained_, running_;
  std::vector<std::string> trained_names_;
  std::vector<std::size_t> last_use_;  ///< the last node that reads a node's value
  std::vector<bool> may_overwrite_;    ///< this node may write over its input: nothing else reads it, also not its gradient
};

/// A tensor's values on the host, row-major, and back onto a tensor of that shape. For checkpoints and model files.
network::Array to_array(const at::Tensor& tensor);
void copy_into(const at::Tensor& tensor, const network::Array& array);

}  // namespace lensfind::train
