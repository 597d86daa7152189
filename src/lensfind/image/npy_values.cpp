#include "lensfind/image/npy_values.h"

#include <bit>
#include <cstring>
#include <type_traits>

namespace lensfind::image {
namespace {

template <typename Word>
Word swapped(Word word) {
  if constexpr (sizeof(Word) == 2) return static_cast<Word>(__builtin_bswap16(word));
  if constexpr (sizeof(Word) == 4) return __builtin_bswap32(word);
  if constexpr (sizeof(Word) == 8) return __builtin_bswap64(word);
  return word;
}

/// IEEE 754 binary16 to binary32, subnormal, infinite and NaN values included. Moving the exponent into place and multiplying by 2^112 also
/// gives subnormal numbers their right value; only infinity and NaN need their exponent set.
float from_half(std::uint16_t half) {
  const std::uint32_t magnitude = (half & 0x7fffU) << 13;
  const std::uint32_t sign = (half & 0x8000U) << 16;
  const auto scaled = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112F);
  const std::uint32_t bits = magnitude >= 0x0f800000U ? magnitude | 0x7f800000U : scaled;
  return std::bit_cast<float>(bits | sign);
}

struct Half {
  using Word = std::uint16_t;
  static float value(Word word) { return from_half(word); }
};
struct Single {
  using Word = std::uint32_t;
  static float value(Word word) { return std::bit_cast<float>(word); }
};
struct Double {
  using Word = std::uint64_t;
  static float value(Word word) { return static_cast<float>(std::bit_cast<double>(word)); }
};
struct LongDouble {
  using Word = long double;
  static float value(Word word) { return static_cast<float>(word); }
};
struct Bool {
  using Word = std::uint8_t;
  static float value(Word word) { return word == 0 ? 0.F : 1.F; }
};
/// `Number` and the word without sign of the same width.
template <typename Number>
struct Whole {
  using Word = std::make_unsigned_t<Number>;
  static float value(Word word) { return static_cast<float>(static_cast<Number>(word)); }
};

template <typename Kind, bool swap>
void convert(const std::byte* first, const ValueStrides& strides, ImageShape shape, float* out) {
  using Word = typename Kind::Word;
  constexpr std::int64_t bytes = sizeof(Word);
  for (int b = 0; b < shape.bands; ++b) {
    for (int row = 0; row < shape.height; ++row) {
      const std::byte* at = first + (b * strides.band + row * strides.row) * bytes;
      for (int column = 0; column < shape.width; ++column) {
        Word word;
        std::memcpy(&word, at + column * strides.column * bytes, sizeof(Word));
        *out++ = Kind::value(swap ? swapped(word) : word);
      }
    }
  }
}

template <typename Kind>
void convert_either(bool swap, const std::byte* first, const ValueStrides& strides, ImageShape shape, float* out) {
  if (swap) {
    convert<Kind, true>(first, strides, shape, out);
  } else {
    convert<Kind, false>(first, strides, shape, out);
  }
}

bool is_foreign(const std::string& type) { return type[0] == (std::endian::native == std::endian::little ? '>' : '<'); }

}  // namespace

bool is_native_float32(const std::string& type) { return type.substr(1) == "f4" && !is_foreign(type); }

ValueStrides strides_of(bool fortran_order, std::int64_t count, ImageShape shape) {
  if (!fortran_order) return {static_cast<std::int64_t>(shape.pixels()), shape.width, 1};
  return {count, count * shape.bands, count * shape.bands * shape.height};
}

void convert_values(const std::string& type, const std::byte* first, const ValueStrides& strides, ImageShape shape, std::span<float> out) {
  const bool swap = is_foreign(type);
  const std::string kind = type.substr(1);
  if (kind == "f2") convert_either<Half>(swap, first, strides, shape, out.data());
  if (kind == "f4") convert_either<Single>(swap, first, strides, shape, out.data());
  if (kind == "f8") convert_either<Double>(swap, first, strides, shape, out.data());
  if (kind == "f16") convert_either<LongDouble>(false, first, strides, shape, out.data());
  if (kind == "b1") convert_either<Bool>(false, first, strides, shape, out.data());
  if (kind == "i1") convert_either<Whole<std::int8_t>>(false, first, strides, shape, out.data());
  if (kind == "u1") convert_either<Whole<std::uint8_t>>(false, first, strides, shape, out.data());
  if (kind == "i2") convert_either<Whole<std::int16_t>>(swap, first, strides, shape, out.data());
  if (kind == "u2") convert_either<Whole<std::uint16_t>>(swap, first, strides, shape, out.data());
  if (kind == "i4") convert_either<Whole<std::int32_t>>(swap, first, strides, shape, out.data());
  if (kind == "u4") convert_either<Whole<std::uint32_t>>(swap, first, strides, shape, out.data());
  if (kind == "i8") convert_either<Whole<std::int64_t>>(swap, first, strides, shape, out.data());
  if (kind == "u8") convert_either<Whole<std::uint64_t>>(swap, first, strides, shape, out.data());
}

}  // namespace lensfind::image
