#include "lensfind/image/image_statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "lensfind/image/background.h"
#include "lensfind/image/scaling.h"

namespace lensfind::image {
namespace {

constexpr double min_signal = 20;  // in standard deviations of the noise: fainter peaks are widened and sharpened by it
constexpr int edge = 2;            // pixels
constexpr int farthest = 16;       // pixels
constexpr std::size_t max_peaks = 20;
constexpr double near_highest = .005;  // of the range

/// All bands above their skies in standard deviations of their noise, added up. Bands without noise add nothing; empty where none has any.
std::vector<float> signal_of(ImageView image, const std::vector<Background>& skies) {
  std::vector<float> sum;
  for (int b = 0; b < image.shape.bands; ++b) {
    const Background& sky = skies[static_cast<std::size_t>(b)];
    if (!(sky.noise > 0)) continue;
    sum.resize(image.shape.pixels());
    const auto band = image.band(b);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += (band[i] - sky.level) / sky.noise;
  }
  return sum;
}

/// Where a profile falls to half of its first value, in pixels, between two of them by linear interpolation.
std::optional<double> half_width(const ImageView& signal, int row, int column, int down, int right) {
  const double half = static_cast<double>(signal.at(0, row, column)) / 2;
  double before = 2 * half;
  for (int step = 1; step <= farthest; ++step) {
    const int r = row + step * down;
    const int c = column + step * right;
    if (r < 0 || c < 0 || r >= signal.shape.height || c >= signal.shape.width) return {};
    const auto here = static_cast<double>(signal.at(0, r, c));
    if (here <= half) return step - 1 + (before - half) / (before - here);
    before = here;
  }
  return {};
}

/// Rows or columns [first, end).
struct Span {
  int first, end;
};

/// Without the lines at either end that are flat; all of them where nothing else is left.
Span within_rim(int lines, auto&& is_flat) {
  Span span{0, lines};
  while (span.first < span.end && is_flat(span.first)) ++span.first;
  while (span.first < span.end && is_flat(span.end - 1)) --span.end;
  return span.first < span.end ? span : Span{0, lines};
}

/// Without the outer rows and columns that hold one value a band: cutouts that were too small are filled up to a rim without noise.
Image without_flat_rim(ImageView image) {
  const int bands = image.shape.bands, height = image.shape.height, width = image.shape.width;
  const auto are_equal = [&](int row, int column, int other_row, int other_column) {
    for (int b = 0; b < bands; ++b)
      if (image.at(b, row, column) != image.at(b, other_row, other_column)) return false;
    return true;
  };
  const Span rows = within_rim(height, [&](int row) {
    for (int column = 0; column < width; ++column)
      if (!are_equal(row, column, row, 0)) return false;
    return true;
  });
  const Span columns = within_rim(width, [&](int column) {
    for (int row = 0; row < height; ++row)
      if (!are_equal(row, column, 0, column)) return false;
    return true;
  });
  Image out{ImageShape{bands, rows.end - rows.first, columns.end - columns.first}};
  for (int b = 0; b < bands; ++b)
    for (int row = rows.first; row < rows.end; ++row)
      std::copy_n(&image.at(b, row, columns.first), columns.end - columns.first, &out.at(b, row - rows.first, 0));
  return out;
}

bool is_peak(const ImageView& signal, int row, int column) {
  const float here = signal.at(0, row, column);
  for (int r = row - 1; r <= row + 1; ++r) {
    for (int c = column - 1; c <= column + 1; ++c) {
      if (signal.at(0, r, c) > here) return false;
    }
  }
  return true;
}

struct Peak {
  int row, column;
  float height;
};

/// The highest peaks above `least`.
std::vector<Peak> peaks_of(const ImageView& signal, double min) {
  std::vector<Peak> peaks;
  for (int row = edge; row < signal.shape.height - edge; ++row) {
    for (int column = edge; column < signal.shape.width - edge; ++column) {
      const float height = signal.at(0, row, column);
      if (static_cast<double>(height) >= min && is_peak(signal, row, column)) peaks.push_back({row, column, height});
    }
  }
  const std::size_t kept = std::min(max_peaks, peaks.size());
  std::ranges::partial_sort(peaks, peaks.begin() + static_cast<std::ptrdiff_t>(kept), std::greater{}, &Peak::height);
  peaks.resize(kept);
  return peaks;
}

std::optional<double> width_of(const ImageView& signal, const Peak& peak) {
  constexpr std::array<std::array<int, 2>, 4> directions{{{0, -1}, {0, 1}, {-1, 0}, {1, 0}}};
  double sum = 0;
  for (const auto& [down, right] : directions) {
    const std::optional<double> half = half_width(signal, peak.row, peak.column, down, right);
    if (!half) return {};
    sum += *half;
  }
  return sum / 2;
}

std::vector<Background> skies_of(ImageView image) {
  std::vector<Background> skies;
  for (int b = 0; b < image.shape.bands; ++b) skies.push_back(background_of(image.band(b)));
  return skies;
}

std::optional<double> sharpest_width(ImageView image, const std::vector<Background>& skies) {
  const std::vector<float> sum = signal_of(image, skies);
  if (sum.empty()) return {};
  const double noise = background_of(sum).noise;
  const ImageView signal{{1, image.shape.height, image.shape.width}, sum.data()};
  std::optional<double> sharpest;
  for (const Peak& peak : peaks_of(signal, min_signal * noise)) {
    const std::optional<double> width = width_of(signal, peak);
    if (width && (!sharpest || *width < *sharpest)) sharpest = width;
  }
  return sharpest;
}

/// Fraction of a band's pixels that are about as bright as its brightest.
double fraction_near_highest(std::span<const float> band, float lowest, float highest) {
  if (!(highest > lowest)) return 0;
  const auto min = static_cast<double>(highest) - near_highest * (static_cast<double>(highest) - static_cast<double>(lowest));
  const auto count = std::ranges::count_if(band, [min](float value) { return static_cast<double>(value) >= min; });
  return static_cast<double>(count) / static_cast<double>(band.size());
}

}  // namespace

std::optional<double> sharpest_width(ImageView image) { return sharpest_width(image, skies_of(image)); }

ImageStatistics image_statistics(ImageView whole) {
  const Image inside = without_flat_rim(whole);
  const ImageView image = inside.view();
  const std::vector<Background> skies = skies_of(image);
  ImageStatistics out;
  for (int b = 0; b < image.shape.bands; ++b) {
    const auto [lowest, highest, finite] = range_of(image.band(b));
    out.sky_level.push_back(static_cast<double>(skies[static_cast<std::size_t>(b)].level));
    out.sky_noise.push_back(static_cast<double>(skies[static_cast<std::size_t>(b)].noise));
    out.lowest.push_back(static_cast<double>(lowest));
    out.highest.push_back(static_cast<double>(highest));
    out.saturated = std::max(out.saturated, fraction_near_highest(image.band(b), lowest, highest));
  }
  out.seeing_fwhm_pixels = sharpest_width(image, skies);
  return out;
}

bool is_sky_cut_off(ImageView image) {
  constexpr double most_at_the_lowest = .05;
  for (int band = 0; band < image.shape.bands; ++band) {
    float lowest = std::numeric_limits<float>::max();
    std::size_t pixels = 0, at_lowest = 0;
    for (const float value : image.band(band)) {
      if (std::isnan(value)) continue;
      ++pixels;
      if (value < lowest) at_lowest = 0;
      lowest = std::min(lowest, value);
      if (value == lowest) ++at_lowest;
    }
    if (static_cast<double>(at_lowest) >= most_at_the_lowest * static_cast<double>(pixels)) return true;
  }
  return false;
}

}  // namespace lensfind::image
