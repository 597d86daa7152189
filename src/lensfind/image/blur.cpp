#include "lensfind/image/blur.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/vectorised.h"

namespace lensfind {
namespace {

/// Index of a pixel of a row of `size`, mirrored about its ends.
int mirrored(int index, int size) {
  const int from_start = std::abs(index);
  return from_start < size ? from_start : 2 * (size - 1) - from_start;
}

/// A row with `reach` mirrored pixels before and behind it.
void extend_row(const float* in, int width, int reach, float* extended) {
  for (int x = -reach; x < 0; ++x) extended[x + reach] = in[mirrored(x, width)];
  std::copy_n(in, width, extended + reach);
  for (int x = width; x < width + reach; ++x) extended[x + reach] = in[mirrored(x, width)];
}

/// out[x] = the sum of `side` rows at x, times weight; row i begins at rows[i]. A side known to the compiler (0: it is not) is unrolled.
template <int known_side>
void add_rows(const float* const* rows, int side, float weight, int width, float* out) {
  const int count = known_side > 0 ? known_side : side;
  for (int x = 0; x < width; ++x) {
    float sum = rows[0][x];
    for (int i = 1; i < count; ++i) sum += rows[i][x];
    out[x] = sum * weight;
  }
}

struct Scratch {
  std::vector<float> sums;         // (height, width) of one band, added up along rows
  std::vector<float> extended;     // one row
  std::vector<const float*> rows;  // those to be added
};

template <int known_side>
void blur_band(float* band, int height, int width, int side, Scratch& scratch) {
  const int reach = side / 2;
  const float weight = 1.0F / static_cast<float>(side * side);
  for (int row = 0; row < height; ++row) {
    extend_row(band + row * width, width, reach, scratch.extended.data());
    for (int i = 0; i < side; ++i) scratch.rows[static_cast<std::size_t>(i)] = scratch.extended.data() + i;
    add_rows<known_side>(scratch.rows.data(), side, 1, width, scratch.sums.data() + row * width);
  }
  for (int row = 0; row < height; ++row) {
    for (int i = 0; i < side; ++i)
      scratch.rows[static_cast<std::size_t>(i)] = scratch.sums.data() + mirrored(row + i - reach, height) * width;
    add_rows<known_side>(scratch.rows.data(), side, weight, width, band + row * width);
  }
}

using Blur = void (*)(float*, int, int, int, Scratch&);

template <int known_side>
constexpr Blur vectorised_blur = [](float* band, int height, int width, int side, Scratch& scratch) {
  vectorised([&] { blur_band<known_side>(band, height, width, side, scratch); });
};

}  // namespace

void box_blur(MutableImageView image, int side) {
  const auto [bands, height, width] = image.shape;
  if (side < 1 || side % 2 == 0 || side > 2 * std::min(height, width) - 1) {
    throw Error{fmt::format("a square of {} pixels cannot blur an image of {} x {}", side, height, width),
                "give an odd number, 3 or 5 for cutouts"};
  }
  thread_local Scratch scratch;
  scratch.sums.resize(image.shape.pixels());
  scratch.extended.resize(static_cast<std::size_t>(width + side));
  scratch.rows.resize(static_cast<std::size_t>(side));
  const auto blur = side == 3 ? vectorised_blur<3> : side == 5 ? vectorised_blur<5> : vectorised_blur<0>;
  for (int b = 0; b < bands; ++b) blur(image.band(b).data(), height, width, side, scratch);
}

}  // namespace lensfind
