#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lensfind::network {

/// How a weight file holds its numbers: IEEE 754 little-endian, or the upper half of a float32.
enum class StoredType { f64, f32, f16, bf16 };

/// Bytes of one number.
std::size_t bytes_of(StoredType type);

/// As float32; `bytes` holds whole numbers.
std::vector<float> to_floats(StoredType type, std::span<const std::byte> bytes);

/// The nearest number of 16 bits (IEEE 754 binary16, ties to even); beyond 65504 infinity, below 2^-25 zero.
std::uint16_t to_half(float value);

}  // namespace lensfind::network
