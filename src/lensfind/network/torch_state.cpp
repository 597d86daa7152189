#include "lensfind/network/torch_state.h"

#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/network/stored_numbers.h"

namespace lensfind::network {
namespace {

using Kind = PickleItem::Kind;

constexpr std::size_t max_axes = 64;  // torch's own limit

/// nullopt for integers.
std::optional<StoredType> type_of_storage(const std::string& storage) {
  if (storage == "torch.FloatStorage") return StoredType::f32;
  if (storage == "torch.DoubleStorage") return StoredType::f64;
  if (storage == "torch.HalfStorage") return StoredType::f16;
  if (storage == "torch.BFloat16Storage") return StoredType::bf16;
  return std::nullopt;
}

std::string called(const PickleItem& item) {
  return item.kind == Kind::call && item.items[0]->kind == Kind::global ? item.items[0]->text : "";
}

bool rebuilds_tensor(const std::string& function) {
  return function == "torch._utils._rebuild_tensor_v2" || function == "torch._utils._rebuild_tensor";
}

/// What a tensor is rebuilt of (storage, offset, shape, strides, ...), also where it is wrapped as a parameter or has a class of its own;
/// nullptr for anything else.
const PickleItem* tensor_arguments(const PickleItem& item) {
  const std::string function = called(item);
  if (rebuilds_tensor(function)) return item.items[1];
  if (function.empty() || item.items[1]->items.empty()) return nullptr;
  const std::vector<PickleValue>& arguments = item.items[1]->items;
  if (function == "torch._tensor._rebuild_from_type_v2")
    return arguments.size() > 2 && rebuilds_tensor(arguments[0]->text) ? arguments[2] : nullptr;
  // One level only: a damaged file may wrap a parameter in itself.
  const bool wrapped = function == "torch._utils._rebuild_parameter" || function == "torch._utils._rebuild_parameter_with_state";
  return wrapped && rebuilds_tensor(called(*arguments[0])) ? arguments[0]->items[1] : nullptr;
}

/// A dictionary's members; collections.OrderedDict() is a call that gets its members afterwards.
bool is_table(const PickleItem& item) { return item.kind == Kind::table || called(item) == "collections.OrderedDict"; }

bool holds_tensors(const PickleItem& item) {
  for (const auto& [key, value] : item.members) {
    if (tensor_arguments(*value) != nullptr) return true;
  }
  return false;
}

const PickleItem* state_named(const PickleItem& root, std::string_view name) {
  for (const auto& [key, value] : root.members) {
    if (key->kind == Kind::text && key->text == name && is_table(*value) && holds_tensors(*value)) return value;
  }
  return nullptr;
}

struct State {
  const PickleItem& table;
  std::vector<std::string> notes;
};

/// In timm's order (timm/models/_helpers.py, load_state_dict).
State state_dictionary(const PickleItem& root, const std::string& origin) {
  constexpr std::array<std::string_view, 2> averaged{"state_dict_ema", "model_ema"};
  constexpr std::array<std::string_view, 3> plain{"state_dict", "model_state_dict", "model"};
  std::string_view other;
  const PickleItem* raw = nullptr;
  for (const std::string_view name : plain) {
    raw = raw == nullptr ? state_named(root, name) : raw;
    if (raw != nullptr && other.empty()) other = name;
  }
  for (const std::string_view name : averaged) {
    const PickleItem* const state = state_named(root, name);
    if (state == nullptr) continue;
    std::string note = fmt::format("{}: took `{}`, the averaged weights, as timm does", origin, name);
    if (raw != nullptr) note += fmt::format("; `{}` holds others", other);
    return {*state, {note}};
  }
  if (raw != nullptr) return {*raw, {}};
  if (is_table(root) && holds_tensors(root)) return {root, {}};
  throw Error{origin + ": holds no state dictionary", "save model.state_dict() with torch.save, not the model itself"};
}

std::vector<std::int64_t> lengths(const PickleItem& list, const std::string& origin) {
  if (list.items.size() > max_axes) damaged_torch_file(origin, fmt::format("a tensor has {} axes", list.items.size()));
  std::vector<std::int64_t> read;
  for (const PickleValue& item : list.items) {
    if (item->kind != Kind::integer || item->integer < 0) damaged_torch_file(origin, "a tensor's shape is no list of lengths");
    read.push_back(item->integer);
  }
  return read;
}

/// Where the numbers of a tensor lie in its storage, in numbers.
struct Layout {
  std::vector<std::int64_t> shape, strides;
  std::size_t offset = 0;
  std::size_t count = 1;
};

/// Of a tensor in a storage of `held` numbers.
Layout layout_of(const std::vector<PickleValue>& arguments, std::size_t held, const std::string& origin) {
  Layout layout{.shape = lengths(*arguments[2], origin), .strides = lengths(*arguments[3], origin)};
  if (arguments[1]->kind != Kind::integer || arguments[1]->integer < 0 || layout.strides.size() != layout.shape.size())
    damaged_torch_file(origin, "a tensor is described wrongly");
  layout.offset = static_cast<std::size_t>(arguments[1]->integer);
  for (const std::int64_t length : layout.shape) {
    // A tensor has no more numbers than its storage: this also bounds what a lying shape can make us allocate.
    if (length != 0 && layout.count > held / static_cast<std::size_t>(length))
      damaged_torch_file(origin, "a tensor is larger than its storage");
    layout.count *= static_cast<std::size_t>(length);
  }
  std::size_t last = layout.offset;
  for (std::size_t axis = 0; axis < layout.shape.size() && layout.count > 0; ++axis) {
    const auto stride = static_cast<std::size_t>(layout.strides[axis]);
    if (layout.shape[axis] > 1 && (last >= held || stride > held)) damaged_torch_file(origin, "a tensor reaches beyond its storage");
    last += static_cast<std::size_t>(layout.shape[axis] - 1) * (layout.shape[axis] > 1 ? stride : 0);
  }
  if (layout.count > 0 && last >= held) damaged_torch_file(origin, "a tensor reaches beyond its storage");
  return layout;
}

bool is_contiguous(const Layout& layout) {
  std::int64_t step = 1;
  for (std::size_t axis = layout.shape.size(); axis-- > 0;) {
    if (layout.shape[axis] > 1 && layout.strides[axis] != step) return false;
    step *= layout.shape[axis];
  }
  return true;
}

/// The bytes of the tensor's numbers, row-major.
std::vector<std::byte> gathered(const Layout& layout, std::span<const std::byte> storage, std::size_t width) {
  std::vector<std::byte> bytes(layout.count * width);
  std::vector<std::int64_t> index(layout.shape.size(), 0);
  std::size_t at = layout.offset;
  for (std::size_t i = 0; i < layout.count; ++i) {
    std::memcpy(bytes.data() + i * width, storage.data() + at * width, width);
    for (std::size_t axis = index.size(); axis-- > 0;) {
      at += static_cast<std::size_t>(layout.strides[axis]);
      if (++index[axis] < layout.shape[axis]) break;
      at -= static_cast<std::size_t>(index[axis]) * static_cast<std::size_t>(layout.strides[axis]);
      index[axis] = 0;
    }
  }
  return bytes;
}

/// A tensor of the file, not yet read.
struct StoredTensor {
  StoredType type;
  std::span<const std::byte> storage;
  Layout layout;

  [[nodiscard]] std::size_t width() const { return bytes_of(type); }
};

/// nullopt for integers.
std::optional<StoredTensor> find_tensor(const PickleItem& described, const StorageBytes& storage, const std::string& origin) {
  const std::vector<PickleValue>& arguments = described.items;  // storage, offset, shape, strides, ...
  if (arguments.size() < 4) damaged_torch_file(origin, "a tensor is not described");
  const TorchStorage held = storage_of(*arguments[0], origin);
  const auto type = type_of_storage(held.type);
  if (!type) return std::nullopt;
  StoredTensor tensor{.type = *type, .storage = storage(held.key), .layout = {}};
  if (tensor.storage.size() % tensor.width() != 0) damaged_torch_file(origin, fmt::format("storage `{}` is cut short", held.key));
  tensor.layout = layout_of(arguments, tensor.storage.size() / tensor.width(), origin);
  return tensor;
}

Array read_tensor(const StoredTensor& tensor) {
  const Layout& layout = tensor.layout;
  if (layout.count == 0) return {layout.shape, {}};
  const std::size_t width = tensor.width();
  if (!is_contiguous(layout)) return {layout.shape, to_floats(tensor.type, gathered(layout, tensor.storage, width))};
  return {layout.shape, to_floats(tensor.type, tensor.storage.subspan(layout.offset * width, layout.count * width))};
}

}  // namespace

TorchStorage storage_of(const PickleItem& identity, const std::string& origin) {
  const bool named = identity.kind == Kind::persistent && identity.items[0]->items.size() >= 5;
  if (!named) damaged_torch_file(origin, "a tensor has no storage");
  const std::vector<PickleValue>& said = identity.items[0]->items;
  if (said.size() > 5 && said[5]->kind != Kind::none)
    throw Error{origin + ": a storage that is a part of another, as torch 0.3 wrote it", "save it again with a newer torch"};
  return {said[1]->text, said[2]->text};
}

std::size_t bytes_of_storage_type(const std::string& type) {
  static constexpr std::pair<std::string_view, std::size_t> sizes[]{
      {"torch.DoubleStorage", 8},         {"torch.FloatStorage", 4},        {"torch.HalfStorage", 2},  {"torch.BFloat16Storage", 2},
      {"torch.LongStorage", 8},           {"torch.IntStorage", 4},          {"torch.ShortStorage", 2}, {"torch.CharStorage", 1},
      {"torch.ByteStorage", 1},           {"torch.BoolStorage", 1},         {"torch.QInt8Storage", 1}, {"torch.QUInt8Storage", 1},
      {"torch.ComplexDoubleStorage", 16}, {"torch.ComplexFloatStorage", 8}, {"torch.QInt32Storage", 4}};
  for (const auto& [name, size] : sizes) {
    if (type == name) return size;
  }
  return 0;
}

StoredWeights torch_state(const PickleItem& root, const StorageBytes& storage, const std::string& origin, UnpackBudget& budget) {
  State state = state_dictionary(root, origin);
  std::map<std::string, StoredTensor> tensors;
  for (const auto& [key, value] : state.table.members) {
    const PickleItem* const described = tensor_arguments(*value);
    if (described == nullptr) continue;
    const auto tensor = find_tensor(*described, storage, origin);
    if (!tensor) continue;
    // Any number of tensors may show the same storage. All are counted before one is read.
    budget.take(tensor->layout.count, sizeof(float));
    tensors.insert_or_assign(key->text, *tensor);
  }
  StoredWeights read{.weights = {}, .notes = std::move(state.notes)};
  for (const auto& [name, tensor] : tensors) read.weights.emplace(name, read_tensor(tensor));
  return read;
}

void damaged_torch_file(const std::string& origin, const std::string& what) {
  throw Error{fmt::format("{}: {}", origin, what), "the file is damaged, or was not written by torch.save"};
}

UnpackBudget weight_budget(const std::string& origin) {
  return UnpackBudget{origin, "save the weights alone, as safetensors or with torch.save(model.state_dict(), FILE)"};
}

}  // namespace lensfind::network
