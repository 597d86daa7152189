#include "lensfind/network/onnx.h"

#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/format.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include "lensfind/base/error.h"
#include "lensfind/network/film.h"
#include "lensfind/network/inference_form.h"
#include "lensfind/network/onnx_tensors.h"
#include "lensfind/network/onnx_writer.h"

namespace lensfind::network {
namespace {

constexpr auto producer = "lensfind";
constexpr auto pixels = "cutouts";
constexpr auto result = "logits";

void describe_tensor(onnx::ValueInfoProto& info, const char* name, std::initializer_list<std::int64_t> behind_batch,
                     const char* batch = "n") {
  info.set_name(name);
  onnx::TypeProto::Tensor& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param(batch);
  for (const std::int64_t length : behind_batch) type.mutable_shape()->add_dim()->set_dim_value(length);
}

onnx::ModelProto new_model(const std::string& name, int bands, int size, int outputs, const OnnxMetadata& metadata) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.set_producer_name(producer);
  onnx::OperatorSetIdProto& operators = *model.add_opset_import();
  operators.set_domain("");
  operators.set_version(17);
  for (const auto& [key, text] : metadata) {
    onnx::StringStringEntryProto& entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(text);
  }
  model.mutable_graph()->set_name(name.empty() ? "network" : name);  // the checker wants one
  describe_tensor(*model.mutable_graph()->add_input(), pixels, {bands, size, size});
  describe_tensor(*model.mutable_graph()->add_output(), result, {outputs});
  return model;
}

/// The second input of networks with FiLM: an initialiser of its name is what counts where it is left out (IR 4 and later).
void add_seeing(onnx::GraphProto& graph, int bands) {
  describe_tensor(*graph.add_input(), seeing_input, {bands}, "n_or_1");
  onnx::TensorProto& unknown = *graph.add_initializer();
  unknown.set_name(seeing_input);
  unknown.set_data_type(onnx::TensorProto::FLOAT);
  unknown.add_dims(1);
  unknown.add_dims(bands);
  const std::vector<float> values(static_cast<std::size_t>(bands), std::numeric_limits<float>::quiet_NaN());
  unknown.set_raw_data(values.data(), values.size() * sizeof(float));
}

/// The bytes of a model whose result is the output of its last node.
std::string finish(onnx::ModelProto& model) {
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.mutable_node(graph.node_size() - 1)->set_output(0, result);
  try {
    onnx::checker::check_model(model);
  } catch (const std::exception& error) {
    throw Error{fmt::format("{}: onnx's checker refuses the exported network: {}", graph.name(), error.what()),
                "this is a fault of lensfind: please report it"};
  }
  return model.SerializeAsString();
}

/// z(lens) - z(non-lens), or the one output: (n, 1).
std::string single_logit(OnnxWriter& writer, const std::string& outputs, int count) {
  if (count == 1) return outputs;
  const std::string axis = writer.constant({1});
  const std::string lens = writer.add("Slice", {outputs, writer.constant({1}), writer.constant({2}), axis});
  const std::string non_lens = writer.add("Slice", {outputs, writer.constant({0}), writer.constant({1}), axis});
  return writer.add("Sub", {lens, non_lens});
}

/// ln(p / (1 - p)) of the mean of sigmoid(s) over the members: ln of the sum of sigmoid(s) minus ln of the sum of sigmoid(-s), which loses
/// nothing near p = 1.
void add_mean_probability(OnnxWriter& writer, const std::string& scores) {
  // float32 holds sigmoid(-80), but not the sigmoid of much less.
  const std::string bounded = writer.add("Clip", {scores, writer.constant(-80.0F), writer.constant(80.0F)});
  const std::string axis = writer.constant({1});
  const auto log_sum = [&](const std::string& s) {
    return writer.add("Log", {writer.add("ReduceSum", {writer.add("Sigmoid", {s}), axis})});
  };
  const std::string lens = log_sum(bounded);
  const std::string non_lens = log_sum(writer.add("Neg", {bounded}));
  writer.add("Sub", {lens, non_lens});
}

/// From raw pixels to the outputs of a network. Returns their name.
std::string add_network(OnnxWriter& writer, const Graph& graph, const Weights& weights, const Preprocessing& steps,
                        bool average_symmetries) {
  const WeightedGraph form = inference_form({graph, weights});
  const std::string views = average_symmetries ? writer.symmetries(pixels) : pixels;
  std::string quality;
  if (has_film(graph)) {
    quality = writer.quality(*steps.quality, graph.bands, pixels, seeing_input);
    if (average_symmetries) quality = writer.for_symmetries(quality);
  }
  const std::string outputs = writer.network(form.graph, form.weights, writer.preprocessing(steps, graph.bands, views), quality);
  return average_symmetries ? writer.mean_of_symmetries(outputs, graph.outputs) : outputs;
}

std::string add_member(OnnxWriter& writer, const EnsembleMember& member, Combine combine) {
  const std::string outputs = add_network(writer, member.graph, member.weights, member.steps, member.average_symmetries);
  const std::string logit = single_logit(writer, outputs, member.graph.get().outputs);
  if (combine == Combine::logit) return logit;
  const std::string scores = writer.add("Mul", {logit, writer.constant(static_cast<float>(member.slope))});
  return writer.add("Add", {scores, writer.constant(static_cast<float>(member.intercept))});
}

/// Throws Error where the network is told the image quality and it is not known how that is standardised, or the other way round.
void check_steps(const Graph& graph, const Preprocessing& steps) {
  check_preprocessing(steps, graph.bands, graph.name);
  if (has_film(graph) == steps.quality.has_value()) return;
  throw Error{fmt::format("{}: {} the image quality, and its preprocessing {}", graph.name, steps.quality ? "is not told" : "is told",
                          steps.quality ? "standardises it" : "does not standardise it"),
              "train it again, or take a model folder as it was made"};
}

void require_same_shape(std::span<const EnsembleMember> members) {
  if (members.empty()) throw Error{"an ensemble without members", "name two or more models"};
  const Graph& first = members[0].graph;
  for (const EnsembleMember& member : members) {
    const Graph& graph = member.graph;
    if (graph.bands == first.bands && graph.size == first.size) continue;
    throw Error{fmt::format("{} takes {} bands of {} pixels, {} takes {} of {}", first.name, first.bands, first.size, graph.name,
                            graph.bands, graph.size),
                "the members of an ensemble must take the same cutouts"};
  }
}

OnnxShape input_shape(const onnx::ValueInfoProto& input, const std::string& origin) {
  const onnx::TypeProto::Tensor& type = input.type().tensor_type();
  const auto length = [&](int axis) { return type.shape().dim(axis).dim_value(); };
  const bool image = type.elem_type() == onnx::TensorProto::FLOAT && type.shape().dim_size() == 4;
  if (!image || length(1) < 1 || length(1) > 5 || length(2) < 1 || length(2) > 65536 || length(2) != length(3)) {
    throw Error{
        fmt::format("{}: its input `{}` is no float32 (n, bands, size, size) with 1 to 5 bands and a fixed size", origin, input.name()),
        "export the network again for cutouts of one size, with only the batch dimension free"};
  }
  return {static_cast<int>(length(1)), static_cast<int>(length(2)), 0};
}

int output_count(const onnx::ValueInfoProto& output, const std::string& origin) {
  const onnx::TensorShapeProto& shape = output.type().tensor_type().shape();
  if (shape.dim_size() == 1) return 1;
  const std::int64_t outputs = shape.dim_size() == 2 ? shape.dim(1).dim_value() : 0;
  if (outputs != 1 && outputs != 2) {
    throw Error{fmt::format("{}: its output `{}` is neither (n, 1) nor (n, 2)", origin, output.name()),
                "a lens finder has one or two outputs"};
  }
  return static_cast<int>(outputs);
}

}  // namespace

std::string to_onnx(const Graph& graph, const Weights& weights, const Preprocessing& steps, const OnnxMetadata& metadata,
                    bool average_symmetries) {
  check_weights(graph, weights, graph.name);
  check_steps(graph, steps);
  onnx::ModelProto model = new_model(graph.name, graph.bands, graph.size, graph.outputs, metadata);
  if (steps.quality) add_seeing(*model.mutable_graph(), graph.bands);
  OnnxWriter writer{*model.mutable_graph()};
  add_network(writer, graph, weights, steps, average_symmetries);
  return finish(model);
}

std::string ensemble_to_onnx(std::span<const EnsembleMember> members, Combine combine, const OnnxMetadata& metadata) {
  require_same_shape(members);
  const Graph& first = members[0].graph;
  onnx::ModelProto model = new_model("ensemble", first.bands, first.size, 1, metadata);
  if (std::ranges::any_of(members, [](const EnsembleMember& member) { return has_film(member.graph); }))
    add_seeing(*model.mutable_graph(), first.bands);
  OnnxWriter writer{*model.mutable_graph()};
  std::vector<std::string> scores;
  for (std::size_t i = 0; i < members.size(); ++i) {
    check_weights(members[i].graph, members[i].weights, fmt::format("member {}", i + 1));
    check_steps(members[i].graph, members[i].steps);
    writer.set_prefix(fmt::format("member{}.", i + 1));
    scores.push_back(add_member(writer, members[i], combine));
  }
  writer.set_prefix("ensemble.");
  const std::string all = writer.add("Concat", scores);
  writer.attribute("axis", std::int64_t{1});
  if (combine == Combine::probability) {
    add_mean_probability(writer, all);
  } else {
    writer.add("ReduceMean", {all});
    writer.attribute("axes", std::vector<std::int64_t>{1});
  }
  return finish(model);
}

std::optional<int> default_seeing(const onnx::ModelProto& model) {
  const onnx::GraphProto& graph = model.graph();
  const auto is_named = [](const auto& entry) { return entry.name() == seeing_input; };
  if (model.producer_name() != producer || std::none_of(graph.input().begin(), graph.input().end(), is_named)) return {};
  const auto found = std::find_if(graph.initializer().begin(), graph.initializer().end(), is_named);
  if (found == graph.initializer().end()) return {};
  return static_cast<int>(found - graph.initializer().begin());
}

std::string with_seeing_open(const std::string& bytes) {
  onnx::ModelProto model;
  if (!model.ParseFromString(bytes)) return bytes;
  const std::optional<int> place = default_seeing(model);
  if (!place) return bytes;
  model.mutable_graph()->mutable_initializer()->DeleteSubrange(*place, 1);
  return model.SerializeAsString();
}

OnnxShape onnx_shape(const std::string& bytes, const std::string& origin) {
  onnx::ModelProto model;
  if (!model.ParseFromString(bytes) || model.graph().node_size() == 0) {
    throw Error{fmt::format("{}: no ONNX model", origin), "the file is damaged, cut short or of another kind"};
  }
  const onnx::GraphProto& graph = model.graph();
  // Old files list the weights among the inputs too.
  const auto is_weight = [&](const onnx::ValueInfoProto& input) {
    return std::any_of(graph.initializer().begin(), graph.initializer().end(),
                       [&](const onnx::TensorProto& tensor) { return tensor.name() == input.name(); });
  };
  std::vector<const onnx::ValueInfoProto*> inputs;
  for (const onnx::ValueInfoProto& input : graph.input()) {
    if (!is_weight(input)) inputs.push_back(&input);
  }
  if (inputs.size() != 1 || graph.output_size() == 0) {
    throw Error{fmt::format("{}: {} inputs and {} outputs", origin, inputs.size(), graph.output_size()),
                "a lens finder has one input and one output"};
  }
  OnnxShape shape = input_shape(*inputs[0], origin);
  shape.outputs = output_count(graph.output(0), origin);
  return shape;
}

}  // namespace lensfind::network
