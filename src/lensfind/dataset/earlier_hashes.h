#pragma once

#include <span>
#include <string>
#include <vector>

#include "lensfind/dataset/dataset.h"

/// Earlier versions knew pixels by MurmurHash3 and not by XXH3. Their records are compared by these.
namespace lensfind::dataset {

/// What stands before the fingerprint of a data set whose pixels are known by XXH3.
constexpr auto fingerprint_mark = "xxh3:";

/// 32 hexadecimal digits of ids, labels and the hashes of pixels. Samples behind the last hash do not count.
std::string fingerprint_of(std::span<const Sample> samples, std::span<const Hash128> hashes);

/// As those of a Dataset, by MurmurHash3.
struct EarlierHashes {
  std::vector<Hash128> pixels, any_rotation;
};
/// Reads the pixels again. Throws Error where a file has changed or gone.
EarlierHashes earlier_hashes(const Dataset& data);

/// The fingerprint that an earlier version gave these data.
std::string earlier_fingerprint(const Dataset& data);

}  // namespace lensfind::dataset
