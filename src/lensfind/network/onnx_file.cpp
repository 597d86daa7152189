#include "lensfind/network/onnx_file.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnx/onnx_pb.h>

#include "lensfind/base/error.h"
#include "lensfind/base/unpack_budget.h"
#include "lensfind/base/value.h"
#include "lensfind/network/onnx_tensors.h"

namespace lensfind::network {
namespace {

constexpr int max_bands = 5;
constexpr std::int64_t largest_size = 65536;
constexpr auto pixels_name = "lensfind_pixels";
constexpr auto logits_name = "lensfind_logits";

using TensorType = onnx::TypeProto::Tensor;

bool is_float(int type) {
  return type == onnx::TensorProto::FLOAT || type == onnx::TensorProto::FLOAT16 || type == onnx::TensorProto::BFLOAT16 ||
         type == onnx::TensorProto::DOUBLE;
}

/// 0 where a length is free.
std::int64_t length_of(const TensorType& type, int axis) { return type.shape().dim(axis).dim_value(); }

std::string shape_text(const TensorType& type) {
  std::vector<std::string> lengths;
  for (const auto& dimension : type.shape().dim())
    lengths.push_back(dimension.has_dim_value() ? std::to_string(dimension.dim_value())
                                                : (dimension.dim_param().empty() ? std::string{"?"} : dimension.dim_param()));
  return fmt::format("{} ({})", onnx_type_name(type.elem_type()), fmt::join(lengths, ", "));
}

void describe(onnx::ValueInfoProto& info, const std::string& name, const TensorType& like, const std::vector<std::int64_t>& behind_batch) {
  info.set_name(name);
  TensorType& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  *type.mutable_shape()->add_dim() = like.shape().dim(0);
  for (const std::int64_t length : behind_batch) {
    auto& dimension = *type.mutable_shape()->add_dim();
    if (length > 0) dimension.set_dim_value(length);
  }
}

onnx::NodeProto make_node(const std::string& type, const std::string& input, const std::string& output) {
  onnx::NodeProto node;
  node.set_op_type(type);
  node.set_name("lensfind_" + type + "_" + output);
  node.add_input(input);
  node.add_output(output);
  return node;
}

onnx::AttributeProto& add_attribute(onnx::NodeProto& node, const char* name, onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

onnx::NodeProto make_cast(const std::string& input, const std::string& output, int type) {
  onnx::NodeProto node = make_node("Cast", input, output);
  add_attribute(node, "to", onnx::AttributeProto::INT).set_i(type);
  return node;
}

/// Brings a network of another's into the program's own form.
class Standardiser {
 public:
  Standardiser(onnx::GraphProto& graph, const std::string& origin, const OnnxChoice& choice)
      : graph_{graph}, origin_{origin}, choice_{choice} {}

  void run() {
    take_input();
    take_output();
  }

  OnnxShape shape;
  std::vector<std::string> notes;
  bool changed = false;

 private:
  /// Where channels stand, and the side of a cutout (0: free).
  struct Layout {
    bool channels_last = false;
    int bands = 0, size = 0;
  };

  [[noreturn]] void refuse_input(const onnx::ValueInfoProto& input, const std::string& hint) const {
    throw Error{fmt::format("{}: its input `{}` is {}, not float32 (n, bands, size, size) with 1 to 5 bands", origin_, input.name(),
                            shape_text(input.type().tensor_type())),
                hint};
  }

  const onnx::ValueInfoProto& only_input() const {
    // Old files list the weights among the inputs too.
    std::set<std::string> weights;
    for (const onnx::TensorProto& tensor : graph_.initializer()) weights.insert(tensor.name());
    std::vector<const onnx::ValueInfoProto*> inputs;
    for (const onnx::ValueInfoProto& input : graph_.input()) {
      if (!weights.contains(input.name())) inputs.push_back(&input);
    }
    if (inputs.size() == 1 && graph_.output_size() > 0) return *inputs[0];
    throw Error{fmt::format("{}: {} inputs and {} outputs", origin_, inputs.size(), graph_.output_size()),
                "a lens finder has one input, the pixels, and gives logits"};
  }

  Layout layout_of(const onnx::ValueInfoProto& input) const {
    const TensorType& type = input.type().tensor_type();
    const char* const again = "export the network again for cutouts (n, bands, size, size)";
    if (!is_float(type.elem_type()) || type.shape().dim_size() != 4) refuse_input(input, again);
    const auto bands_at = [&](int axis) { return length_of(type, axis) >= 1 && length_of(type, axis) <= max_bands; };
    const auto square_at = [&](int axis) {
      const std::int64_t height = length_of(type, axis), width = length_of(type, axis + 1);
      return height == width || height == 0 || width == 0;
    };
    Layout layout{.channels_last = bands_at(3) && square_at(1) && !(bands_at(1) && square_at(2))};
    if (!layout.channels_last && !bands_at(1)) refuse_input(input, "export the network again with a fixed number of bands, 1 to 5");
    layout.bands = static_cast<int>(length_of(type, layout.channels_last ? 3 : 1));
    const std::int64_t height = length_of(type, layout.channels_last ? 1 : 2), width = length_of(type, layout.channels_last ? 2 : 3);
    const std::int64_t size = std::max(height, width);
    const bool square = std::min(height, width) == 0 || height == width;
    if (!square || size > largest_size || std::min(height, width) < 0) refuse_input(input, again);
    if (choice_.size > 0 && size > 0 && size != choice_.size) {
      throw Error{fmt::format("{}: takes {} x {} pixels, not {}", origin_, size, size, choice_.size),
                  "leave out --onnx-size: it is for networks whose height and width are free"};
    }
    layout.size = size > 0 ? static_cast<int>(size) : choice_.size;
    return layout;
  }

  void take_input() {
    const onnx::ValueInfoProto input = only_input();
    const Layout layout = layout_of(input);
    shape.bands = layout.bands;
    shape.size = layout.size;
    const TensorType& type = input.type().tensor_type();
    const int spatial = layout.channels_last ? 1 : 2;
    const bool free = length_of(type, spatial) == 0 || length_of(type, spatial + 1) == 0;
    const bool converted = type.elem_type() != onnx::TensorProto::FLOAT;
    if (!free && !converted && !layout.channels_last) return;
    changed = true;
    const auto place = std::find_if(graph_.mutable_input()->begin(), graph_.mutable_input()->end(),
                                    [&](const auto& one) { return one.name() == input.name(); });
    place->Clear();
    if (!converted && !layout.channels_last) {
      describe(*place, input.name(), type, {layout.bands, layout.size, layout.size});
      return;
    }
    describe(*place, pixels_name, type, {layout.bands, layout.size, layout.size});
    std::vector<onnx::NodeProto> front;
    std::string at = pixels_name;
    if (layout.channels_last) {
      const std::string turned = converted ? "lensfind_channels_last" : input.name();
      front.push_back(make_node("Transpose", at, turned));
      onnx::AttributeProto& order = add_attribute(front.back(), "perm", onnx::AttributeProto::INTS);
      for (const std::int64_t axis : {0, 2, 3, 1}) order.add_ints(axis);
      at = turned;
      notes.push_back(fmt::format("{}: takes its bands last, so cutouts are turned to (n, size, size, bands) for it", origin_));
    }
    if (converted) {
      front.push_back(make_cast(at, input.name(), type.elem_type()));
      notes.push_back(fmt::format("{}: takes {} pixels, so cutouts are converted for it", origin_, onnx_type_name(type.elem_type())));
    }
    put_first(std::move(front));
  }

  void put_first(std::vector<onnx::NodeProto> nodes) {
    const auto count = static_cast<int>(nodes.size());
    for (onnx::NodeProto& node : nodes) graph_.add_node()->Swap(&node);
    for (int moved = graph_.node_size() - count; moved < graph_.node_size(); ++moved) {
      for (int at = moved; at > moved - (graph_.node_size() - count); --at) graph_.mutable_node()->SwapElements(at, at - 1);
    }
  }

  /// 1 or 2; 0 for what can be no logits.
  static int outputs_of(const onnx::ValueInfoProto& output) {
    const TensorType& type = output.type().tensor_type();
    const int axes = type.shape().dim_size();
    if (!is_float(type.elem_type()) || axes < 1 || axes > 4) return 0;
    if (axes == 1) return 1;
    for (int axis = 2; axis < axes; ++axis) {
      if (length_of(type, axis) != 1) return 0;
    }
    const std::int64_t outputs = length_of(type, 1);
    return outputs == 1 || outputs == 2 ? static_cast<int>(outputs) : 0;
  }

  std::vector<std::string> outputs_text() const {
    std::vector<std::string> texts;
    for (const onnx::ValueInfoProto& output : graph_.output())
      texts.push_back(fmt::format("`{}` {}", output.name(), shape_text(output.type().tensor_type())));
    return texts;
  }

  const onnx::ValueInfoProto& choose_output() const {
    std::vector<const onnx::ValueInfoProto*> fitting;
    std::vector<std::string> names;
    for (const onnx::ValueInfoProto& output : graph_.output()) {
      names.push_back(output.name());
      if (outputs_of(output) > 0 && (choice_.output.empty() || output.name() == choice_.output)) fitting.push_back(&output);
    }
    if (fitting.size() == 1) return *fitting[0];
    const bool named = !choice_.output.empty();
    if (named && std::ranges::find(names, choice_.output) == names.end()) {
      throw Error{fmt::format("{}: has no output `{}`", origin_, choice_.output),
                  fmt::format("its outputs are {}", fmt::join(outputs_text(), ", "))};
    }
    if (fitting.size() > 1) {
      throw Error{fmt::format("{}: several outputs can be logits: {}", origin_, fmt::join(outputs_text(), ", ")),
                  "say which with --onnx-output NAME"};
    }
    throw Error{fmt::format("{}: none of its outputs is (n, 1) or (n, 2): {}", origin_, fmt::join(outputs_text(), ", ")),
                "a lens finder has one or two outputs; export it with their shape"};
  }

  void take_output() {
    onnx::ValueInfoProto output = choose_output();
    shape.outputs = outputs_of(output);
    const TensorType& type = output.type().tensor_type();
    const bool converted = type.elem_type() != onnx::TensorProto::FLOAT, flattened = type.shape().dim_size() > 2;
    const bool chosen = graph_.output_size() > 1;
    if (!converted && !flattened && !chosen) return;
    changed = true;
    if (chosen)
      notes.push_back(fmt::format("{}: of its outputs {} `{}` is taken", origin_, fmt::join(outputs_text(), ", "), output.name()));
    std::string at = output.name();
    if (flattened) {
      const std::string flat = converted ? "lensfind_flat" : logits_name;
      onnx::NodeProto& node = *graph_.add_node() = make_node("Flatten", at, flat);
      add_attribute(node, "axis", onnx::AttributeProto::INT).set_i(1);
      at = flat;
    }
    if (converted) *graph_.add_node() = make_cast(at, logits_name, onnx::TensorProto::FLOAT);
    graph_.clear_output();
    if (converted || flattened) {
      const bool flat_already = type.shape().dim_size() == 1;
      describe(*graph_.add_output(), logits_name, type,
               flat_already ? std::vector<std::int64_t>{} : std::vector<std::int64_t>{shape.outputs});
    } else {
      *graph_.add_output() = std::move(output);
    }
  }

  onnx::GraphProto& graph_;
  const std::string& origin_;
  const OnnxChoice& choice_;
};

std::string serialised(const onnx::ModelProto& model, const std::string& origin) {
  std::string bytes;
  const bool fits = model.ByteSizeLong() <= static_cast<std::size_t>(std::numeric_limits<int>::max());
  if (fits && model.SerializeToString(&bytes)) return bytes;
  throw Error{fmt::format("{}: is larger than 2 GiB with its weights, which no ONNX file may be", origin), "score with a smaller network"};
}

}  // namespace

OnnxNetwork parse_onnx(std::string bytes, const std::filesystem::path& folder, const std::string& origin, const OnnxChoice& choice) {
  onnx::ModelProto model;
  if (!model.ParseFromString(bytes) || model.graph().node_size() == 0) {
    throw Error{fmt::format("{}: no ONNX model", origin), "the file is damaged, cut short or of another kind"};
  }
  const std::vector<std::string> beside = embed_external_data(model, folder.empty() ? "." : folder, origin);
  Standardiser standard{*model.mutable_graph(), origin, choice};
  standard.run();
  OnnxNetwork network{.bytes = std::move(bytes), .shape = standard.shape, .notes = std::move(standard.notes)};
  network.takes_seeing = default_seeing(model).has_value();
  if (standard.changed || !beside.empty()) network.bytes = serialised(model, origin);
  return network;
}

OnnxNetwork read_onnx(const std::filesystem::path& path, const OnnxChoice& choice) {
  return parse_onnx(read_text(path, unpacked_bytes_limit), path.parent_path(), path.string(), choice);
}

}  // namespace lensfind::network
