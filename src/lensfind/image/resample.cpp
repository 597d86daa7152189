#include "lensfind/image/resample.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind {
namespace {

constexpr double slack = .01;  // of a pixel, that the new grid may reach beyond the edge

/// Which pixels of a line sum up, with weights, to one new pixel.
struct Weights {
  int first = 0;
  std::vector<double> weights;  ///< none: it reaches beyond the edge
};

/// Adds `factor` times the slope of the running sum at the edge between pixels `edge` - 1 and `edge`: the flux density there, to fourth
/// order from the four pixels around (Colella & Woodward 1984, equation 1.6 without limiter), near the ends from the two or one that there
/// are.
void add_slope(std::vector<double>& line, int edge, double factor) {
  const auto add = [&](int pixel, double weight) { line[static_cast<std::size_t>(pixel)] += factor * weight; };
  const int count = static_cast<int>(line.size());
  if (edge == 0 || edge == count) {
    add(std::min(edge, count - 1), 1);
  } else if (edge == 1 || edge == count - 1) {
    add(edge - 1, .5);
    add(edge, .5);
  } else {
    add(edge - 1, 7. / 12);
    add(edge, 7. / 12);
    add(edge - 2, -1. / 12);
    add(edge + 1, -1. / 12);
  }
}

/// Adds `sign` times the weights of the running sum at `x` (in pixels from the line's beginning) to `line`: the whole pixels before, and
/// Hermite's cubic over the pixel that `x` lies in.
void add_running_sum(std::vector<double>& line, double x, double sign) {
  const int cell = std::clamp(static_cast<int>(std::floor(x)), 0, static_cast<int>(line.size()) - 1);
  const double t = std::clamp(x - cell, 0.0, 1.0);
  for (int i = 0; i < cell; ++i) line[static_cast<std::size_t>(i)] += sign;
  line[static_cast<std::size_t>(cell)] += sign * t * t * (3 - 2 * t);
  add_slope(line, cell, sign * t * (1 - t) * (1 - t));
  add_slope(line, cell + 1, sign * t * t * (t - 1));
}

std::vector<Weights> weights_of_line(int pixels, double ratio, int size) {
  std::vector<Weights> line;
  for (int i = 0; i < size; ++i) {
    const double begin = pixels / 2.0 + (i - size / 2.0) * ratio;
    const double end = begin + ratio;
    Weights& pixel = line.emplace_back();
    if (begin < -slack || end > pixels + slack) continue;
    std::vector<double> all(static_cast<std::size_t>(pixels));
    add_running_sum(all, end, 1);
    add_running_sum(all, begin, -1);
    const auto first = std::ranges::find_if(all, [](double w) { return w != 0; }) - all.begin();
    auto last = static_cast<std::ptrdiff_t>(all.size());
    while (last > first && all[static_cast<std::size_t>(last - 1)] == 0) --last;
    pixel = {static_cast<int>(first), {all.begin() + first, all.begin() + last}};
  }
  return line;
}

}  // namespace

int resampled_size(int pixels, double ratio) { return static_cast<int>(std::floor((pixels + 2 * slack) / ratio)); }

Image resample_flux(ImageView image, double ratio, int size) {
  if (!(ratio >= 1. / 16 && ratio <= 16))
    throw Error{fmt::format("pixels would become {:.3g} times as wide", ratio), "give cutouts whose pixel scale is nearer to the model's"};
  const auto [bands, height, width] = image.shape;
  const std::vector<Weights> columns = weights_of_line(width, ratio, size);
  const std::vector<Weights> rows = weights_of_line(height, ratio, size);
  Image out{{bands, size, size}, std::numeric_limits<float>::quiet_NaN()};
  std::vector<double> wide(static_cast<std::size_t>(height) * static_cast<std::size_t>(size));  // (height, size)
  for (int b = 0; b < bands; ++b) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < size; ++x) {
        const Weights& from = columns[static_cast<std::size_t>(x)];
        double sum = 0;
        for (std::size_t k = 0; k < from.weights.size(); ++k)
          sum += from.weights[k] * static_cast<double>(image.at(b, y, from.first + static_cast<int>(k)));
        wide[static_cast<std::size_t>(y) * static_cast<std::size_t>(size) + static_cast<std::size_t>(x)] = sum;
      }
    }
    for (int y = 0; y < size; ++y) {
      const Weights& from = rows[static_cast<std::size_t>(y)];
      for (int x = 0; x < size && !from.weights.empty(); ++x) {
        if (columns[static_cast<std::size_t>(x)].weights.empty()) continue;
        double sum = 0;
        for (std::size_t k = 0; k < from.weights.size(); ++k)
          sum += from.weights[k] * wide[static_cast<std::size_t>(from.first + static_cast<int>(k)) * static_cast<std::size_t>(size) +
                                        static_cast<std::size_t>(x)];
        out.at(b, y, x) = static_cast<float>(sum);
      }
    }
  }
  return out;
}

}  // namespace lensfind
