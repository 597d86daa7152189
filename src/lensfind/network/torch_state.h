#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "lensfind/base/unpack_budget.h"
#include "lensfind/network/pickle.h"
#include "lensfind/network/weight_file.h"

namespace lensfind::network {

/// What a tensor's persistent identity says of its storage: ("storage", type, key, device, count).
struct TorchStorage {
  std::string type;  ///< "torch.FloatStorage"
  std::string key;
};

/// The storage that an identity names. Throws Error where it is none.
TorchStorage storage_of(const PickleItem& identity, const std::string& origin);

/// Bytes of one number of a storage of this type, integers too; 0 for a type that torch does not have.
std::size_t bytes_of_storage_type(const std::string& type);

/// Gives the bytes of the storage of this key. Throws Error where the file has none.
using StorageBytes = std::function<std::span<const std::byte>(const std::string& key)>;

/// The state dictionary among what torch.save wrote, chosen as timm chooses it. Of a checkpoint `state_dict_ema` or `model_ema` (averaged
/// weights) come before `state_dict`, `model_state_dict` or `model`. Its arrays come out of `budget`. Throws Error.
StoredWeights torch_state(const PickleItem& root, const StorageBytes& storage, const std::string& origin, UnpackBudget& budget);

/// A file of torch 1.6 or later: a ZIP archive of a pickle and the storages. Throws Error.
StoredWeights parse_torch_archive(std::span<const std::byte> bytes, const std::string& origin);

/// A file of torch before 1.6: pickles one behind the other, then the storages. Throws Error.
bool is_legacy_torch_file(std::span<const std::byte> bytes);
StoredWeights parse_legacy_torch_file(std::span<const std::byte> bytes, const std::string& origin);

/// Throws Error: the file is damaged.
[[noreturn]] void damaged_torch_file(const std::string& origin, const std::string& what);

/// What a weight file may unpack to.
UnpackBudget weight_budget(const std::string& origin);

}  // namespace lensfind::network
