#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lensfind::network {

/// The operations a network may be made of. Tensors are float32: (n, channels, height, width), (n, features) or, between reshapes, any
/// rank. The batch size n is left free and is dimension 0 everywhere.
enum class Operation {
  input,
  quality,  ///< a second input, of no inputs itself: the standardised image quality of each cutout (quality.h)
  conv2d,
  batch_norm,
  group_norm,  ///< statistics over a group of channels and all their pixels, for each item of the batch
  relu,
  relu6,  ///< min(max(x, 0), 6)
  silu,   ///< x sigmoid(x)
  sigmoid,
  hard_swish,  ///< x min(max(x + 3, 0), 6) / 6
  softmax,
  max_pool,        ///< padding counts as minus infinity
  average_pool,    ///< padding does not count
  global_average,  ///< (n, channels, height, width) -> (n, channels, 1, 1)
  linear,          ///< (n, features) -> (n, outputs)
  add,             ///< of two tensors of equal rank; a dimension of 1 stretches
  multiply,        ///< likewise
  concat,
  slice,
  reshape,
  transpose,
  sum,        ///< along one axis, which stays with length 1
  mean,       ///< likewise
  maximum,    ///< likewise
  matmul,     ///< scale x (..., rows, inner) (..., inner, columns) -> (..., rows, columns)
  dropout,    ///< training only
  drop_path,  ///< training only: an item's whole branch is dropped (Huang et al. 2016), the rest scaled by 1 / (1 - probability)
};

/// "conv2d", "batch_norm", ...
std::string_view operation_name(Operation operation);

/// How a parameter starts before training. Each number is drawn by itself, with mean 0.
struct Initialisation {
  enum class Kind { constant, normal, uniform };
  Kind kind = Kind::constant;
  double scale = 0;  ///< constant: the value; normal: the standard deviation; uniform: half the width

  bool operator==(const Initialisation&) const = default;
};

/// How a conv2d or batch_norm shares its parameters among the eight symmetries of the square (the group D4; square_symmetries.h). What it
/// gives has 8 x fields channels, the symmetry before the field. Parameters are stored once: a weight (fields, channels read, height,
/// width) stands for eight kernels, each the stored one turned and flipped (Cohen & Welling 2016); a norm has one weight a field.
enum class Sharing {
  none,
  lifting,  ///< conv2d only: reads plain channels
  regular,  ///< reads 8 x fields channels; they change places as the image is turned
};

/// A trainable parameter or buffer of a node, under timm's name.
struct Parameter {
  std::string name;  ///< "layer1.0.conv1.weight"
  std::vector<std::int64_t> shape;
  bool trainable = true;          ///< false: a buffer (running_mean, running_var)
  Initialisation initialisation;  ///< as timm initialises the network

  [[nodiscard]] std::int64_t count() const;  ///< of numbers
};

/// One step of a network. Which attributes count depends on the operation.
struct Node {
  Operation operation{};
  std::vector<int> inputs;            ///< indices of earlier nodes
  std::vector<std::int64_t> shape;    ///< the output's, without the batch dimension: (channels, height, width) or (features)
  std::vector<Parameter> parameters;  ///< conv2d, linear: weight [, bias]; norms: weight, bias [, running_mean, running_var]
  std::string name;                   ///< timm's module name, "layer1.0.conv1"; empty for nodes without parameters

  std::vector<std::int64_t> kernel;   ///< conv2d, pools: (height, width)
  std::vector<std::int64_t> stride;   ///< conv2d, pools: (vertical, horizontal)
  std::vector<std::int64_t> padding;  ///< (top, left, bottom, right); timm's SAME padding is worked out while building
  std::int64_t groups = 1;            ///< conv2d, group_norm
  Sharing sharing = Sharing::none;    ///< conv2d, batch_norm
  double epsilon = 1e-5;              ///< norms
  double momentum = 0.1;              ///< batch_norm: new = (1 - momentum) old + momentum batch, as torch
  std::int64_t axis = 0;              ///< softmax, concat, slice, sum, mean, maximum; counts the batch dimension
  std::int64_t begin = 0, end = 0;    ///< slice, half-open
  std::vector<std::int64_t>
      dimensions;          ///< reshape: the new shape without the batch dimension; transpose: the order of all dimensions, 0 first
  double scale = 1;        ///< matmul
  double probability = 0;  ///< dropout, drop_path: the chance of dropping, in training only

  [[nodiscard]] std::int64_t multiply_adds() const;  ///< of a convolution or linear layer, for one cutout; 0 for others
};

/// A network as data: nodes in the order in which they are computed, node 0 the input, the last node the output (n, outputs).
struct Graph {
  std::string name;  ///< timm's name, "resnet18"
  int bands = 0, size = 0, outputs = 0;
  std::vector<Node> nodes;

  [[nodiscard]] std::vector<Parameter> parameters() const;  ///< of all nodes, in order, buffers too
  [[nodiscard]] std::int64_t parameter_count() const;       ///< trainable numbers
  [[nodiscard]] std::int64_t multiply_adds() const;         ///< of convolutions and linear layers, for one cutout
};

}  // namespace lensfind::network
