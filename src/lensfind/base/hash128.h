#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// 128 bits that tell contents apart. They do not protect against forgers.
struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  auto operator<=>(const Hash128&) const = default;
  /// 32 hexadecimal digits.
  [[nodiscard]] std::string text() const;
};

/// The hash of such a text; nothing where it is none.
std::optional<Hash128> parse_hash128(std::string_view text);

/// XXH3 of 128 bits (Collet 2019, xxhash.com) of the bytes: of pixels, where the speed counts.
Hash128 xxh3(std::span<const std::byte> bytes);

/// MurmurHash3_x64_128 (Appleby 2011, public domain) of the bytes: of texts, in files that earlier versions wrote too. On little-endian
/// machines it gives the numbers of the original.
Hash128 hash128(std::span<const std::byte> bytes, std::uint64_t seed = 0);

}  // namespace lensfind::base
