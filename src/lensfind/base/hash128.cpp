#include "lensfind/base/hash128.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <xxhash.h>

namespace lensfind::base {
namespace {

constexpr std::uint64_t c1 = 0x87c37b91114253d5U;
constexpr std::uint64_t c2 = 0x4cf5ad432745937fU;

std::uint64_t scramble_low(std::uint64_t word) { return std::rotl(word * c1, 31) * c2; }
std::uint64_t scramble_high(std::uint64_t word) { return std::rotl(word * c2, 33) * c1; }

std::uint64_t finish(std::uint64_t word) {
  word = (word ^ word >> 33) * 0xff51afd7ed558ccdU;
  word = (word ^ word >> 33) * 0xc4ceb9fe1a85ec53U;
  return word ^ word >> 33;
}

}  // namespace

std::string Hash128::text() const { return fmt::format("{:016x}{:016x}", low, high); }

std::optional<Hash128> parse_hash128(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  const auto half = [&](std::size_t begin) -> std::optional<std::uint64_t> {
    std::uint64_t number = 0;
    const char* const end = text.data() + begin + 16;
    const auto read = std::from_chars(text.data() + begin, end, number, 16);
    return read.ec == std::errc{} && read.ptr == end ? std::optional{number} : std::nullopt;
  };
  const auto low = half(0);
  const auto high = half(16);
  if (!low || !high) return std::nullopt;
  return Hash128{*low, *high};
}

Hash128 xxh3(std::span<const std::byte> bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

Hash128 hash128(std::span<const std::byte> bytes, std::uint64_t seed) {
  const std::size_t length = bytes.size();
  std::uint64_t low = seed;
  std::uint64_t high = seed;
  std::uint64_t words[2];
  for (; bytes.size() >= sizeof words; bytes = bytes.subspan(sizeof words)) {
    std::memcpy(words, bytes.data(), sizeof words);
    low = (std::rotl(low ^ scramble_low(words[0]), 27) + high) * 5 + 0x52dce729U;
    high = (std::rotl(high ^ scramble_high(words[1]), 31) + low) * 5 + 0x38495ab5U;
  }
  // The rest, padded with zeros, which scramble to zero.
  words[0] = words[1] = 0;
  std::ranges::copy(bytes, reinterpret_cast<std::byte*>(words));
  low ^= scramble_low(words[0]) ^ length;
  high ^= scramble_high(words[1]) ^ length;
  low += high;
  high += low;
  low = finish(low);
  high = finish(high);
  low += high;
  high += low;
  return {low, high};
}

}  // namespace lensfind::base
