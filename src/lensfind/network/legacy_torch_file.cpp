#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/network/torch_state.h"

/// Files of torch.save before 1.6 (torch/serialization.py, _legacy_save): five pickles one behind the other, which are a magic number, the
/// version of the format, facts of the machine, the objects and the keys of their storages; then each storage as its count of numbers (8
/// bytes) and the numbers, in the order of the keys.
namespace lensfind::network {
namespace {

using Kind = PickleItem::Kind;

/// pickle.dumps(0x1950a86a20f9469cfc6c, protocol=2) without the mark that ends it.
constexpr std::array<unsigned char, 14> magic{0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};
constexpr std::int64_t known_version = 1001;

/// Reads one pickle behind the other.
class Pickles {
 public:
  Pickles(std::span<const std::byte> bytes, const std::string& origin, UnpackBudget& budget)
      : bytes_{bytes}, origin_{origin}, budget_{budget} {}

  Pickle next() {
    Pickle read = read_pickle(bytes_, origin_, budget_);
    bytes_ = bytes_.subspan(read.length);
    return read;
  }
  [[nodiscard]] std::span<const std::byte> rest() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
  const std::string& origin_;
  UnpackBudget& budget_;
};

void check_machine(const PickleItem& facts, const std::string& origin) {
  for (const auto& [key, value] : facts.members) {
    if (key->text == "little_endian" && value->kind == Kind::integer && value->integer == 0)
      throw Error{origin + ": was written on a big-endian machine", "save the weights as safetensors"};
  }
}

/// Bytes of a number of each storage, by key.
std::map<std::string, std::size_t> widths_of(const Pickle& objects, const std::string& origin) {
  std::map<std::string, std::size_t> widths;
  for (const PickleItem& item : objects.items) {
    // Code that is kept beside a model has identities too.
    if (item.kind != Kind::persistent || item.items[0]->items.empty() || item.items[0]->items[0]->text != "storage") continue;
    const TorchStorage storage = storage_of(item, origin);
    widths[storage.key] = bytes_of_storage_type(storage.type);
    if (widths[storage.key] == 0)
      throw Error{fmt::format("{}: holds a storage of type {}", origin, storage.type), "save the state dictionary as safetensors"};
  }
  return widths;
}

std::map<std::string, std::span<const std::byte>> read_storages(const PickleItem& keys, const std::map<std::string, std::size_t>& widths,
                                                                std::span<const std::byte> bytes, const std::string& origin) {
  std::map<std::string, std::span<const std::byte>> storages;
  for (const PickleValue& key : keys.items) {
    const auto width = widths.find(key->text);
    std::int64_t count = 0;
    if (width == widths.end() || bytes.size() < sizeof count) damaged_torch_file(origin, fmt::format("storage `{}` is missing", key->text));
    std::memcpy(&count, bytes.data(), sizeof count);
    bytes = bytes.subspan(sizeof count);
    if (count < 0 || static_cast<std::uint64_t>(count) > bytes.size() / width->second)
      damaged_torch_file(origin, fmt::format("storage `{}` is cut short", key->text));
    const std::size_t length = static_cast<std::size_t>(count) * width->second;
    storages[key->text] = bytes.first(length);
    bytes = bytes.subspan(length);
  }
  return storages;
}

}  // namespace

bool is_legacy_torch_file(std::span<const std::byte> bytes) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

StoredWeights parse_legacy_torch_file(std::span<const std::byte> bytes, const std::string& origin) {
  UnpackBudget budget = weight_budget(origin);
  Pickles pickles{bytes, origin, budget};
  (void)pickles.next();  // the magic number
  const Pickle version = pickles.next();
  if (version.root->kind != Kind::integer || version.root->integer != known_version)
    damaged_torch_file(origin, "is of an unknown version of torch's format");
  check_machine(*pickles.next().root, origin);
  const Pickle objects = pickles.next();
  const Pickle keys = pickles.next();
  const auto storages = read_storages(*keys.root, widths_of(objects, origin), pickles.rest(), origin);
  const StorageBytes storage = [&](const std::string& key) {
    const auto found = storages.find(key);
    if (found == storages.end()) damaged_torch_file(origin, fmt::format("storage `{}` is missing", key));
    return found->second;
  };
  return torch_state(*objects.root, storage, origin, budget);
}

}  // namespace lensfind::network
