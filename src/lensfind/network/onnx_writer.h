#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <onnx/onnx_pb.h>

#include "lensfind/network/onnx.h"

namespace lensfind::network {

/// Adds the nodes of networks to an ONNX graph. Tensors are known by their names; every name begins with the prefix of its network.
class OnnxWriter {
 public:
  explicit OnnxWriter(onnx::GraphProto& out) : out_{out} {}

  /// Names of what is added from here on begin with `prefix`. Without it the members of an ensemble would share names.
  void set_prefix(std::string prefix) {
    prefix_ = std::move(prefix);
    scatter_of_.clear();
  }

  /// Adds the preprocessing of `bands` bands. Returns the name of the result.
  std::string preprocessing(const Preprocessing& steps, int bands, std::string pixels);
  /// Of raw pixels and the second input (quality.h) what a network with FiLM is told: standardised_quality(), (n, 2 x bands).
  std::string quality(const QualityScale& scale, int bands, const std::string& pixels, const std::string& seeing);
  /// Adds all nodes of a network, fed with `input` and, where it has FiLM, `quality`. Returns the name of its output.
  std::string network(const Graph& graph, const Weights& weights, const std::string& input, const std::string& quality = {});

  /// Of `pixels` (n, bands, size, size) the eight symmetries of the square, one after another along the batch: (8 n, bands, size, size).
  std::string symmetries(const std::string& pixels);
  /// Of `rows` (n, values) the same for each of them: (8 n, values).
  std::string for_symmetries(const std::string& rows);
  /// Of `outputs` (8 n, count) of such a batch the means over the symmetries: (n, count).
  std::string mean_of_symmetries(const std::string& outputs, int count);

  /// Adds a node and returns the name of its output.
  std::string add(const std::string& type, std::vector<std::string> inputs);
  std::string constant(const std::vector<std::int64_t>& shape, std::span<const float> values);
  std::string constant(float value) { return constant({}, std::span{&value, 1}); }
  std::string constant(std::initializer_list<std::int64_t> values) { return constant(std::vector<std::int64_t>{values}); }
  std::string constant(const std::vector<std::int64_t>& values);

  /// Attributes of the node added last.
  void attribute(const std::string& name, std::int64_t value);
  void attribute(const std::string& name, const std::vector<std::int64_t>& values);
  void attribute(const std::string& name, float value);

 private:
  /// The scatter of each band (n, bands, 1, 1), as pixel_scatter(); added once for the same pixels.
  std::string scatter(const std::string& pixels);
  /// (n, bands, 1, 1): the sum of the fourth roots of the differences along an axis, and how many are not 0.
  std::pair<std::string, std::string> roots_of_differences(const std::string& pixels, std::int64_t axis);
  std::string new_name(std::string_view what);
  void parameter(const std::string& name, const Array& array);
  onnx::AttributeProto& new_attribute(const std::string& name, onnx::AttributeProto::AttributeType type);
  std::string operation(const Node& node, std::vector<std::string> inputs);
  std::string group_norm(const Node& node, const std::vector<std::string>& inputs);
  void window(const Node& node);

  onnx::GraphProto& out_;
  std::string prefix_;
  int next_ = 0;
  std::string scatter_of_, scatter_;  ///< the pixels whose scatter was added last, and its name
};

}  // namespace lensfind::network
