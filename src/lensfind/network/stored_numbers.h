#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace lensfind::network {

/// How a weight file holds its numbers: IEEE 754 little-endian, or the upper half of a float32.
enum class StoredType { f64, f32, f16, bf16 };

/// Bytes of one number.
std::size_t bytes_of(StoredType type);

/// As float32; `bytes` holds whole numbers.
std::vector<float> to_floats(StoredType type, std::span<const std::byte> bytes);

}  // namespace lensfind::network
