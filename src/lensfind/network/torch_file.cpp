#include <map>
#include <optional>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/zip_archive.h"
#include "lensfind/network/pickle.h"
#include "lensfind/network/stored_numbers.h"
#include "lensfind/network/weights.h"

namespace lensfind::network {
namespace {

using Kind = PickleItem::Kind;
using Files = std::map<std::string, std::span<const std::byte>>;

[[noreturn]] void damaged(const std::string& origin, const std::string& what) {
  throw Error{fmt::format("{}: {}", origin, what), "the file is damaged, or was not written by torch.save of version 1.6 or later"};
}

/// nullopt for integers.
std::optional<StoredType> stored_type(const std::string& storage) {
  if (storage == "torch.FloatStorage") return StoredType::f32;
  if (storage == "torch.DoubleStorage") return StoredType::f64;
  if (storage == "torch.HalfStorage") return StoredType::f16;
  if (storage == "torch.BFloat16Storage") return StoredType::bf16;
  return std::nullopt;
}

std::string called(const PickleItem& item) {
  return item.kind == Kind::call && item.items[0]->kind == Kind::global ? item.items[0]->text : "";
}

/// A tensor's call, also where it is wrapped as a parameter; nullptr for anything else.
const PickleItem* tensor_call(const PickleItem& item) {
  if (called(item) == "torch._utils._rebuild_tensor_v2") return &item;
  // One level only: a damaged file may wrap a parameter in itself.
  const bool wrapped = called(item) == "torch._utils._rebuild_parameter" && !item.items[1]->items.empty();
  const PickleItem* inside = wrapped ? item.items[1]->items[0] : nullptr;
  return inside != nullptr && called(*inside) == "torch._utils._rebuild_tensor_v2" ? inside : nullptr;
}

/// A dictionary's members; collections.OrderedDict() is a call that gets its members afterwards.
bool is_table(const PickleItem& item) { return item.kind == Kind::table || called(item) == "collections.OrderedDict"; }

bool holds_tensors(const PickleItem& item) {
  for (const auto& [key, value] : item.members) {
    if (tensor_call(*value) != nullptr) return true;
  }
  return false;
}

const PickleItem& state_dictionary(const PickleItem& root, const std::string& origin) {
  if (is_table(root) && holds_tensors(root)) return root;
  for (const char* name : {"state_dict", "model_state_dict", "model"}) {
    for (const auto& [key, value] : root.members) {
      if (key->text == name && is_table(*value) && holds_tensors(*value)) return *value;
    }
  }
  throw Error{origin + ": holds no state dictionary", "save model.state_dict() with torch.save, not the model itself"};
}

std::vector<std::int64_t> lengths(const PickleItem& list, const std::string& origin) {
  std::vector<std::int64_t> read;
  for (const PickleValue& item : list.items) {
    if (item->kind != Kind::integer || item->integer < 0) damaged(origin, "a tensor's shape is no list of lengths");
    read.push_back(item->integer);
  }
  return read;
}

/// Where each number of a strided tensor lies in its storage of `held` numbers.
std::vector<std::size_t> positions(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides, std::int64_t offset,
                                   std::size_t held, const std::string& origin) {
  std::vector<std::size_t> at{static_cast<std::size_t>(offset)};
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    // A tensor has no more numbers than its storage: this also bounds what a lying shape can make us allocate.
    if (static_cast<std::size_t>(shape[axis]) * at.size() > held || static_cast<std::size_t>(shape[axis]) > held)
      damaged(origin, "a tensor is larger than its storage");
    std::vector<std::size_t> next;
    for (const std::size_t base : at) {
      for (std::int64_t i = 0; i < shape[axis]; ++i)
        next.push_back(base + static_cast<std::size_t>(i) * static_cast<std::size_t>(strides[axis]));
    }
    at = std::move(next);
  }
  for (const std::size_t position : at) {
    if (position >= held) damaged(origin, "a tensor reaches beyond its storage");
  }
  return at;
}

/// The numbers of the storage that a persistent identity ("storage", type, key, device, count) names; nullopt for integers.
std::optional<std::vector<float>> read_storage(const PickleItem& storage, const Files& files, const std::string& prefix,
                                               const std::string& origin) {
  if (storage.kind != Kind::persistent || storage.items[0]->items.size() != 5) damaged(origin, "a tensor has no storage");
  const std::vector<PickleValue>& identity = storage.items[0]->items;
  const auto type = stored_type(identity[1]->text);
  if (!type) return std::nullopt;
  const auto file = files.find(prefix + "data/" + identity[2]->text);
  if (file == files.end() || file->second.size() % bytes_of(*type) != 0)
    damaged(origin, fmt::format("storage `{}` is missing or cut short", identity[2]->text));
  return to_floats(*type, file->second);
}

std::optional<Array> read_tensor(const PickleItem& call, const Files& files, const std::string& prefix, const std::string& origin) {
  const std::vector<PickleValue>& arguments = call.items[1]->items;  // storage, offset, size, stride, ...
  if (arguments.size() < 4) damaged(origin, "a tensor is not described");
  const auto numbers = read_storage(*arguments[0], files, prefix, origin);
  if (!numbers) return std::nullopt;
  Array array{lengths(*arguments[2], origin), {}};
  const std::vector<std::int64_t> strides = lengths(*arguments[3], origin);
  if (arguments[1]->kind != Kind::integer || arguments[1]->integer < 0 || strides.size() != array.shape.size())
    damaged(origin, "a tensor is described wrongly");
  for (const std::size_t at : positions(array.shape, strides, arguments[1]->integer, numbers->size(), origin))
    array.values.push_back((*numbers)[at]);
  return array;
}

}  // namespace

Weights parse_torch_file(std::span<const std::byte> bytes, const std::string& origin) {
  Files files;
  for (const auto& [name, file] : read_zip(bytes, origin)) {
    if (file.deflated)
      throw Error{fmt::format("{}: `{}` is compressed", origin, name), "save the weights with torch.save or as safetensors"};
    files[name] = file.bytes;
  }
  const std::string pickle = "data.pkl";
  std::string prefix;
  const std::span<const std::byte>* description = nullptr;
  for (const auto& [name, content] : files) {
    if (!name.ends_with(pickle)) continue;
    prefix = name.substr(0, name.size() - pickle.size());
    description = &content;
  }
  if (description == nullptr) damaged(origin, "an archive without data.pkl");
  const auto order = files.find(prefix + "byteorder");
  if (order != files.end() && std::string_view{reinterpret_cast<const char*>(order->second.data()), order->second.size()} == "big") {
    throw Error{origin + ": was written on a big-endian machine", "save the weights as safetensors"};
  }
  const Pickle read = read_pickle(*description, origin);
  Weights weights;
  for (const auto& [key, value] : state_dictionary(*read.root, origin).members) {
    const PickleItem* call = tensor_call(*value);
    if (call == nullptr) continue;
    if (auto array = read_tensor(*call, files, prefix, origin)) weights[key->text] = std::move(*array);
  }
  return weights;
}

Weights read_torch_file(const std::filesystem::path& path) { return parse_torch_file(read_weight_bytes(path), path.string()); }

}  // namespace lensfind::network
