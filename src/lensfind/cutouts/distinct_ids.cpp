#include "lensfind/cutouts/distinct_ids.h"

#include <algorithm>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/hash128.h"

namespace lensfind::cutouts {
namespace {

/// Two files with one id.
struct Shared {
  std::string id, first, second;
};

void for_each_file(const InputOptions& options, const auto& use) {
  for (const std::filesystem::path& argument : options.arguments) {
    const FileList files = files_of(argument, list_options_of(options));
    while (const std::optional<ListedFile> file = files()) use(*file);
  }
}

std::uint64_t hash_of(const std::string& id) { return hash128(std::as_bytes(std::span{id})).low; }

std::optional<Shared> shared_id(const InputOptions& options) {
  std::vector<std::uint64_t> hashes;
  for_each_file(options, [&](const ListedFile& file) { hashes.push_back(hash_of(file.id)); });
  std::ranges::sort(hashes);
  const auto twice = std::ranges::adjacent_find(hashes);
  if (twice == hashes.end()) return {};
  std::vector<Shared> of_hash;
  for_each_file(options, [&](const ListedFile& file) {
    if (of_hash.size() < 2 && hash_of(file.id) == *twice) of_hash.push_back({file.id, file.path.string(), {}});
  });
  return Shared{of_hash.at(0).id, of_hash[0].first, of_hash.at(1).first};
}

}  // namespace

std::string make_ids_distinct(InputOptions& options) {
  if (options.catalogue || (options.arguments.size() == 1 && !is_list_name(options.arguments.front()))) return {};
  const std::optional<Shared> plain = shared_id(options);
  if (!plain) return {};
  options.long_ids = true;
  if (const std::optional<Shared> still = shared_id(options)) {
    if (still->first == still->second) throw Error{fmt::format("{}: is given twice among the inputs", still->first), "give each file once"};
    throw Error{fmt::format("{} and {} both have the id `{}`", still->first, still->second, still->id), "give each its own id in the list"};
  }
  return fmt::format("{} and {} would both have the id `{}`: ids begin with the inputs' names", plain->first, plain->second, plain->id);
}

}  // namespace lensfind::cutouts
