#include "lensfind/simulate/resampled_noise.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lensfind/base/random.h"

namespace lensfind::simulate {
namespace {

double sinc(double x) { return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x); }

/// How far a kernel reaches, in detector pixels.
int reach_of(NoiseInterpolation interpolation) {
  return interpolation == NoiseInterpolation::lanczos3 ? 3 : interpolation == NoiseInterpolation::lanczos5 ? 5 : 1;
}

double weight(NoiseInterpolation interpolation, double x) {
  const int reach = reach_of(interpolation);
  if (std::abs(x) >= reach) return 0;
  return interpolation == NoiseInterpolation::bilinear ? 1 - std::abs(x) : sinc(x) * sinc(x / reach);
}

/// Weights of the detector pixels -first, ..., first for a place `at` between pixels; their sum is 1.
std::vector<double> weights_at(NoiseInterpolation interpolation, double at, int first) {
  std::vector<double> out;
  double sum = 0;
  for (int k = -first; k <= first; ++k) {
    out.push_back(weight(interpolation, at - k));
    sum += out.back();
  }
  for (double& value : out) value /= sum;
  return out;
}

/// The kernel between its integer places, by linear interpolation: to 1e-6, and with no sine a pixel.
class WeightTable {
 public:
  explicit WeightTable(NoiseInterpolation interpolation) {
    for (int k = 0; k <= reach_of(interpolation) * steps + 1; ++k) values_.push_back(weight(interpolation, static_cast<double>(k) / steps));
  }

  /// Within the kernel's reach.
  [[nodiscard]] double at(double x) const {
    const double place = std::abs(x) * steps;
    const auto below = static_cast<std::size_t>(place);
    return values_[below] + (place - static_cast<double>(below)) * (values_[below + 1] - values_[below]);
  }

 private:
  static constexpr int steps = 1024;
  std::vector<double> values_;
};

/// Pixels in a row of one exposure, its grid at any phase in x and in y: white noise of unit rms interpolated in both.
void draw_line(NoiseInterpolation interpolation, const WeightTable& table, double native_pixels, RandomStream& random,
               std::vector<double>& line) {
  const int reach = reach_of(interpolation);
  double variance = 0;  // of sums across the line
  for (const double value : weights_at(interpolation, random.uniform(), reach + 1)) variance += value * value;
  std::vector<double> noise;
  for (int k = 0; k < static_cast<int>(static_cast<double>(line.size()) / native_pixels) + 2 * reach + 2; ++k)
    noise.push_back(random.normal(0, std::sqrt(variance)));
  const double phase = random.uniform();
  for (std::size_t pixel = 0; pixel < line.size(); ++pixel) {
    const double at = phase + static_cast<double>(pixel) / native_pixels, below = std::floor(at);
    double sum = 0, weights = 0;
    for (int k = 0; k < 2 * reach; ++k) {
      const double one = table.at(at - below + reach - 1 - k);
      sum += one * noise[static_cast<std::size_t>(below) + static_cast<std::size_t>(k)];
      weights += one;
    }
    line[pixel] = sum / weights;
  }
}

/// Of an even number the mean of the two in the middle, as coadds have it. Changes their order.
double median_of(std::vector<double>& values) {
  const auto half = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), half, values.end());
  return values.size() % 2 ? *half : (*std::max_element(values.begin(), half) + *half) / 2;
}

/// The kernel whose autocorrelation is this.
NoiseKernel kernel_of(const std::vector<double>& covariance) {
  constexpr int frequencies = 512;
  std::vector<double> roots;
  for (int k = 0; k < frequencies; ++k) {
    double power = covariance[0];
    for (std::size_t lag = 1; lag < covariance.size(); ++lag)
      power += 2 * covariance[lag] * std::cos(std::numbers::pi * (k + 0.5) / frequencies * static_cast<double>(lag));
    roots.push_back(std::sqrt(std::max(0.0, power)));
  }
  std::vector<double> taps;
  for (std::size_t tap = 0; tap < covariance.size() + 4; ++tap) {
    double sum = 0;
    for (int k = 0; k < frequencies; ++k)
      sum += roots[static_cast<std::size_t>(k)] * std::cos(std::numbers::pi * (k + 0.5) / frequencies * static_cast<double>(tap));
    taps.push_back(sum / frequencies);
  }
  while (taps.size() > 1 && std::abs(taps.back()) < 0.003 * taps[0]) taps.pop_back();
  double sum = -taps[0];
  for (const double tap : taps) sum += 2 * tap;
  NoiseKernel out;
  for (const double tap : taps) out.push_back(static_cast<float>(tap / sum));
  return out;
}

}  // namespace

NoiseKernel next_pixel_kernel(double correlation) {
  if (correlation == 0) return {};
  const double sum = 1 + 2 * correlation;
  return {static_cast<float>(1 / sum), static_cast<float>(correlation / sum)};
}

std::vector<double> interpolated_covariance(NoiseInterpolation interpolation, double native_pixels) {
  if (interpolation == NoiseInterpolation::none) return {1};
  constexpr int phases = 64;
  const int reach = reach_of(interpolation), last = static_cast<int>(std::ceil(2 * reach * native_pixels)), first = 3 * reach + 2;
  std::vector<double> out(static_cast<std::size_t>(last) + 1);
  for (int phase = 0; phase < phases; ++phase) {
    const double at = (phase + 0.5) / phases;
    const std::vector<double> here = weights_at(interpolation, at, first);
    for (int lag = 0; lag <= last; ++lag) {
      const std::vector<double> there = weights_at(interpolation, at + lag / native_pixels, first);
      for (std::size_t k = 0; k < here.size(); ++k) out[static_cast<std::size_t>(lag)] += here[k] * there[k] / phases;
    }
  }
  return out;
}

std::vector<double> median_correlations(NoiseInterpolation interpolation, double native_pixels, int exposures) {
  if (interpolation == NoiseInterpolation::none) return {1};
  const auto last = static_cast<std::size_t>(std::ceil(2 * reach_of(interpolation) * native_pixels)),
             pixels = std::max<std::size_t>(60, 3 * last);
  // As many of the detectors' pixels whatever their size, or more.
  const auto lines = static_cast<std::size_t>(std::ceil(40'000 * std::max(native_pixels, 3.0) / static_cast<double>(pixels)));
  const WeightTable table{interpolation};
  RandomStream random{1, Purpose::noise, std::uint64_t{1} << 62};
  std::vector<std::vector<double>> drawn(static_cast<std::size_t>(exposures), std::vector<double>(pixels));
  std::vector<double> medians(pixels), here(drawn.size()), out(last + 1);
  for (std::size_t k = 0; k < lines; ++k) {
    for (std::vector<double>& line : drawn) draw_line(interpolation, table, native_pixels, random, line);
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
      for (std::size_t e = 0; e < drawn.size(); ++e) here[e] = drawn[e][pixel];
      medians[pixel] = median_of(here);
    }
    for (std::size_t lag = 0; lag <= last; ++lag) {
      double sum = 0;
      for (std::size_t pixel = 0; pixel + lag < pixels; ++pixel) sum += medians[pixel] * medians[pixel + lag];
      out[lag] += sum / static_cast<double>(pixels - lag);
    }
  }
  const double variance = out[0];
  for (double& value : out) value /= variance;
  return out;
}

NoiseKernel resampling_kernel(NoiseInterpolation interpolation, double native_pixels, int median_exposures) {
  if (interpolation == NoiseInterpolation::none) return {};
  return kernel_of(median_exposures > 2 ? median_correlations(interpolation, native_pixels, median_exposures)
                                        : interpolated_covariance(interpolation, native_pixels));
}

double kernel_variance(const NoiseKernel& kernel) {
  if (kernel.empty()) return 1;
  double sum = 0;
  for (const float tap : kernel) sum += 2 * static_cast<double>(tap) * static_cast<double>(tap);
  return sum - static_cast<double>(kernel[0]) * static_cast<double>(kernel[0]);
}

}  // namespace lensfind::simulate
