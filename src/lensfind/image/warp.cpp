#include "lensfind/image/warp.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "lensfind/image/vectorised.h"

namespace lensfind::image {
namespace {

// Bands are resampled four at a time, from a copy in which a pixel's four values lie side by side: one load fetches a tap of them all.
constexpr int together = 4;
constexpr int margin = 1;        // pixels of zeros before the image in that copy ...
constexpr int both_margins = 3;  // ... and with those behind it: the last tap of a coordinate at the far edge is two beyond it

/// A pixel's values in four bands, in one register (a vector type of GCC and Clang, on every processor).
using Four [[gnu::vector_size(together * sizeof(float))]] = float;

Four load(const float* from) {
  Four values;
  std::memcpy(&values, from, sizeof values);
  return values;
}

/// Of one result row: where each pixel's upper left tap is in the padded copy, and the weights of the right and the lower taps.
struct Taps {
  std::vector<int> first;
  std::vector<float> right;
  std::vector<float> lower;
};

struct Scratch {
  std::vector<float> padded;  // (groups of four bands, height + both_margins, width + both_margins, together)
  std::vector<float> row;     // (width, together)
  Taps taps;                  // (width)
};

/// A coordinate moved to where its value is found in the padded copy, from 0 up to size + 1.
template <Border border>
float padded_coordinate(float coordinate, float size) {
  if constexpr (border == Border::zero) {
    // Beyond the margin all is zero as in the margin.
    return std::min(std::max(coordinate, -1.0F), size) + margin;
  } else {
    const float last = size - 1;
    const float period = std::max(2 * last, 1.0F);
    const float within = coordinate - period * std::floor(coordinate / period);
    return last - std::abs(last - within) + margin;
  }
}

template <Interpolation interpolation, Border border>
void find_taps(ImageShape shape, const AffineMap& map, int y, Taps& taps) {
  const int pitch = shape.width + both_margins;
  const auto width = static_cast<float>(shape.width);
  const auto height = static_cast<float>(shape.height);
  const auto xx = static_cast<float>(map.xx);
  const auto yx = static_cast<float>(map.yx);
  const auto x_start = static_cast<float>(map.xy * y + map.x0);
  const auto y_start = static_cast<float>(map.yy * y + map.y0);
  int* const first = taps.first.data();
  float* const right = taps.right.data();
  float* const lower = taps.lower.data();
  for (int x = 0; x < shape.width; ++x) {
    float column = xx * static_cast<float>(x) + x_start;
    float row = yx * static_cast<float>(x) + y_start;
    if constexpr (interpolation == Interpolation::nearest) {
      column = std::floor(column + .5F);
      row = std::floor(row + .5F);
    }
    column = padded_coordinate<border>(column, width);
    row = padded_coordinate<border>(row, height);
    const int left = static_cast<int>(column);
    const int top = static_cast<int>(row);
    first[x] = (top * pitch + left) * together;
    right[x] = column - static_cast<float>(left);
    lower[x] = row - static_cast<float>(top);
  }
}

/// The pixels of four bands, in turn; where there are fewer, the last is repeated.
using BandPointers = std::array<float*, together>;

BandPointers bands_of(MutableImageView image, int group) {
  BandPointers bands;
  for (int i = 0; i < together; ++i) {
    bands[static_cast<std::size_t>(i)] = image.band(std::min(group * together + i, image.shape.bands - 1)).data();
  }
  return bands;
}

/// Four bands side by side, zeros around them.
void interleave(const BandPointers& bands, ImageShape shape, float* padded) {
  const int pitch = (shape.width + both_margins) * together;
  constexpr int before = margin * together;
  constexpr int after = (both_margins - margin) * together;
  padded = std::fill_n(padded, margin * pitch, 0.0F);
  for (int y = 0; y < shape.height; ++y) {
    const int start = y * shape.width;
    float* const row = std::fill_n(padded, before, 0.0F);
    for (int x = 0; x < shape.width; ++x) {
      row[x * together] = bands[0][start + x];
      row[x * together + 1] = bands[1][start + x];
      row[x * together + 2] = bands[2][start + x];
      row[x * together + 3] = bands[3][start + x];
    }
    padded = std::fill_n(row + shape.width * together, after, 0.0F);
  }
  std::fill_n(padded, (both_margins - margin) * pitch, 0.0F);
}

void resample_row(const float* padded, int pitch, const Taps& taps, int width, float* out) {
  const int* const first = taps.first.data();
  const float* const right = taps.right.data();
  const float* const lower = taps.lower.data();
  for (int x = 0; x < width; ++x) {
    const float* const upper = padded + first[x];
    const Four upper_left = load(upper);
    const Four upper_right = load(upper + together);
    const Four lower_left = load(upper + pitch);
    const Four lower_right = load(upper + pitch + together);
    const Four left_column = upper_left + lower[x] * (lower_left - upper_left);
    const Four right_column = upper_right + lower[x] * (lower_right - upper_right);
    const Four value = left_column + right[x] * (right_column - left_column);
    std::memcpy(out + x * together, &value, sizeof value);
  }
}

void separate(const float* row, int width, int start, const BandPointers& bands) {
  for (int x = 0; x < width; ++x) {
    bands[0][start + x] = row[x * together];
    bands[1][start + x] = row[x * together + 1];
    bands[2][start + x] = row[x * together + 2];
    bands[3][start + x] = row[x * together + 3];
  }
}

template <Interpolation interpolation, Border border>
void warp_with(MutableImageView image, const AffineMap& map, Scratch& scratch) {
  const ImageShape shape = image.shape;
  const int groups = (shape.bands + together - 1) / together;
  const int pitch = (shape.width + both_margins) * together;
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(pitch) * (shape.height + both_margins);
  for (int group = 0; group < groups; ++group) interleave(bands_of(image, group), shape, scratch.padded.data() + group * plane);
  for (int y = 0; y < shape.height; ++y) {
    find_taps<interpolation, border>(shape, map, y, scratch.taps);
    for (int group = 0; group < groups; ++group) {
      resample_row(scratch.padded.data() + group * plane, pitch, scratch.taps, shape.width, scratch.row.data());
      separate(scratch.row.data(), shape.width, y * shape.width, bands_of(image, group));
    }
  }
}

using Warp = void (*)(MutableImageView, const AffineMap&, Scratch&);

template <Interpolation interpolation, Border border>
constexpr Warp vectorised_warp = [](MutableImageView image, const AffineMap& map, Scratch& scratch) {
  vectorised([&] { warp_with<interpolation, border>(image, map, scratch); });
};

}  // namespace

AffineMap map_of(const CentredChange& change, ImageShape shape) {
  const double centre_x = shape.width / 2.0 - .5;
  const double centre_y = shape.height / 2.0 - .5;
  const double cosine = std::cos(change.angle_rad);
  const double sine = std::sin(change.angle_rad);
  // The way back: shift, turn and magnification undone in reverse. With rows growing downwards a counter-clockwise turn sends (x, y) to
  // (x cos + y sin, -x sin + y cos).
  AffineMap map{.xx = cosine / change.scale_x, .xy = -sine / change.scale_x, .yx = sine / change.scale_y, .yy = cosine / change.scale_y};
  const double to_x = centre_x + change.shift_x;
  const double to_y = centre_y + change.shift_y;
  map.x0 = centre_x - map.xx * to_x - map.xy * to_y;
  map.y0 = centre_y - map.yx * to_x - map.yy * to_y;
  return map;
}

void warp(MutableImageView image, const AffineMap& map, Interpolation interpolation, Border border) {
  thread_local Scratch scratch;
  const ImageShape shape = image.shape;
  const int groups = (shape.bands + together - 1) / together;
  const auto width = static_cast<std::size_t>(shape.width);
  scratch.taps.first.resize(width);
  scratch.taps.right.resize(width);
  scratch.taps.lower.resize(width);
  scratch.row.resize(width * together);
  scratch.padded.resize(static_cast<std::size_t>(groups * together) * (width + both_margins) *
                        static_cast<std::size_t>(shape.height + both_margins));
  const bool bilinear = interpolation == Interpolation::bilinear;
  const Warp zero =
      bilinear ? vectorised_warp<Interpolation::bilinear, Border::zero> : vectorised_warp<Interpolation::nearest, Border::zero>;
  const Warp reflect =
      bilinear ? vectorised_warp<Interpolation::bilinear, Border::reflect> : vectorised_warp<Interpolation::nearest, Border::reflect>;
  (border == Border::zero ? zero : reflect)(image, map, scratch);
}

}  // namespace lensfind::image
