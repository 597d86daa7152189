// One lensed scene in three bands with noise, again and again on one thread: milliseconds a cutout, and the error against a far finer
// rendering. simulate.sh runs it in turn with lenstronomy on the same scene.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <span>
#include <string_view>
#include <thread>

#include <fmt/format.h>
#include <hwy/targets.h>

#include "lensfind/simulate/conditions.h"

namespace {

using namespace lensfind::render;
using namespace lensfind::simulate;

constexpr double pixel_scale = 0.168;

/// The scene of simulate_peer.py.
Scene scene() {
  Scene out;
  out.mass.ellipsoids.push_back({.theta_e_arcsec = 1.4, .axis_ratio = 0.7, .angle_rad = 0.4});
  out.mass.shear = {0.03, 0.02};
  out.unlensed.push_back({{.effective_radius_arcsec = 0.9, .index = 4, .axis_ratio = 0.75, .angle_rad = 0.4}, {40, 120, 200}});
  out.sources.push_back(
      {{.effective_radius_arcsec = 0.2, .index = 1, .axis_ratio = 0.7, .angle_rad = 1.0, .centre_arcsec = {0.15, 0.1}}, {12, 15, 18}});
  return out;
}

double worst_error(const Rendering& got, const Rendering& want) {
  double worst = 0;
  for (std::size_t b = 0; b < got.image.size(); ++b) {
    const Plane& reference = want.image[b];
    double difference = 0, peak = 0;
    for (int row = 0; row < reference.side; ++row) {
      for (int column = 0; column < reference.side; ++column) {
        difference = std::max(difference, std::abs(static_cast<double>(got.image[b].at(row, column) - reference.at(row, column))));
        peak = std::max(peak, static_cast<double>(reference.at(row, column)));
      }
    }
    worst = std::max(worst, difference / peak);
  }
  return worst;
}

void measure(const char* name, const std::vector<Psf>& psfs) {
  const Scene lens = scene();
  const RenderOptions options{.size = 64, .pixel_scale_arcsec = pixel_scale, .separate_arcs = false};
  RenderOptions fine = options;
  fine.tolerance = 1e-6;
  Renderer renderer;
  const double error = worst_error(renderer.render(lens, psfs, options), renderer.render(lens, psfs, fine));
  const std::vector<Noise> noise{{0.044, 1400}, {0.047, 3200}, {0.075, 2500}};
  double best = 1e9;
  for (int repeat = 0; repeat < 5; ++repeat) {
    constexpr int cutouts = 100;
    const auto start = std::clock();
    for (int i = 0; i < cutouts; ++i) {
      Rendering image = renderer.render(lens, psfs, options);
      for (int b = 0; b < 3; ++b)
        add_noise(noise[static_cast<std::size_t>(b)], {1, static_cast<std::uint64_t>(i), b}, image.image[static_cast<std::size_t>(b)]);
    }
    best = std::min(best, 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / cutouts);
  }
  fmt::print("lensfind {:<16} {:.3f} ms a cutout, error {:.1e} of the peak\n", name, best, error);
}

/// Cutouts a second of `threads` threads over those of one, of the best of several short runs each, as anything else on the machine slows
/// all threads' end down.
double thread_scaling(const std::vector<Psf>& psfs, int threads) {
  const Scene lens = scene();
  std::vector<Renderer> renderers(static_cast<std::size_t>(threads));
  const auto work = [&](Renderer& renderer) {
    for (int i = 0; i < 500; ++i)
      (void)renderer.render(lens, psfs, {.size = 64, .pixel_scale_arcsec = pixel_scale, .separate_arcs = false});
  };
  const auto seconds = [&](int count) {
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> running;
    for (int t = 0; t < count; ++t) running.emplace_back(work, std::ref(renderers[static_cast<std::size_t>(t)]));
    for (std::thread& thread : running) thread.join();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  double one = 1e9, all = 1e9;
  for (int repeat = 0; repeat < 15; ++repeat) {
    one = std::min(one, seconds(1));
    all = std::min(all, seconds(threads));
  }
  return threads * one / all;
}

}  // namespace

/// `--instructions avx2` renders as on a processor without AVX-512.
int main(int count, char** arguments) {
  const std::span<char*> words{arguments, static_cast<std::size_t>(count)};
  if (count == 3 && std::string_view{words[1]} == "--instructions" && std::string_view{words[2]} == "avx2") {
    hwy::SetSupportedTargetsForTest(HWY_AVX2);
  } else if (count != 1) {
    fmt::print(stderr, "usage: lensfind_simulate_benchmark [--instructions avx2]\n");
    return 2;
  }
  const std::vector<Psf> gaussians{GaussianPsf{0.79}, GaussianPsf{0.75}, GaussianPsf{0.61}};
  measure("gaussian", gaussians);
  std::vector<Psf> moffats;
  for (const double fwhm : {0.79, 0.75, 0.61}) moffats.push_back(factorised(moffat_psf(fwhm, 3, pixel_scale, 25)));
  measure("moffat 25x25", moffats);
  fmt::print("lensfind 2 threads are {:.2f} times as fast as one\n", thread_scaling(gaussians, 2));
}
