#include "lensfind/network/onnx_tensors.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/base/unpack_budget.h"

namespace lensfind::network {
namespace {

namespace fs = std::filesystem;

using VisitTensor = std::function<void(onnx::TensorProto&)>;

void visit(onnx::GraphProto& graph, const std::string& origin, const VisitTensor& tensor);

[[noreturn]] void refuse_sparse(const std::string& origin) {
  throw Error{origin + ": holds sparse tensors, which are not read", "export the network with dense weights"};
}

void visit(onnx::NodeProto& node, const std::string& origin, const VisitTensor& tensor) {
  for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
    if (attribute.has_sparse_tensor() || attribute.sparse_tensors_size() > 0) refuse_sparse(origin);
    if (attribute.has_t()) tensor(*attribute.mutable_t());
    for (onnx::TensorProto& one : *attribute.mutable_tensors()) tensor(one);
    if (attribute.has_g()) visit(*attribute.mutable_g(), origin, tensor);
    for (onnx::GraphProto& one : *attribute.mutable_graphs()) visit(one, origin, tensor);
  }
}

void visit(onnx::GraphProto& graph, const std::string& origin, const VisitTensor& tensor) {
  if (graph.sparse_initializer_size() > 0) refuse_sparse(origin);
  for (onnx::TensorProto& one : *graph.mutable_initializer()) tensor(one);
  for (onnx::NodeProto& node : *graph.mutable_node()) visit(node, origin, tensor);
}

/// Bytes of one number; 0 where it is unknown or less than a byte.
std::uint64_t width_of(int type) {
  switch (type) {
    case onnx::TensorProto::DOUBLE:
    case onnx::TensorProto::INT64:
    case onnx::TensorProto::UINT64:
    case onnx::TensorProto::COMPLEX64:
      return 8;
    case onnx::TensorProto::FLOAT:
    case onnx::TensorProto::INT32:
    case onnx::TensorProto::UINT32:
      return 4;
    case onnx::TensorProto::FLOAT16:
    case onnx::TensorProto::BFLOAT16:
    case onnx::TensorProto::INT16:
    case onnx::TensorProto::UINT16:
      return 2;
    case onnx::TensorProto::INT8:
    case onnx::TensorProto::UINT8:
    case onnx::TensorProto::BOOL:
      return 1;
    default:
      return 0;
  }
}

/// What a tensor says of its place in another file.
struct Place {
  std::string location;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;
};

Place place_of(const onnx::TensorProto& tensor, const std::string& origin) {
  Place place;
  for (const onnx::StringStringEntryProto& entry : tensor.external_data()) {
    const auto number = [&] {
      std::uint64_t value = 0;
      const std::string& text = entry.value();
      const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (failure != std::errc{} || end != text.data() + text.size())
        throw Error{fmt::format("{}: `{}` lies at `{}` of its file", origin, tensor.name(), text), "the file is damaged"};
      return value;
    };
    if (entry.key() == "location") place.location = entry.value();
    if (entry.key() == "offset") place.offset = number();
    if (entry.key() == "length") place.length = number();
  }
  return place;
}

/// Bytes that a tensor's shape asks for; nullopt where its type does not say.
std::optional<std::uint64_t> bytes_needed(const onnx::TensorProto& tensor, const std::string& origin) {
  std::uint64_t bytes = width_of(tensor.data_type());
  if (bytes == 0) return {};
  for (const std::int64_t length : tensor.dims()) {
    if (length < 0 || (length > 0 && bytes > unpacked_bytes_limit / static_cast<std::uint64_t>(length)))
      throw Error{fmt::format("{}: `{}` has an impossible shape", origin, tensor.name()), "the file is damaged"};
    bytes *= static_cast<std::uint64_t>(length);
  }
  return bytes;
}

/// Other files of an .onnx file: only those that lie in its folder, also once links are followed, so that a stranger's network reads
/// nothing else. (A cache may hold both as links to files in one other folder.)
fs::path file_beside(const fs::path& folder, const std::string& location, const std::string& origin) {
  const fs::path named{location};
  const bool leaves =
      named.is_absolute() || location.find('\0') != std::string::npos || std::find(named.begin(), named.end(), "..") != named.end();
  if (location.empty() || leaves) {
    throw Error{fmt::format("{}: its weights are said to lie in `{}`, outside its folder", origin, location),
                "export the network again; its weights must lie beside it"};
  }
  const fs::path file = folder / named;
  std::error_code failure;
  if (!fs::exists(file, failure)) {
    throw Error{fmt::format("{}: its weights lie in {}, which is not there", origin, file.string()),
                "copy this file too; it belongs to the .onnx file"};
  }
  const fs::path real = fs::canonical(file, failure);
  const auto holds = [&](const fs::path& place) {
    const fs::path inside = real.lexically_relative(fs::canonical(place, failure));
    return !inside.empty() && *inside.begin() != "..";
  };
  if (holds(folder) || holds(fs::canonical(fs::path{origin}, failure).parent_path())) return file;
  throw Error{fmt::format("{}: {} is a link to {}, outside its folder", origin, file.string(), real.string()),
              "put the weights themselves beside the .onnx file"};
}

void embed(onnx::TensorProto& tensor, const fs::path& folder, const std::string& origin, UnpackBudget& budget,
           std::set<std::string>& locations) {
  if (tensor.data_location() != onnx::TensorProto::EXTERNAL) return;
  const Place place = place_of(tensor, origin);
  const fs::path path = file_beside(folder, place.location, origin);
  const OpenFile file{path};
  const std::optional<std::uint64_t> needed = bytes_needed(tensor, origin);
  const std::uint64_t length = needed.value_or(place.length.value_or(0));
  if (place.length.value_or(length) != length) {
    throw Error{
        fmt::format("{}: `{}` takes {} bytes, {} are said to lie in {}", origin, tensor.name(), length, *place.length, path.string()),
        "the file is damaged; export the network again"};
  }
  if (place.offset > file.size() || length > file.size() - place.offset) {
    throw Error{fmt::format("{}: {} is too short for `{}`", origin, path.string(), tensor.name()),
                "is it the file that belongs to this network, and whole?"};
  }
  budget.take(length);
  std::string& bytes = *tensor.mutable_raw_data();
  bytes.resize(length);
  file.read(place.offset, std::as_writable_bytes(std::span{bytes}));
  tensor.clear_external_data();
  tensor.clear_data_location();
  locations.insert(place.location);
}

}  // namespace

std::vector<std::string> embed_external_data(onnx::ModelProto& model, const fs::path& folder, const std::string& origin) {
  UnpackBudget budget{origin, "a network of this size is not read; score with a smaller one"};
  std::set<std::string> locations;
  const VisitTensor take_in = [&](onnx::TensorProto& tensor) { embed(tensor, folder, origin, budget, locations); };
  visit(*model.mutable_graph(), origin, take_in);
  for (onnx::FunctionProto& function : *model.mutable_functions()) {
    for (onnx::NodeProto& node : *function.mutable_node()) visit(node, origin, take_in);
  }
  return {locations.begin(), locations.end()};
}

std::string onnx_type_name(int type) {
  if (type == onnx::TensorProto::FLOAT) return "float32";
  if (type == onnx::TensorProto::DOUBLE) return "float64";
  if (!onnx::TensorProto::DataType_IsValid(type)) return fmt::format("type {}", type);
  std::string name = onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(type));
  std::ranges::transform(name, name.begin(),
                         [](char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter; });
  return name;
}

}  // namespace lensfind::network
