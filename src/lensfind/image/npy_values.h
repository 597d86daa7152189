#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "lensfind/image/image.h"

namespace lensfind::image {

/// Steps between neighbouring values of a cutout in a file, counted in values.
struct ValueStrides {
  std::int64_t band = 0;
  std::int64_t row = 0;
  std::int64_t column = 0;
};

/// The strides of one of `count` images that lie in one array (count, bands, height, width). A `count` of 1 is a cutout by itself.
ValueStrides strides_of(bool fortran_order, std::int64_t count, ImageShape shape);

/// Whether the values of numpy's `type` are float32 in this machine's byte order, so that they need no conversion.
bool is_native_float32(const std::string& type);

/// Converts a cutout of numpy's `type` whose first value is at `first` to float32 in C order. All values that the strides reach must be
/// there. They need not be aligned.
void convert_values(const std::string& type, const std::byte* first, const ValueStrides& strides, ImageShape shape, std::span<float> out);

}  // namespace lensfind::image
