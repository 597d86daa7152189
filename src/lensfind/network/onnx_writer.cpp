#include "lensfind/network/onnx_writer.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::network {
namespace {

void fill(onnx::TensorProto& tensor, const std::string& name, const std::vector<std::int64_t>& shape, std::span<const float> values) {
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t length : shape) tensor.add_dims(length);
  tensor.set_raw_data(values.data(), values.size_bytes());
}

/// (bands, 1, 1), so that it stretches over a cutout.
std::vector<float> to_floats(const std::vector<double>& values) { return {values.begin(), values.end()}; }

std::vector<std::int64_t> axes_behind_channels(const Node& node) { return std::vector<std::int64_t>(node.shape.size() - 1, 1); }

}  // namespace

std::string OnnxWriter::new_name(std::string_view what) { return fmt::format("{}{}_{}", prefix_, what, next_++); }

std::string OnnxWriter::add(const std::string& type, std::vector<std::string> inputs) {
  onnx::NodeProto& node = *out_.add_node();
  node.set_op_type(type);
  node.set_name(new_name(type));
  for (std::string& input : inputs) node.add_input(std::move(input));
  node.add_output(node.name());
  return node.name();
}

onnx::AttributeProto& OnnxWriter::new_attribute(const std::string& name, onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto& attribute = *out_.mutable_node(out_.node_size() - 1)->add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

void OnnxWriter::attribute(const std::string& name, std::int64_t value) { new_attribute(name, onnx::AttributeProto::INT).set_i(value); }

void OnnxWriter::attribute(const std::string& name, const std::vector<std::int64_t>& values) {
  onnx::AttributeProto& list = new_attribute(name, onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) list.add_ints(value);
}

void OnnxWriter::attribute(const std::string& name, float value) { new_attribute(name, onnx::AttributeProto::FLOAT).set_f(value); }

std::string OnnxWriter::constant(const std::vector<std::int64_t>& shape, std::span<const float> values) {
  const std::string name = new_name("constant");
  fill(*out_.add_initializer(), name, shape, values);
  return name;
}

std::string OnnxWriter::constant(const std::vector<std::int64_t>& values) {
  onnx::TensorProto& tensor = *out_.add_initializer();
  tensor.set_name(new_name("constant"));
  tensor.set_data_type(onnx::TensorProto::INT64);
  tensor.add_dims(static_cast<std::int64_t>(values.size()));
  tensor.set_raw_data(values.data(), values.size() * sizeof(std::int64_t));
  return tensor.name();
}

void OnnxWriter::parameter(const std::string& name, const Array& array) {
  fill(*out_.add_initializer(), prefix_ + name, array.shape, array.values);
}

std::string OnnxWriter::symmetries(const std::string& pixels) {
  const auto flip = [&](const std::string& x, std::int64_t axis) {
    const std::int64_t beyond_the_first = std::numeric_limits<std::int64_t>::min();
    return add("Slice", {x, constant({-1}), constant({beyond_the_first}), constant({axis}), constant({-1})});
  };
  const std::string flipped = flip(pixels, 3);
  std::vector<std::string> views{pixels, flipped, flip(pixels, 2), flip(flipped, 2)};
  for (std::size_t i = 0; i < 4; ++i) {
    views.push_back(add("Transpose", {views[i]}));
    attribute("perm", std::vector<std::int64_t>{0, 1, 3, 2});
  }
  const std::string all = add("Concat", views);
  attribute("axis", std::int64_t{0});
  return all;
}

std::string OnnxWriter::for_symmetries(const std::string& rows) {
  const std::string all = add("Concat", std::vector<std::string>(8, rows));
  attribute("axis", std::int64_t{0});
  return all;
}

std::string OnnxWriter::mean_of_symmetries(const std::string& outputs, int count) {
  const std::string by_view = add("Reshape", {outputs, constant({8, -1, count})});
  const std::string mean = add("ReduceMean", {by_view});
  attribute("axes", std::vector<std::int64_t>{0});
  attribute("keepdims", std::int64_t{0});
  return mean;
}

std::pair<std::string, std::string> OnnxWriter::roots_of_differences(const std::string& pixels, std::int64_t axis) {
  const std::string later = add("Slice", {pixels, constant({1}), constant({std::numeric_limits<std::int64_t>::max()}), constant({axis})});
  const std::string earlier = add("Slice", {pixels, constant({0}), constant({-1}), constant({axis})});
  const std::string size = add("Abs", {add("Sub", {later, earlier})});
  const auto sum = [&](const std::string& values) { return add("ReduceSum", {values, constant({2, 3})}); };
  return {sum(add("Sqrt", {add("Sqrt", {size})})), sum(add("Sign", {size}))};
}

std::string OnnxWriter::scatter(const std::string& pixels) {
  if (scatter_of_ == pixels) return scatter_;
  const auto [across, differ_across] = roots_of_differences(pixels, 3);
  const auto [down, differ_down] = roots_of_differences(pixels, 2);
  const std::string differing = add("Max", {add("Add", {differ_across, differ_down}), constant(1.F)});
  const std::string mean = add("Div", {add("Add", {across, down}), differing});
  const std::string square = add("Mul", {mean, mean});
  const std::string noise = add("Div", {add("Mul", {square, square}), constant(scatter_of_differences)});
  const std::string brightest = add("ReduceMax", {add("Abs", {pixels})});
  attribute("axes", std::vector<std::int64_t>{2, 3});
  scatter_of_ = pixels;
  scatter_ = add("Max", {noise, add("Mul", {brightest, constant(least_scatter)}), constant(min_range)});
  return scatter_;
}

std::string OnnxWriter::quality(const QualityScale& scale, int bands, const std::string& pixels, const std::string& seeing) {
  const auto deviations = [&](const std::string& values, const std::vector<double>& mean, const std::vector<double>& std_dev) {
    std::vector<float> per_unit;
    for (const double one : std_dev) per_unit.push_back(one > 0 ? static_cast<float>(1 / one) : 0.F);
    return add("Mul", {add("Sub", {values, constant({bands}, to_floats(mean))}), constant({bands}, per_unit)});
  };
  const std::string log_noise = add("Reshape", {add("Log", {scatter(pixels)}), constant({0, bands})});
  const std::string one_a_cutout = add("Expand", {deviations(seeing, scale.seeing_mean, scale.seeing_std), add("Shape", {log_noise})});
  const std::string all = add("Concat", {one_a_cutout, deviations(log_noise, scale.log_noise_mean, scale.log_noise_std)});
  attribute("axis", std::int64_t{1});
  // NaN, what is not known, is not under the limit either.
  return add("Where", {add("LessOrEqual", {add("Abs", {all}), constant(largest_deviation)}), all, constant(0.F)});
}

std::string OnnxWriter::preprocessing(const Preprocessing& steps, int bands, std::string x) {
  if (steps.scaling == Preprocessing::Scaling::minmax) {
    const std::string low = add("ReduceMin", {x});
    attribute("axes", std::vector<std::int64_t>{2, 3});
    const std::string high = add("ReduceMax", {x});
    attribute("axes", std::vector<std::int64_t>{2, 3});
    const std::string range = add("Max", {add("Sub", {high, low}), constant(min_range)});
    x = add("Div", {add("Sub", {x, low}), range});
  } else if (steps.scaling == Preprocessing::Scaling::noise) {
    x = add("Div", {x, add("Mul", {scatter(x), constant(scatters_to_one)})});
  }
  if (steps.stretch == Preprocessing::Stretch::sqrt) {
    // Sign and Abs take OpenVINO as long as all else here; scaled pixels are not negative.
    const bool negative = steps.scaling != Preprocessing::Scaling::minmax;
    x = negative ? add("Mul", {add("Sign", {x}), add("Sqrt", {add("Abs", {x})})}) : add("Sqrt", {x});
  } else if (steps.stretch == Preprocessing::Stretch::asinh) {
    x = add("Div", {add("Asinh", {add("Mul", {x, constant(asinh_factor)})}), constant(std::asinh(asinh_factor))});
  }
  if (!steps.mean.empty()) x = add("Sub", {x, constant({bands, 1, 1}, to_floats(steps.mean))});
  if (!steps.std_dev.empty()) x = add("Div", {x, constant({bands, 1, 1}, to_floats(steps.std_dev))});
  return x;
}

std::string OnnxWriter::network(const Graph& graph, const Weights& weights, const std::string& input, const std::string& quality) {
  std::vector<std::string> outputs;  // by node
  for (const Node& node : graph.nodes) {
    if (node.operation == Operation::input || node.operation == Operation::quality) {
      outputs.push_back(node.operation == Operation::input ? input : quality);
      continue;
    }
    std::vector<std::string> inputs;
    for (const int from : node.inputs) inputs.push_back(outputs[static_cast<std::size_t>(from)]);
    for (const Parameter& wanted : node.parameters) {
      parameter(wanted.name, weights.at(wanted.name));
      inputs.push_back(prefix_ + wanted.name);
    }
    outputs.push_back(operation(node, std::move(inputs)));
  }
  return outputs.back();
}

void OnnxWriter::window(const Node& node) {
  attribute("kernel_shape", node.kernel);
  attribute("strides", node.stride);
  attribute("pads", node.padding);
}

/// Opset 17 has no group normalisation: the groups become the channels of an instance normalisation.
std::string OnnxWriter::group_norm(const Node& node, const std::vector<std::string>& inputs) {
  const auto groups = static_cast<std::size_t>(node.groups);
  const std::string grouped = add("Reshape", {inputs[0], constant({0, node.groups, -1})});
  const std::string ones = constant({node.groups}, std::vector<float>(groups, 1));
  const std::string zeros = constant({node.groups}, std::vector<float>(groups, 0));
  const std::string normal = add("InstanceNormalization", {grouped, ones, zeros});
  attribute("epsilon", static_cast<float>(node.epsilon));
  std::vector<std::int64_t> whole = node.shape;
  whole.insert(whole.begin(), 0);  // 0 keeps the batch dimension
  const std::string back = add("Reshape", {normal, constant(whole)});
  if (node.parameters.empty()) return back;  // inference_form has moved scale and shift on
  std::vector<std::int64_t> along_channels = axes_behind_channels(node);
  along_channels.insert(along_channels.begin(), node.shape[0]);
  const std::string shape = constant(along_channels);
  return add("Add", {add("Mul", {back, add("Reshape", {inputs[1], shape})}), add("Reshape", {inputs[2], shape})});
}

std::string OnnxWriter::operation(const Node& node, std::vector<std::string> inputs) {
  const std::string x = inputs[0];
  switch (node.operation) {
    case Operation::conv2d: {
      const std::string out = add("Conv", inputs);
      window(node);
      attribute("group", node.groups);
      return out;
    }
    case Operation::batch_norm: {
      const std::string out = add("BatchNormalization", inputs);
      attribute("epsilon", static_cast<float>(node.epsilon));
      return out;
    }
    case Operation::group_norm:
      return group_norm(node, inputs);
    case Operation::relu:
      return add("Relu", inputs);
    case Operation::relu6:
      return add("Clip", {x, constant(0.0F), constant(6.0F)});
    case Operation::silu:
      return add("Mul", {x, add("Sigmoid", {x})});
    case Operation::sigmoid:
      return add("Sigmoid", inputs);
    case Operation::hard_swish:
      return add("HardSwish", inputs);
    case Operation::softmax: {
      const std::string out = add("Softmax", inputs);
      attribute("axis", node.axis);
      return out;
    }
    case Operation::max_pool:
    case Operation::average_pool: {
      const std::string out = add(node.operation == Operation::max_pool ? "MaxPool" : "AveragePool", inputs);
      window(node);
      return out;
    }
    case Operation::global_average:
      return add("GlobalAveragePool", inputs);
    case Operation::linear: {
      const std::string out = add("Gemm", inputs);
      attribute("transB", std::int64_t{1});
      return out;
    }
    case Operation::add:
      return add("Add", inputs);
    case Operation::multiply:
      return add("Mul", inputs);
    case Operation::concat: {
      const std::string out = add("Concat", inputs);
      attribute("axis", node.axis);
      return out;
    }
    case Operation::slice:
      return add("Slice", {x, constant({node.begin}), constant({node.end}), constant({node.axis})});
    case Operation::reshape: {
      std::vector<std::int64_t> whole = node.dimensions;
      whole.insert(whole.begin(), 0);
      return add("Reshape", {x, constant(whole)});
    }
    case Operation::transpose: {
      const std::string out = add("Transpose", inputs);
      attribute("perm", node.dimensions);
      return out;
    }
    case Operation::sum:
      return add("ReduceSum", {x, constant({node.axis})});
    case Operation::mean:
    case Operation::maximum: {
      const std::string out = add(node.operation == Operation::mean ? "ReduceMean" : "ReduceMax", inputs);
      attribute("axes", std::vector<std::int64_t>{node.axis});
      return out;
    }
    case Operation::matmul: {
      const std::string product = add("MatMul", inputs);
      return node.scale == 1 ? product : add("Mul", {product, constant(static_cast<float>(node.scale))});
    }
    case Operation::dropout:
    case Operation::drop_path:
      return x;  // they act in training only
    case Operation::input:
    case Operation::quality:
      break;
  }
  throw Error{fmt::format("{} cannot be written as ONNX", operation_name(node.operation)), "this is a fault of lensfind: please report it"};
}

}  // namespace lensfind::network
