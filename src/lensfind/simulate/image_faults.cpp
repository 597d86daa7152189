#include "lensfind/simulate/image_faults.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace lensfind::simulate {
namespace {

/// An image, its background's rms in each band, and the stream that a fault is drawn from.
struct FaultyImage {
  image::MutableImageView image;
  std::span<const double> rms;
  RandomStream& random;

  [[nodiscard]] int side() const { return image.shape.width; }
  [[nodiscard]] double middle() const { return 0.5 * (side() - 1); }
  [[nodiscard]] int any_band() const { return static_cast<int>(random.below(static_cast<std::uint64_t>(image.shape.bands))); }
  [[nodiscard]] double log_uniform(double min, double max) const { return std::exp(random.uniform(std::log(min), std::log(max))); }

  /// Adds amplitude(row, column) times each band's rms to the bands from `first` to before `end`.
  void add(int first, int end, auto&& amplitude) const {
    for (int row = 0; row < image.shape.height; ++row) {
      for (int column = 0; column < image.shape.width; ++column) {
        const double value = amplitude(row, column);
        for (int b = first; b < end; ++b) image.at(b, row, column) += static_cast<float>(value * rms[static_cast<std::size_t>(b)]);
      }
    }
  }
};

/// A star just beyond one of the edges, whose light falls as the wings of a PSF do, with the square of the distance.
void add_halo(const FaultyImage& on) {
  const double angle = on.random.uniform(0, 2 * std::numbers::pi), distance = on.random.uniform(0.55, 0.9) * on.side();
  const double row0 = on.middle() + distance * std::sin(angle), column0 = on.middle() + distance * std::cos(angle);
  const double strength = on.log_uniform(5, 200), core = 0.1 * on.side();
  on.add(0, on.image.shape.bands, [&](int row, int column) {
    const double r2 = (row - row0) * (row - row0) + (column - column0) * (column - column0);
    return strength / (1 + r2 / (core * core));
  });
}

/// A straight line of Gaussian profile across one band.
void add_trail(const FaultyImage& on) {
  const double angle = on.random.uniform(0, std::numbers::pi), offset = on.random.uniform(-0.5, 0.5) * on.side();
  const double strength = on.random.uniform(3, 40), width = on.random.uniform(1.5, 3);
  const int band = on.any_band();
  on.add(band, band + 1, [&](int row, int column) {
    const double across = (column - on.middle()) * std::sin(angle) - (row - on.middle()) * std::cos(angle) - offset;
    return strength * std::exp(-0.5 * across * across / (width * width));
  });
}

/// A rectangle outside of the middle, as around bright stars and bad columns.
void add_mask(const FaultyImage& on) {
  const auto side = static_cast<std::uint64_t>(on.side());
  const auto first_row = static_cast<int>(on.random.below(side)), first_column = static_cast<int>(on.random.below(side)),
             rows = static_cast<int>(1 + on.random.below(side / 2)), columns = static_cast<int>(1 + on.random.below(side / 4));
  const int middle = on.side() / 2, spared = on.side() / 8;
  for (int row = first_row; row < std::min(first_row + rows, on.image.shape.height); ++row) {
    for (int column = first_column; column < std::min(first_column + columns, on.side()); ++column) {
      if (std::abs(row - middle) <= spared && std::abs(column - middle) <= spared) continue;
      for (int b = 0; b < on.image.shape.bands; ++b) on.image.at(b, row, column) = 0;
    }
  }
}

/// A star away from the middle, a Moffat of beta 3, far over the level at which pixels are full.
void add_bleed(const FaultyImage& on) {
  const double angle = on.random.uniform(0, 2 * std::numbers::pi), distance = on.random.uniform(0.2, 0.5) * on.side();
  const double row0 = on.middle() + distance * std::sin(angle), column0 = on.middle() + distance * std::cos(angle);
  const double full = on.log_uniform(200, 3000), over = on.log_uniform(3, 30), alpha = on.random.uniform(2.5, 5);
  for (int b = 0; b < on.image.shape.bands; ++b) {
    const double colour = on.random.uniform(0.5, 1.5);
    on.add(b, b + 1, [&](int row, int column) {
      const double r2 = (row - row0) * (row - row0) + (column - column0) * (column - column0);
      return colour * over * full * std::pow(1 + r2 / (alpha * alpha), -3);
    });
    saturate(on.image, b, full * on.rms[static_cast<std::size_t>(b)]);
  }
}

void add_oversubtraction(const FaultyImage& on) {
  const double part = on.random.uniform(0.3, 1), sigma = on.random.uniform(0.08, 0.2) * on.side();
  for (int b = 0; b < on.image.shape.bands; ++b) oversubtract(on.image, b, on.rms[static_cast<std::size_t>(b)], part, sigma);
}

void clip_sky(const FaultyImage& on) {
  for (float& value : on.image.values()) value = std::max(0.0f, value);
}

/// One to three short straight tracks, a pixel wide, that no PSF has blurred.
void add_cosmic_ray(const FaultyImage& on) {
  const int band = on.any_band();
  for (std::uint64_t tracks = 1 + on.random.below(3); tracks > 0; --tracks) {
    const double angle = on.random.uniform(0, 2 * std::numbers::pi), length = on.log_uniform(1, 14), strength = on.log_uniform(8, 300);
    const double row0 = on.random.uniform(0, on.side()), column0 = on.random.uniform(0, on.side());
    for (double along = 0; along < length; along += 1) {
      const int row = static_cast<int>(std::floor(row0 + along * std::sin(angle))),
                column = static_cast<int>(std::floor(column0 + along * std::cos(angle)));
      if (row < 0 || column < 0 || row >= on.image.shape.height || column >= on.side()) break;
      on.image.at(band, row, column) += static_cast<float>(strength * on.random.uniform(0.5, 1.5) * on.rms[static_cast<std::size_t>(band)]);
    }
  }
}

/// A strip along rows or columns, at an edge of the cutout or across it beside the middle.
void add_gap(const FaultyImage& on) {
  const bool upright = on.random.chance(0.5), at_edge = on.random.chance(0.5), far_side = on.random.chance(0.5);
  const double side = on.side(), width = on.random.uniform(0.04, at_edge ? 0.3 : 0.15) * side;
  const double nearest = at_edge ? 0 : on.random.uniform(0, 0.37 * side - width);
  const double first = far_side ? side - nearest - width : nearest, end = first + width;
  const int band = on.random.chance(0.7) ? on.any_band() : -1;
  for (int row = 0; row < on.image.shape.height; ++row) {
    for (int column = 0; column < on.side(); ++column) {
      const double at = (upright ? column : row) + 0.5;
      if (at < first || at >= end) continue;
      for (int b = 0; b < on.image.shape.bands; ++b) {
        if (band < 0 || b == band) on.image.at(b, row, column) = 0;
      }
    }
  }
}

/// Beyond a straight line the noise is 1.3 to 2.5 times as great, in one band or in all.
void make_depth_uneven(const FaultyImage& on) {
  const double angle = on.random.uniform(0, 2 * std::numbers::pi), offset = on.random.uniform(-0.4, 0.4) * on.side(),
               times = on.random.uniform(1.3, 2.5), more = std::sqrt(times * times - 1);
  const int band = on.random.chance(0.5) ? on.any_band() : -1;
  for (int b = 0; b < on.image.shape.bands; ++b) {
    if (band >= 0 && b != band) continue;
    on.add(b, b + 1, [&](int row, int column) {
      const double beyond = (column - on.middle()) * std::cos(angle) + (row - on.middle()) * std::sin(angle) - offset;
      return beyond > 0 ? on.random.normal(0, more) : 0;
    });
  }
}

/// A plane whose height differs by 0.5 to 6 rms from one edge to the other.
void add_gradient(const FaultyImage& on) {
  const double angle = on.random.uniform(0, 2 * std::numbers::pi);
  for (int b = 0; b < on.image.shape.bands; ++b) {
    const double slope = on.log_uniform(0.5, 6) / on.side();
    on.add(b, b + 1,
           [&](int row, int column) { return slope * ((column - on.middle()) * std::cos(angle) + (row - on.middle()) * std::sin(angle)); });
  }
}

/// Of one line of `count` values `stride` apart; nothing lies beyond its ends.
void blur_line(const std::vector<float>& taps, float* line, std::size_t count, std::size_t stride, std::vector<float>& copy) {
  copy.resize(count);
  for (std::size_t k = 0; k < count; ++k) copy[k] = line[k * stride];
  for (std::size_t k = 0; k < count; ++k) {
    float sum = taps[0] * copy[k];
    for (std::size_t t = 1; t < taps.size(); ++t) sum += taps[t] * ((k >= t ? copy[k - t] : 0) + (k + t < count ? copy[k + t] : 0));
    line[k * stride] = sum;
  }
}

/// From the middle outwards, of sum 1.
std::vector<float> taps_of(double sigma) {
  std::vector<double> taps;
  double sum = 0;
  for (int k = 0; k <= 3 * sigma + 1; ++k) {
    taps.push_back(std::exp(-0.5 * k * k / (sigma * sigma)));
    sum += (k == 0 ? 1 : 2) * taps.back();
  }
  std::vector<float> out;
  for (const double tap : taps) out.push_back(static_cast<float>(tap / sum));
  return out;
}

}  // namespace

void saturate(image::MutableImageView image, int band, double level) {
  const auto full = static_cast<float>(level);
  for (int column = 0; column < image.shape.width; ++column) {
    double up = 0, down = 0;  // charge on its way, half of a pixel's excess in each direction
    for (int row = 0; row < image.shape.height; ++row) {
      float& value = image.at(band, row, column);
      const double excess = std::max(0.0, static_cast<double>(value) - level), room = std::max(0.0, level - static_cast<double>(value));
      const double taken = std::min(up, room);
      up += 0.5 * excess - taken;
      if (value < full) value += static_cast<float>(taken);
    }
    for (int row = image.shape.height - 1; row >= 0; --row) {
      float& value = image.at(band, row, column);
      const double excess = std::max(0.0, static_cast<double>(value) - level), room = std::max(0.0, level - static_cast<double>(value));
      const double taken = std::min(down, room);
      down += 0.5 * excess - taken;
      value = std::min(full, static_cast<float>(static_cast<double>(value) + taken));
    }
  }
}

void oversubtract(image::MutableImageView image, int band, double rms, double part, double sigma_pixels) {
  const auto height = static_cast<std::size_t>(image.shape.height), width = static_cast<std::size_t>(image.shape.width);
  const std::span<float> pixels = image.band(band);
  std::vector<float> light(pixels.begin(), pixels.end()), copy;
  for (float& value : light) value = static_cast<double>(value) > 3 * rms ? value : 0;
  const std::vector<float> taps = taps_of(sigma_pixels);
  for (std::size_t row = 0; row < height; ++row) blur_line(taps, light.data() + row * width, width, 1, copy);
  for (std::size_t column = 0; column < width; ++column) blur_line(taps, light.data() + column, height, width, copy);
  for (std::size_t k = 0; k < pixels.size(); ++k) pixels[k] -= static_cast<float>(part) * light[k];
}

std::vector<std::string> add_faults(const FaultRates& rates, image::MutableImageView image, std::span<const double> rms,
                                    RandomStream& random) {
  const FaultyImage frame{image, rms, random};
  struct Kind {
    const char* name;
    double rate;
    void (*add)(const FaultyImage&);
  };
  // In the order in which they come about: in the sky, in the camera, in its processing.
  const Kind kinds[] = {{"halo", rates.halo, add_halo},
                        {"trail", rates.trail, add_trail},
                        {"bleed", rates.bleed, add_bleed},
                        {"cosmic_ray", rates.cosmic_ray, add_cosmic_ray},
                        {"uneven_depth", rates.uneven_depth, make_depth_uneven},
                        {"gradient", rates.gradient, add_gradient},
                        {"oversubtracted", rates.oversubtracted, add_oversubtraction},
                        {"gap", rates.gap, add_gap},
                        {"mask", rates.mask, add_mask},
                        {"clipped_sky", rates.clipped_sky, clip_sky}};
  std::vector<std::string> out;
  for (const Kind& kind : kinds) {
    if (!random.chance(kind.rate)) continue;
    kind.add(frame);
    out.emplace_back(kind.name);
  }
  return out;
}

}  // namespace lensfind::simulate
