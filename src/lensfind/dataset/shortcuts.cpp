#include "lensfind/dataset/shortcuts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

namespace lensfind::dataset {
namespace {

constexpr int spectrum_side = 64;
constexpr int spectrum_rings = 12;

double quantile(std::vector<double>& values, double fraction) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(fraction * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// Pixels of a frame along the cutout's edge, an eighth of its side wide: sky, and whatever neighbours reach there.
bool in_frame(const image::ImageShape& shape, int row, int column, int width) {
  return std::min({row, column, shape.height - 1 - row, shape.width - 1 - column}) < width;
}

int frame_width(const image::ImageShape& shape) { return std::max(2, std::min(shape.height, shape.width) / 8); }

std::vector<double> frame_pixels(image::ImageView image, int band, int width) {
  std::vector<double> out;
  for (int row = 0; row < image.shape.height; ++row) {
    for (int column = 0; column < image.shape.width; ++column) {
      if (in_frame(image.shape, row, column, width)) out.push_back(static_cast<double>(image.at(band, row, column)));
    }
  }
  return out;
}

/// Logarithm of the noise of one band, from differences of pixels two apart in the frame, which the light of galaxies hardly changes and
/// the correlation of resampled noise neither. A band without noise counts as 1e-9 of its range.
double log_noise(image::ImageView image, int band) {
  const int width = frame_width(image.shape);
  std::vector<double> differences;
  for (int row = 0; row < image.shape.height; ++row) {
    for (int column = 0; column + 2 < image.shape.width; ++column) {
      if (in_frame(image.shape, row, column, width) && in_frame(image.shape, row, column + 2, width))
        differences.push_back(
            std::abs(static_cast<double>(image.at(band, row, column)) - static_cast<double>(image.at(band, row, column + 2))));
    }
  }
  const auto [min, max] = std::minmax_element(image.band(band).begin(), image.band(band).end());
  const double smallest = 1e-9 * std::max(static_cast<double>(*max) - static_cast<double>(*min), 1e-30);
  return std::log(std::max(1.4826 * quantile(differences, 0.5) / std::numbers::sqrt2, smallest));
}

std::vector<double> background_noise(image::ImageView image) {
  std::vector<double> out;
  for (int band = 0; band < image.shape.bands; ++band) out.push_back(log_noise(image, band));
  return out;
}

std::vector<double> noise_ratios(image::ImageView image) {
  std::vector<double> noise = background_noise(image), out;
  for (std::size_t band = 1; band < noise.size(); ++band) out.push_back(noise[band] - noise[band - 1]);
  return out;
}

std::vector<double> borders(image::ImageView image) {
  std::vector<double> out;
  for (int band = 0; band < image.shape.bands; ++band) {
    std::vector<double> pixels = frame_pixels(image, band, std::max(2, frame_width(image.shape) / 2));
    const double middle = quantile(pixels, 0.5), spread = std::max(quantile(pixels, 0.84) - quantile(pixels, 0.16), 1e-30);
    out.insert(out.end(), {std::asinh(middle / spread), std::log(spread)});
    for (const double fraction : {0.02, 0.9, 0.98}) out.push_back(std::asinh((quantile(pixels, fraction) - middle) / spread));
  }
  return out;
}

/// Squared moduli of the discrete Fourier transform of the cutout's middle, its mean taken off, under a Hann window.
std::vector<double> power(image::ImageView image, int band, int side) {
  const int first_row = (image.shape.height - side) / 2, first_column = (image.shape.width - side) / 2;
  const auto n = static_cast<std::size_t>(side);
  std::vector<std::complex<double>> root(n);
  for (std::size_t k = 0; k < n; ++k) root[k] = std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k) / side);
  std::vector<double> window(n);
  for (std::size_t k = 0; k < n; ++k) window[k] = 0.5 - 0.5 * root[k].real();
  double mean = 0;
  for (const float value : image.band(band)) mean += static_cast<double>(value) / static_cast<double>(image.shape.pixels());
  std::vector<std::complex<double>> rows(n * n), out(n * n);
  for (std::size_t y = 0; y < n; ++y) {
    for (std::size_t u = 0; u <= n / 2; ++u) {
      std::complex<double> sum = 0;
      for (std::size_t x = 0; x < n; ++x) {
        const double value =
            static_cast<double>(image.at(band, first_row + static_cast<int>(y), first_column + static_cast<int>(x))) - mean;
        sum += window[x] * window[y] * value * root[u * x % n];
      }
      rows[y * n + u] = sum;
    }
  }
  std::vector<double> squares(n * n, 0);
  for (std::size_t u = 0; u <= n / 2; ++u) {
    for (std::size_t v = 0; v < n; ++v) {
      std::complex<double> sum = 0;
      for (std::size_t y = 0; y < n; ++y) sum += rows[y * n + u] * root[v * y % n];
      squares[v * n + u] = std::norm(sum);
    }
  }
  return squares;
}

/// Logarithms of the power in rings of equal width about frequency 0, as far as the Nyquist frequency.
std::vector<double> power_spectrum(image::ImageView image) {
  const int side = std::min({spectrum_side, image.shape.height, image.shape.width});
  std::vector<double> out;
  for (int band = 0; band < image.shape.bands; ++band) {
    const std::vector<double> squares = power(image, band, side);
    std::array<double, spectrum_rings> sum{}, count{};
    for (int v = 0; v < side; ++v) {
      for (int u = 0; u <= side / 2; ++u) {
        const double frequency = std::hypot(u, std::min(v, side - v)) / (0.5 * side);
        if (frequency == 0 || frequency >= 1) continue;
        const auto ring = static_cast<std::size_t>(frequency * spectrum_rings);
        sum[ring] += squares[static_cast<std::size_t>(v) * static_cast<std::size_t>(side) + static_cast<std::size_t>(u)];
        ++count[ring];
      }
    }
    for (std::size_t ring = 0; ring < spectrum_rings; ++ring) {
      if (count[ring] > 0) out.push_back(std::log(sum[ring] / count[ring] + 1e-30));
    }
  }
  return out;
}

/// Means of rings about the middle, 1.5 pixels wide, above the frame's median in units of its spread.
std::vector<double> core(image::ImageView image) {
  constexpr int rings = 4;
  const double middle_row = 0.5 * (image.shape.height - 1), middle_column = 0.5 * (image.shape.width - 1);
  std::vector<double> out;
  for (int band = 0; band < image.shape.bands; ++band) {
    std::vector<double> frame = frame_pixels(image, band, frame_width(image.shape));
    const double sky = quantile(frame, 0.5), noise = std::exp(log_noise(image, band));
    std::array<double, rings> sum{}, count{};
    for (int row = static_cast<int>(middle_row) - 6; row <= static_cast<int>(middle_row) + 7; ++row) {
      for (int column = static_cast<int>(middle_column) - 6; column <= static_cast<int>(middle_column) + 7; ++column) {
        const auto ring = static_cast<std::size_t>(std::hypot(row - middle_row, column - middle_column) / 1.5);
        if (ring >= rings || row < 0 || column < 0 || row >= image.shape.height || column >= image.shape.width) continue;
        sum[ring] += static_cast<double>(image.at(band, row, column)) - sky;
        ++count[ring];
      }
    }
    for (std::size_t ring = 0; ring < rings; ++ring) out.push_back(std::asinh(sum[ring] / std::max(count[ring], 1.0) / noise));
  }
  return out;
}

/// Where the light within 6 pixels of the middle has its centre, all bands together.
std::vector<double> centre(image::ImageView image) {
  const double middle_row = 0.5 * (image.shape.height - 1), middle_column = 0.5 * (image.shape.width - 1);
  double x = 0, y = 0, total = 0;
  for (int band = 0; band < image.shape.bands; ++band) {
    std::vector<double> frame = frame_pixels(image, band, frame_width(image.shape));
    const double sky = quantile(frame, 0.5), noise = std::exp(log_noise(image, band));
    for (int row = 0; row < image.shape.height; ++row) {
      for (int column = 0; column < image.shape.width; ++column) {
        const double dx = column - middle_column, dy = row - middle_row;
        const double light = (static_cast<double>(image.at(band, row, column)) - sky) / noise - 3;
        if (std::hypot(dx, dy) > 6 || light <= 0) continue;
        x += light * dx;
        y += light * dy;
        total += light;
      }
    }
  }
  if (total == 0) return {0, 0, 0};
  return {x / total, y / total, std::hypot(x, y) / total};
}

/// Whether a pixel exceeds those about it.
bool is_peak(image::ImageView image, int band, int row, int column) {
  const float here = image.at(band, row, column);
  for (int r = std::max(0, row - 1); r <= std::min(image.shape.height - 1, row + 1); ++r) {
    for (int c = std::max(0, column - 1); c <= std::min(image.shape.width - 1, column + 1); ++c) {
      if ((r != row || c != column) && image.at(band, r, c) >= here) return false;
    }
  }
  return true;
}

/// What stands farther from the middle than .3 of the side: how many peaks over 5 times the noise, the brightest, and all light over 3
/// times the noise.
std::vector<double> neighbours(image::ImageView image) {
  const double middle_row = 0.5 * (image.shape.height - 1), middle_column = 0.5 * (image.shape.width - 1),
               inside = 0.3 * std::min(image.shape.height, image.shape.width);
  std::vector<double> out;
  for (int band = 0; band < image.shape.bands; ++band) {
    std::vector<double> frame = frame_pixels(image, band, frame_width(image.shape));
    const double sky = quantile(frame, 0.5), noise = std::exp(log_noise(image, band));
    double peaks = 0, brightest = 0, light = 0;
    for (int row = 0; row < image.shape.height; ++row) {
      for (int column = 0; column < image.shape.width; ++column) {
        if (std::hypot(row - middle_row, column - middle_column) < inside) continue;
        const double above = (static_cast<double>(image.at(band, row, column)) - sky) / noise;
        if (above > 3) light += above;
        if (above < 5 || !is_peak(image, band, row, column)) continue;
        ++peaks;
        brightest = std::max(brightest, above);
      }
    }
    out.insert(out.end(), {peaks, std::log1p(brightest), std::log1p(light)});
  }
  return out;
}

constexpr std::array all{
    Shortcut{"background_noise", "the noise of each band in a frame along the edge", background_noise},
    Shortcut{"noise_ratios", "the ratios of the bands' noises", noise_ratios},
    Shortcut{"borders", "level, spread and tails of the pixels along the edge", borders},
    Shortcut{"power_spectrum", "the power spectrum of each band, directions and phases left out", power_spectrum},
    Shortcut{"core", "means of the innermost rings of each band", core},
    Shortcut{"neighbours", "how many objects stand away from the middle, and how bright they are", neighbours},
    Shortcut{"centre", "by how much the middle object is off the centre", centre},
};

}  // namespace

std::span<const Shortcut> shortcuts() { return all; }

}  // namespace lensfind::dataset
