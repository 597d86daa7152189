#include "lensfind/simulate/resampled_noise.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lensfind::simulate {
namespace {

double sinc(double x) { return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x); }

/// How far a kernel reaches, in detector pixels.
int reach_of(NoiseInterpolation interpolation) { return interpolation == NoiseInterpolation::lanczos3 ? 3 : 1; }

double weight(NoiseInterpolation interpolation, double x) {
  const int reach = reach_of(interpolation);
  if (std::abs(x) >= reach) return 0;
  return interpolation == NoiseInterpolation::lanczos3 ? sinc(x) * sinc(x / 3) : 1 - std::abs(x);
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

NoiseKernel resampling_kernel(NoiseInterpolation interpolation, double native_pixels) {
  if (interpolation == NoiseInterpolation::none) return {};
  const std::vector<double> covariance = interpolated_covariance(interpolation, native_pixels);
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

double kernel_variance(const NoiseKernel& kernel) {
  if (kernel.empty()) return 1;
  double sum = 0;
  for (const float tap : kernel) sum += 2 * static_cast<double>(tap) * static_cast<double>(tap);
  return sum - static_cast<double>(kernel[0]) * static_cast<double>(kernel[0]);
}

}  // namespace lensfind::simulate
