#include "lensfind/simulate/conditions.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"

namespace lensfind::simulate {
namespace {

render::Plane plane(int side, const std::vector<float>& first_values) {
  render::Plane out{side};
  for (std::size_t k = 0; k < first_values.size(); ++k) out.at(static_cast<int>(k) / side, static_cast<int>(k) % side) = first_values[k];
  return out;
}

TEST(Conditions, DeeperExposuresCountAsManyElectronsOfTheSky) {
  const Survey survey = find_survey("hsc", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"}, {"depth_scatter_mag=0.4"});
  RandomStream random{2, Purpose::test};
  double min = 1e9, max = 0;
  for (int k = 0; k < 50; ++k) {
    const Noise drawn = draw_conditions(survey, random).noise[1], mean = band_noise(survey, 1);
    EXPECT_NEAR(drawn.background_rms * drawn.background_rms * drawn.gain / (mean.background_rms * mean.background_rms * mean.gain), 1,
                1e-9);
    min = std::min(min, drawn.background_rms / mean.background_rms);
    max = std::max(max, drawn.background_rms / mean.background_rms);
  }
  // 10^(.4 x .4) on either side.
  EXPECT_LT(min, 0.69);
  EXPECT_GT(max, 1.44);
}

TEST(BestSignalToNoise, IsTheGreatestOfTheCumulativeSums) {
  // Ordered: 10, then 18 / sqrt(2), then 19 / sqrt(3) = 10.97.
  const render::Plane arcs = plane(3, {1, 10, 8});
  EXPECT_NEAR(best_signal_to_noise(arcs, arcs, {.background_rms = 1, .gain = 1e9}, 0), 18 / std::sqrt(2), 1e-6);
}

TEST(BestSignalToNoise, CountsThePhotonsOfAllLight) {
  // Variance 1 + 10 / 2.
  const render::Plane arcs = plane(2, {4}), all = plane(2, {10});
  EXPECT_NEAR(best_signal_to_noise(arcs, all, {.background_rms = 1, .gain = 2}, 0), 4 / std::sqrt(6), 1e-6);
}

TEST(BestSignalToNoise, LeavesOutPixelsThatTheDeflectorOutshines) {
  const render::Plane arcs = plane(2, {10, 8}), all = plane(2, {15, 28});
  const Noise noise{.background_rms = 1, .gain = 1e9};
  EXPECT_NEAR(best_signal_to_noise(arcs, all, noise, 1), 10, 1e-6);
  EXPECT_NEAR(best_signal_to_noise(arcs, all, noise, 0.4), 18 / std::sqrt(2), 1e-6);
}

TEST(BestSignalToNoise, AgreesWithFullyOrderedPixels) {
  RandomStream random{7, Purpose::test};
  for (int round = 0; round < 20; ++round) {
    render::Plane arcs{40}, all{40};
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

/// The greatest error in units of the noise's rms of the arcs of a source behind a lens, 1.1 arcsec from a star 80,000 times as bright as
/// that noise: the difference of the images with and without the arcs against the arcs rendered alone and far finer.
double error_beside_a_star(double source_radius_arcsec, double source_x_arcsec) {
  const double rms = 0.06;
  const std::vector<render::Psf> psfs{render::GaussianPsf{0.61}};
  render::Scene star, arc;
  star.unlensed.push_back({{.effective_radius_arcsec = 0.0168, .index = 0.5, .centre_arcsec = {2.2, 0.4}}, {60000}});
  arc.mass.ellipsoids.push_back({.theta_e_arcsec = 1.1, .axis_ratio = 0.7, .angle_rad = 0.4});
  arc.sources.push_back({{.effective_radius_arcsec = source_radius_arcsec, .index = 1, .centre_arcsec = {source_x_arcsec, 0.07}}, {4}});
  render::Scene both = arc;
  both.unlensed = star.unlensed;
  render::RenderOptions options{.size = 64, .pixel_scale_arcsec = 0.168};
  const render::RenderOptions fine{.size = 64, .pixel_scale_arcsec = 0.168, .tolerance = 1e-6};
  hide_below_noise({{.background_rms = rms}}, options);
  const render::Plane with = render::render(both, psfs, options).image[0], without = render::render(star, psfs, options).image[0],
                      alone = render::render(arc, psfs, fine).image[0];
  double worst = 0;
  for (int row = 0; row < 64; ++row) {
    for (int column = 0; column < 64; ++column) {
      const auto difference = static_cast<double>(with.at(row, column) - without.at(row, column));
      worst = std::max(worst, std::abs(difference - static_cast<double>(alone.at(row, column))));
    }
  }
  return worst / rms;
}

TEST(RenderOptions, AFaintArcBesideABrightStarIsRight) {
  for (const double radius : {0.06, 0.12, 0.3}) {
    for (const double x : {0.02, 0.12, 0.3}) EXPECT_LT(error_beside_a_star(radius, x), 0.1) << radius << " at " << x;
  }
}

}  // namespace
}  // namespace lensfind::simulate
