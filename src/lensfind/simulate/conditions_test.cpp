#include "lensfind/simulate/conditions.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"

namespace lensfind::simulate {
namespace {

Plane plane(int side, const std::vector<float>& first_values) {
  Plane out{side};
  for (std::size_t k = 0; k < first_values.size(); ++k) out.at(static_cast<int>(k) / side, static_cast<int>(k) % side) = first_values[k];
  return out;
}

TEST(BestSignalToNoise, IsTheGreatestOfTheCumulativeSums) {
  // Ordered: 10, then 18 / sqrt(2), then 19 / sqrt(3) = 10.97.
  const Plane arcs = plane(3, {1, 10, 8});
  EXPECT_NEAR(best_signal_to_noise(arcs, arcs, {.background_rms = 1, .gain = 1e9}, 0), 18 / std::sqrt(2), 1e-6);
}

TEST(BestSignalToNoise, CountsThePhotonsOfAllLight) {
  // Variance 1 + 10 / 2.
  const Plane arcs = plane(2, {4}), all = plane(2, {10});
  EXPECT_NEAR(best_signal_to_noise(arcs, all, {.background_rms = 1, .gain = 2}, 0), 4 / std::sqrt(6), 1e-6);
}

TEST(BestSignalToNoise, LeavesOutPixelsThatTheDeflectorOutshines) {
  const Plane arcs = plane(2, {10, 8}), all = plane(2, {15, 28});
  const Noise noise{.background_rms = 1, .gain = 1e9};
  EXPECT_NEAR(best_signal_to_noise(arcs, all, noise, 1), 10, 1e-6);
  EXPECT_NEAR(best_signal_to_noise(arcs, all, noise, 0.4), 18 / std::sqrt(2), 1e-6);
}

TEST(BestSignalToNoise, AgreesWithFullyOrderedPixels) {
  RandomStream random{7, Purpose::test};
  for (int round = 0; round < 20; ++round) {
    Plane arcs{40}, all{40};
    const double faintest = random.uniform(-6, -2);
    std::vector<std::pair<double, double>> pixels;  // signal, variance
    for (int row = 0; row < 40; ++row) {
      for (int column = 0; column < 40; ++column) {
        arcs.at(row, column) = static_cast<float>(std::exp(random.uniform(faintest, 3)));
        all.at(row, column) = arcs.at(row, column) + static_cast<float>(std::exp(random.uniform(-3, 3)));
        pixels.emplace_back(static_cast<double>(arcs.at(row, column)), 4 + static_cast<double>(all.at(row, column)) / 3);
      }
    }
    std::sort(pixels.begin(), pixels.end(), [](auto a, auto b) { return a.first * a.first * b.second > b.first * b.first * a.second; });
    double best = 0, signal = 0, variance = 0;
    for (const auto& [s, v] : pixels) best = std::max(best, (signal += s) / std::sqrt(variance += v));
    EXPECT_NEAR(best_signal_to_noise(arcs, all, {.background_rms = 2, .gain = 3}, 0), best, 2e-3 * best);
  }
}

}  // namespace
}  // namespace lensfind::simulate
