#include "lensfind/network/stored_numbers.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace lensfind::network {
namespace {

static_assert(std::endian::native == std::endian::little, "weight files are little-endian");

float from_half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int fraction = bits & 1023;
  const float sign = (bits & 0x8000) != 0 ? -1.0F : 1.0F;
  if (exponent == 31) return fraction == 0 ? sign * std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
}

float from_bfloat(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

template <typename Stored>
std::vector<float> convert(std::span<const std::byte> bytes, auto to_float) {
  std::vector<float> values(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof stored, sizeof stored);
    values[i] = to_float(stored);
  }
  return values;
}

}  // namespace

std::uint16_t to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000);
  const float size = std::abs(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7E00);
  if (size >= 65520) return static_cast<std::uint16_t>(sign | 0x7C00);  // halfway from 65504, the largest, to 2^16
  // The step of the numbers about `size`: 2^-24 below 2^-14, else 2^-10 of its power of two. nearbyint rounds ties to even.
  const int exponent = size < 0x1p-14F ? -14 : std::ilogb(size);
  const auto steps = static_cast<int>(std::nearbyint(std::ldexp(size, 10 - exponent)));
  return static_cast<std::uint16_t>(sign | (((exponent + 14) << 10) + steps));
}

std::size_t bytes_of(StoredType type) {
  if (type == StoredType::f64) return 8;
  return type == StoredType::f32 ? 4 : 2;
}

std::vector<float> to_floats(StoredType type, std::span<const std::byte> bytes) {
  switch (type) {
    case StoredType::f64:
      return convert<double>(bytes, [](double value) { return static_cast<float>(value); });
    case StoredType::f32:
      return convert<float>(bytes, [](float value) { return value; });
    case StoredType::f16:
      return convert<std::uint16_t>(bytes, from_half);
    case StoredType::bf16:
      return convert<std::uint16_t>(bytes, from_bfloat);
  }
  return {};
}

}  // namespace lensfind::network
