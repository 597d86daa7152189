#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lensfind/base/hash128.h"
#include "lensfind/dataset/sample.h"
#include "lensfind/image/image.h"

namespace lensfind::dataset {

/// A function that hashes bytes: xxh3 or hash128.
using HashOfBytes = Hash128 (*)(std::span<const std::byte> bytes);

/// A hash that an image shares with its flips and quarter turns, and with no other image but by chance. For an image that is not square it
/// is the hash of its pixels as they are.
Hash128 hash_of_any_rotation(image::ImageView image, HashOfBytes hash = xxh3);

/// Sets of two or more samples with the same hash: indices ascending, sets in the order of their first sample.
std::vector<std::vector<std::int64_t>> exact_duplicates(std::span<const Hash128> pixels);

/// Gives samples that are copies of each other, and all others of their groups, one group. It has the name of the first one's group.
void join_groups(std::span<const std::vector<std::int64_t>> duplicates, std::vector<Sample>& samples);

}  // namespace lensfind::dataset
