#include "lensfind/simulate/display_look.h"

#include <algorithm>
#include <cmath>

namespace lensfind::simulate {
namespace {

/// One output pixel as a mean of neighbouring input pixels.
struct Weights {
  int first = 0;
  std::vector<double> parts;
};

/// Between a line of `from` pixels and one of `to` that begins `first_pixel` into it: a triangle of one input pixel on either side, or the
/// mean over the output pixel, as the filters BILINEAR (enlarging) and BOX (making smaller) of the Python library Pillow.
std::vector<Weights> weights_between(int from, int to, double first_pixel) {
  const double scale = static_cast<double>(from) / to, wide = std::max(1.0, scale);
  const bool enlarges = to >= from;
  const double reach = enlarges ? 1 : 0.5 * scale;
  std::vector<Weights> out;
  for (int k = 0; k < to; ++k) {
    const double centre = first_pixel + (k + 0.5) * scale;
    // Beyond the end there is only the last pixel.
    const int first = std::clamp(static_cast<int>(std::floor(centre - reach + 0.5)), 0, from - 1),
              end = std::clamp(static_cast<int>(std::floor(centre + reach + 0.5)), first + 1, from);
    Weights here{first, {}};
    double sum = 0;
    for (int at = first; at < end; ++at) {
      const double away = (at - centre + 0.5) / wide;
      const double part = enlarges ? std::max(0.0, 1 - std::abs(away)) : (away > -0.5 && away <= 0.5 ? 1 : 0);
      here.parts.push_back(part);
      sum += part;
    }
    if (sum == 0) sum = here.parts.back() = 1;
    for (double& part : here.parts) part /= sum;
    out.push_back(std::move(here));
  }
  return out;
}

/// A picture's plane in [0, 255], whole numbers.
struct EightBits {
  int height = 0, width = 0;
  std::vector<double> values;

  [[nodiscard]] double at(int row, int column) const { return values[static_cast<std::size_t>(row * width + column)]; }
};

/// First along rows, then along columns, each rounded to 8 bits.
EightBits resized(const EightBits& in, int height, int width, PixelShift first = {}) {
  EightBits along{in.height, width, {}}, out{height, width, {}};
  const std::vector<Weights> across = weights_between(in.width, width, first.x), upright = weights_between(in.height, height, first.y);
  for (int row = 0; row < in.height; ++row) {
    for (const Weights& here : across) {
      double sum = 0;
      for (std::size_t k = 0; k < here.parts.size(); ++k) sum += here.parts[k] * in.at(row, here.first + static_cast<int>(k));
      along.values.push_back(std::floor(sum + 0.5));
    }
  }
  for (const Weights& here : upright) {
    for (int column = 0; column < width; ++column) {
      double sum = 0;
      for (std::size_t k = 0; k < here.parts.size(); ++k) sum += here.parts[k] * along.at(here.first + static_cast<int>(k), column);
      out.values.push_back(std::floor(sum + 0.5));
    }
  }
  return out;
}

}  // namespace

PixelShift draw_pixel_shift(const DisplayLook& look, RandomStream& random) {
  if (look.enlarged == 1) return {};
  if (!look.back_shift_pixels.empty()) return {look.back_shift_pixels[0], look.back_shift_pixels[1]};
  const double x = random.uniform() - 0.5;
  return {x, random.uniform() - 0.5};
}

void apply_display_look(const DisplayLook& look, image::MutableImageView image, PixelShift shift) {
  const int height = image.shape.height, width = image.shape.width;
  const std::size_t pixels = image.shape.pixels(), bands = look.weights.size();
  std::vector<EightBits> colours(bands, EightBits{height, width, std::vector<double>(pixels)});
  for (std::size_t k = 0; k < pixels; ++k) {
    double total = 0;
    for (std::size_t b = 0; b < bands; ++b) total += look.weights[b] * static_cast<double>(image.band(static_cast<int>(b))[k]);
    if (std::abs(total) < 1e-9) total = 1e-9;
    const double factor = std::asinh(look.alpha * look.q * total) / (look.q * total);
    for (std::size_t b = 0; b < bands; ++b) {
      const double colour = look.weights[b] * static_cast<double>(image.band(static_cast<int>(b))[k]) * factor;
      colours[b].values[k] = std::floor(255 * std::clamp(colour, 0.0, 1.0));
    }
  }
  if (look.enlarged > 1) {
    const int tall = static_cast<int>(std::lround(height * look.enlarged)), broad = static_cast<int>(std::lround(width * look.enlarged));
    for (EightBits& colour : colours)
      colour = resized(resized(colour, tall, broad), height, width, {shift.x * look.enlarged, shift.y * look.enlarged});
  }
  const std::vector<double>& weights = look.back_weights.empty() ? look.weights : look.back_weights;
  const double alpha = look.back_alpha > 0 ? look.back_alpha : look.alpha, q = look.back_q > 0 ? look.back_q : look.q;
  for (std::size_t k = 0; k < pixels; ++k) {
    double total = 0;
    for (const EightBits& colour : colours) total += colour.values[k] / 255;
    const double factor = total > 1e-6 ? std::sinh(q * total) / (alpha * q) / std::max(total, 1e-6) : 1 / alpha;
    for (std::size_t b = 0; b < bands; ++b)
      image.band(static_cast<int>(b))[k] = static_cast<float>(colours[b].values[k] / 255 * factor / weights[b]);
  }
}

}  // namespace lensfind::simulate
