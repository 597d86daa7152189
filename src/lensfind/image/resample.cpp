#include "lensfind/image/resample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/vectorised.h"

namespace lensfind::image {
namespace {

constexpr double slack = .01;  // of a pixel, that the new grid may reach beyond the edge

/// How the pixels of a line sum up to new ones: `taps` pixels from the `first` on, each times its weight.
struct Line {
  int taps = 0;
  std::vector<int> first;      ///< of each new pixel; -1: it reaches beyond the edge
  std::vector<float> weights;  ///< (new pixels, taps)
};

/// The weights of one new pixel for the pixels of a line of `count`, as far as they are not 0.
struct Window {
  int first, count;
  std::span<double> weights;

  void add(int pixel, double weight) const { weights[static_cast<std::size_t>(pixel - first)] += weight; }
};

/// Adds `factor` times the slope of the running sum at the edge between pixels `edge` - 1 and `edge`: the flux density there, to fourth
/// order from the four pixels around (Colella & Woodward 1984, equation 1.6 without limiter), near the ends from the two or one that there
/// are.
void add_slope(const Window& window, int edge, double factor) {
  if (edge == 0 || edge == window.count) {
    window.add(std::min(edge, window.count - 1), factor);
  } else if (edge == 1 || edge == window.count - 1) {
    window.add(edge - 1, .5 * factor);
    window.add(edge, .5 * factor);
  } else {
    window.add(edge - 1, 7. / 12 * factor);
    window.add(edge, 7. / 12 * factor);
    window.add(edge - 2, -1. / 12 * factor);
    window.add(edge + 1, -1. / 12 * factor);
  }
}

/// Adds `sign` times the weights of the running sum from the window's first pixel to `x` (in pixels from the line's beginning): the whole
/// pixels before, and Hermite's cubic over the pixel that `x` lies in.
void add_running_sum(const Window& window, double x, double sign) {
  const int cell = std::clamp(static_cast<int>(std::floor(x)), 0, window.count - 1);
  const double t = std::clamp(x - cell, 0.0, 1.0);
  for (int i = window.first; i < cell; ++i) window.add(i, sign);
  window.add(cell, sign * t * t * (3 - 2 * t));
  add_slope(window, cell, sign * t * (1 - t) * (1 - t));
  add_slope(window, cell + 1, sign * t * t * (t - 1));
}

Line weights_of_line(int pixels, double ratio, int size) {
  // Two pixels on either side of those that the new one touches take part in its slopes.
  const int taps = std::min(pixels, static_cast<int>(std::floor(ratio)) + 6);
  Line line{taps, std::vector<int>(static_cast<std::size_t>(size), -1), std::vector<float>(static_cast<std::size_t>(size * taps))};
  std::vector<double> weights(static_cast<std::size_t>(taps));
  for (int i = 0; i < size; ++i) {
    const double begin = pixels / 2.0 + (i - size / 2.0) * ratio;
    const double end = begin + ratio;
    if (begin < -slack || end > pixels + slack) continue;
    std::ranges::fill(weights, 0);
    const Window window{std::clamp(static_cast<int>(std::floor(begin)) - 2, 0, pixels - taps), pixels, weights};
    add_running_sum(window, end, 1);
    add_running_sum(window, begin, -1);
    line.first[static_cast<std::size_t>(i)] = window.first;
    std::ranges::transform(weights, line.weights.begin() + i * taps, [](double w) { return static_cast<float>(w); });
  }
  return line;
}

/// weights_of_line(), kept for the next call: the cutouts of a survey are alike, and weights take as long as a cutout.
Line line_of(int pixels, double ratio, int size) {
  struct Kept {
    int pixels = 0, size = 0;
    double ratio = 0;
    Line line = {};
  };
  thread_local Kept kept;
  if (kept.pixels != pixels || kept.size != size || kept.ratio != ratio) kept = {pixels, size, ratio, weights_of_line(pixels, ratio, size)};
  return kept.line;
}

/// Weighted sums of `taps` rows at `count` places along them.
template <std::size_t count>
void add_rows(const float* rows, int width, const float* weights, int taps, float* out) {
  std::array<float, count> sums{};
  for (int tap = 0; tap < taps; ++tap) {
    const float* row = rows + static_cast<std::ptrdiff_t>(tap) * width;
    for (std::size_t i = 0; i < count; ++i) sums[i] += weights[tap] * row[i];
  }
  std::ranges::copy(sums, out);
}

/// (pixels, width) -> (new pixels, width): every column by itself, so that the loops run along rows.
void resample_columns(const Line& line, const float* in, int width, float* out) {
  constexpr int lanes = 16;  // sums that stay in registers
  for (std::size_t i = 0; i < line.first.size(); ++i, out += width) {
    if (line.first[i] < 0) {
      std::fill_n(out, width, std::numeric_limits<float>::quiet_NaN());
      continue;
    }
    const float* weights = line.weights.data() + i * static_cast<std::size_t>(line.taps);
    const float* rows = in + static_cast<std::ptrdiff_t>(line.first[i]) * width;
    for (int x = 0; x + lanes <= width; x += lanes) add_rows<lanes>(rows + x, width, weights, line.taps, out + x);
    // What is left over is computed with the end of what was.
    if (width % lanes != 0 && width >= lanes) add_rows<lanes>(rows + width - lanes, width, weights, line.taps, out + width - lanes);
    for (int x = 0; x < width && width < lanes; ++x) add_rows<1>(rows + x, width, weights, line.taps, out + x);
  }
}

/// The same of a tile of 8 x 8, whose rows and columns are vectors.
void transpose_tile(const float* in, int width, int height, float* out) {
  constexpr int side = 8;
  std::array<float, side * side> tile;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) tile[static_cast<std::size_t>(y * side + x)] = in[static_cast<std::ptrdiff_t>(y) * width + x];
  for (int x = 0; x < side; ++x)
    for (int y = 0; y < side; ++y) out[static_cast<std::ptrdiff_t>(x) * height + y] = tile[static_cast<std::size_t>(y * side + x)];
}

/// (height, width) -> (width, height)
void transpose(const float* in, int height, int width, float* out) {
  int top = 0;
  for (; top + 8 <= height; top += 8) {
    int left = 0;
    for (; left + 8 <= width; left += 8)
      transpose_tile(in + static_cast<std::ptrdiff_t>(top) * width + left, width, height,
                     out + static_cast<std::ptrdiff_t>(left) * height + top);
    for (; left < width; ++left)
      for (int y = top; y < top + 8; ++y)
        out[static_cast<std::ptrdiff_t>(left) * height + y] = in[static_cast<std::ptrdiff_t>(y) * width + left];
  }
  for (; top < height; ++top)
    for (int x = 0; x < width; ++x) out[static_cast<std::ptrdiff_t>(x) * height + top] = in[static_cast<std::ptrdiff_t>(top) * width + x];
}

}  // namespace

int resampled_size(int pixels, double ratio) { return static_cast<int>(std::floor((pixels + 2 * slack) / ratio)); }

Image resample_flux(ImageView image, double ratio, int size) {
  if (!(ratio >= 1. / 16 && ratio <= 16))
    throw Error{fmt::format("pixels would become {:.3g} times as wide", ratio), "give cutouts whose pixel scale is nearer to the model's"};
  const int height = image.shape.height, width = image.shape.width;
  const Line rows = line_of(height, ratio, size);
  const Line columns = width == height ? rows : weights_of_line(width, ratio, size);
  Image out{ImageShape{image.shape.bands, size, size}};
  const auto area = [](int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); };
  std::vector<float> low(area(size, width)), turned(area(width, size)), both(area(size, size));
  for (int b = 0; b < image.shape.bands; ++b) {
    vectorised([&] {
      resample_columns(rows, image.band(b).data(), width, low.data());
      transpose(low.data(), size, width, turned.data());
      resample_columns(columns, turned.data(), size, both.data());
      transpose(both.data(), size, size, out.band(b).data());
    });
  }
  return out;
}

}  // namespace lensfind::image
