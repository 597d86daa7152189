/// What the renderer does with one scene, as files for rendering_figures.py: rendering_cells OUT
///   cells.csv        level,x,y,side: every cell that counted, in pixels from the lattice's lower left corner
///   smooth.npy       the smooth light, and where pixels are rough it is 0
///   light.npy        all sampled light of the component, a pixel
///   image.npy        the finished image; error-TOLERANCE.npy: its difference from brute force, over the peak
///   cost.csv         tolerance,cells,worst_error
#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/image/npy.h"
#include "lensfind/render/band_limits.h"
#include "lensfind/render/brute_force.h"
#include "lensfind/render/light_samples.h"
#include "lensfind/render/psf_plan.h"
#include "lensfind/render/render.h"

namespace {

using namespace lensfind;
using namespace lensfind::render;

constexpr int size = 48;
constexpr double pixel = 0.2;

/// A lens whose source, a disk with a bright knot, lies near a fold.
Scene fold_scene() {
  Scene scene;
  scene.mass.ellipsoids.push_back({1.9, 0.7, 0.5, {0.03, -0.02}});
  scene.mass.shear = {0.03, -0.02};
  scene.unlensed.push_back({{0.9, 4, 0.75, 0.5, {0.03, -0.02}}, {60}, nullptr});
  scene.sources.push_back({{0.18, 1, 0.7, 1.1, {0.24, 0.14}}, {6}, nullptr});
  scene.sources.push_back({{0.03, 1, 1, 0, {0.32, 0.05}}, {1}, nullptr});
  return scene;
}

/// The samples of one component of the scene as the renderer takes them.
LightSamples samples_of(const Scene& scene, const Light& light, const Psf& psf, const RenderOptions& options) {
  const Plan plan = plan_of({&psf, 1}, pixel);
  const int side = plan.factor * size + 2 * plan.margin;
  Lattice lattice{side, pixel / plan.factor};
  const PreparedMass mass = prepare(scene.mass);
  lattice.map_through(mass);
  const std::vector<ColumnSpan> columns(static_cast<std::size_t>(side), {0, side});
  LightSampler sampler{side, plan.use};
  sampler.look_through(lattice, columns, &mass);
  LightSamples samples{side};
  sampler.sample(light.profile, BandLimits{scene, {&psf, 1}, options, plan.factor}.of(light), samples);
  return samples;
}

std::string cells_as_csv(const LightSamples& samples, std::size_t& count) {
  std::string text = "level,x,y,side\n";
  for (std::size_t level = 0; level < samples.levels.size(); ++level) {
    const SampledCells& of = samples.levels[level];
    const double side = std::ldexp(1, -static_cast<int>(level));
    for (std::size_t k = 0; k < of.kept.count; ++k) {
      const auto c = static_cast<std::size_t>(of.kept.index[k]);
      text += fmt::format("{},{:.6f},{:.6f},{:.6f}\n", level, of.cells.column[c] + of.cells.i[c] * side,
                          of.cells.row[c] + of.cells.j[c] * side, side);
      ++count;
    }
  }
  return text;
}

image::Image as_image(const Plane& plane) {
  image::Image image{image::ImageShape{1, plane.side, plane.side}};
  for (int row = 0; row < plane.side; ++row) {
    for (int column = 0; column < plane.side; ++column) image.at(0, row, column) = plane.at(row, column);
  }
  return image;
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 2) {
    fmt::print(stderr, "usage: rendering_cells OUT\n");
    return 2;
  }
  const std::filesystem::path out = arguments[1];
  std::filesystem::create_directories(out);
  const Scene scene = fold_scene();
  const Psf psf = GaussianPsf{0.7};
  const RenderOptions usual{.size = size, .pixel_scale_arcsec = pixel};
  std::size_t cells = 0;
  const LightSamples samples = samples_of(scene, scene.sources[0], psf, usual);
  write_file(out / "cells.csv", cells_as_csv(samples, cells));
  image::write_npy(out / "smooth.npy", as_image(samples.smooth).view());
  Plane light = samples.smooth;
  for (const SampledCells& level : samples.levels) {
    for (std::size_t k = 0; k < level.kept.count; ++k) {
      const auto c = static_cast<std::size_t>(level.kept.index[k]);
      light.at(level.cells.row[c], level.cells.column[c]) += level.light[c];
    }
  }
  image::write_npy(out / "light.npy", as_image(light).view());

  const std::vector<double> truth = brute_force(scene, {psf}, size, pixel)[0];
  const double peak = *std::max_element(truth.begin(), truth.end());
  std::string cost = "tolerance,cells,worst_error\n";
  for (const double tolerance : {1e-2, 3e-3, 9e-4, 3e-4, 1e-4, 3e-5, 1e-5}) {
    RenderOptions options = usual;
    options.tolerance = tolerance;
    const Plane image = render::render(scene, {&psf, 1}, options).image[0];
    Plane error{size};
    double worst = 0;
    for (int row = 0; row < size; ++row) {
      for (int column = 0; column < size; ++column) {
        const double difference =
            (static_cast<double>(image.at(row, column)) - truth[static_cast<std::size_t>(row * size + column)]) / peak;
        error.at(row, column) = static_cast<float>(difference);
        worst = std::max(worst, std::abs(difference));
      }
    }
    std::size_t count = 0;
    for (const Light& source : scene.sources) cells_as_csv(samples_of(scene, source, psf, options), count);
    cost += fmt::format("{:g},{},{:.3g}\n", tolerance, count, worst);
    image::write_npy(out / fmt::format("error-{:g}.npy", tolerance), as_image(error).view());
    if (tolerance == usual.tolerance) image::write_npy(out / "image.npy", as_image(image).view());
  }
  write_file(out / "cost.csv", cost);
  return 0;
}
