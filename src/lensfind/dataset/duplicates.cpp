#include "lensfind/dataset/duplicates.h"

#include <string>
#include <unordered_map>

namespace lensfind {
namespace {

struct HashOfHash {
  std::size_t operator()(const Hash128& hash) const { return hash.low; }
};

/// The group that stands for `name` by now (union-find with path halving).
std::string representative(std::unordered_map<std::string, std::string>& parent, std::string name) {
  for (auto at = parent.find(name); at != parent.end(); at = parent.find(name)) {
    const auto above = parent.find(at->second);
    if (above != parent.end()) at->second = above->second;
    name = at->second;
  }
  return name;
}

}  // namespace

std::vector<std::vector<std::int64_t>> exact_duplicates(std::span<const Hash128> pixels) {
  std::unordered_map<Hash128, std::int64_t, HashOfHash> first;
  std::unordered_map<std::int64_t, std::size_t> set_of_first;
  std::vector<std::vector<std::int64_t>> sets;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const auto index = static_cast<std::int64_t>(i);
    const auto [seen, is_new] = first.emplace(pixels[i], index);
    if (is_new) continue;
    const auto [set, begins] = set_of_first.emplace(seen->second, sets.size());
    if (begins) sets.push_back({seen->second});
    sets[set->second].push_back(index);
  }
  return sets;
}

void join_groups(std::span<const std::vector<std::int64_t>> duplicates, std::vector<Sample>& samples) {
  if (duplicates.empty()) return;
  std::unordered_map<std::string, std::string> parent;
  for (const std::vector<std::int64_t>& set : duplicates) {
    for (const std::int64_t i : set) {
      const std::string kept = representative(parent, samples[static_cast<std::size_t>(set[0])].group);
      const std::string joined = representative(parent, samples[static_cast<std::size_t>(i)].group);
      if (kept != joined) parent[joined] = kept;
    }
  }
  for (Sample& sample : samples) sample.group = representative(parent, sample.group);
}

}  // namespace lensfind
