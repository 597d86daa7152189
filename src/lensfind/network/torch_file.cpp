#include <map>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/zip_archive.h"
#include "lensfind/network/torch_state.h"

namespace lensfind::network {
namespace {

using Files = std::map<std::string, std::span<const std::byte>>;

/// The archive's files, each with the checksum that it should have.
Files read_files(std::span<const std::byte> bytes, const std::string& origin) {
  Files files;
  for (const auto& [name, file] : read_zip(bytes, origin)) {
    if (file.deflated)
      throw Error{fmt::format("{}: `{}` is compressed", origin, name), "save the weights with torch.save or as safetensors"};
    check_contents(file, file.bytes, fmt::format("{}: `{}`", origin, name));
    files[name] = file.bytes;
  }
  return files;
}

}  // namespace

StoredWeights parse_torch_archive(std::span<const std::byte> bytes, const std::string& origin) {
  const Files files = read_files(bytes, origin);
  const std::string pickle = "data.pkl";
  std::string prefix;
  const std::span<const std::byte>* description = nullptr;
  for (const auto& [name, content] : files) {
    if (!name.ends_with(pickle)) continue;
    prefix = name.substr(0, name.size() - pickle.size());
    description = &content;
  }
  if (description == nullptr) damaged_torch_file(origin, "an archive without data.pkl");
  const auto order = files.find(prefix + "byteorder");
  if (order != files.end() && std::string_view{reinterpret_cast<const char*>(order->second.data()), order->second.size()} == "big") {
    throw Error{origin + ": was written on a big-endian machine", "save the weights as safetensors"};
  }
  const StorageBytes storage = [&](const std::string& key) {
    const auto file = files.find(prefix + "data/" + key);
    if (file == files.end()) damaged_torch_file(origin, fmt::format("storage `{}` is missing", key));
    return file->second;
  };
  UnpackBudget budget = weight_budget(origin);
  const Pickle read = read_pickle(*description, origin, budget);
  return torch_state(*read.root, storage, origin, budget);
}

Weights parse_torch_file(std::span<const std::byte> bytes, const std::string& origin) {
  return (is_legacy_torch_file(bytes) ? parse_legacy_torch_file(bytes, origin) : parse_torch_archive(bytes, origin)).weights;
}

Weights read_torch_file(const std::filesystem::path& path) { return parse_torch_file(read_weight_bytes(path), path.string()); }

}  // namespace lensfind::network
