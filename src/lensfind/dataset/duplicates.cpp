#include "lensfind/dataset/duplicates.h"

#include <array>
#include <bit>
#include <string>
#include <unordered_map>

namespace lensfind::dataset {
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

/// A word for each pixel that tells its bands' values from others.
std::vector<std::uint64_t> words_of(image::ImageView image) {
  std::vector<std::uint64_t> words(image.shape.pixels());
  for (int b = 0; b < image.shape.bands; ++b) {
    const std::span<const float> values = image.band(b);
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::uint64_t mixed = (words[i] ^ std::bit_cast<std::uint32_t>(values[i])) * 0x9e3779b97f4a7c15U;
      words[i] = mixed ^ mixed >> 29;
    }
  }
  return words;
}

}  // namespace

Hash128 hash_of_any_rotation(image::ImageView image, HashOfBytes hash) {
  const auto side = static_cast<std::size_t>(image.shape.width);
  if (image.shape.height != image.shape.width) return hash(std::as_bytes(image.values()));
  // Flips and turns move a pixel among eight places: sums over their words are the same in any order.
  const std::vector<std::uint64_t> words = words_of(image);
  std::vector<std::uint64_t> sums;
  const auto at = [&](std::size_t row, std::size_t column) { return words[row * side + column]; };
  for (std::size_t y = 0; y < (side + 1) / 2; ++y) {
    for (std::size_t x = y; x < (side + 1) / 2; ++x) {
      const std::size_t v = side - 1 - y, u = side - 1 - x;
      std::uint64_t sum = 0, squares = 0;
      for (const std::uint64_t word : std::array{at(y, x), at(y, u), at(v, x), at(v, u), at(x, y), at(x, v), at(u, y), at(u, v)}) {
        sum += word;
        squares += word * word;
      }
      sums.insert(sums.end(), {sum, squares});
    }
  }
  return hash(std::as_bytes(std::span{sums}));
}

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

}  // namespace lensfind::dataset
