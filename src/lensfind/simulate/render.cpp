#include "lensfind/simulate/render.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "lensfind/simulate/integrate.h"

namespace lensfind::simulate {
namespace {

double psf_radius(const Psf& psf, double pixel_scale) {
  if (const auto* gaussian = std::get_if<GaussianPsf>(&psf)) return std::max(0.6 * gaussian->fwhm_arcsec, 0.5 * pixel_scale);
  // The image's own peak says how wide it is.
  if (const auto* image = std::get_if<ImagePsf>(&psf)) {
    const float peak = *std::max_element(image->kernel.begin(), image->kernel.end());
    return pixel_scale * std::sqrt(1 / (std::numbers::pi * static_cast<double>(peak)));
  }
  return 0.5 * pixel_scale;
}

/// Flux of the brightest pixel after the PSF, roughly: it only scales tolerances. A source counts as magnified four times.
double rough_peak(const Scene& scene, const Psf& psf, std::size_t band, double pixel_scale) {
  const double radius = psf_radius(psf, pixel_scale), share_of_disc = pixel_scale * pixel_scale / (std::numbers::pi * radius * radius);
  double peak = 0;
  for (const Light& light : scene.unlensed) peak = std::max(peak, light.flux[band] * light_within(light.profile, radius) * share_of_disc);
  for (const Light& light : scene.sources)
    peak = std::max(peak, 4 * light.flux[band] * light_within(light.profile, radius / 2) * share_of_disc);
  return peak;
}

struct BandLimits {
  std::vector<double> tolerance, negligible;  ///< flux a fine pixel

  /// For a component of these fluxes, as a share of its total flux, in its most demanding band.
  [[nodiscard]] double of(const std::vector<double>& limits, const Light& light) const {
    double least = std::numeric_limits<double>::max();
    for (std::size_t b = 0; b < limits.size(); ++b) {
      if (light.flux[b] > 0) least = std::min(least, limits[b] / light.flux[b]);
    }
    return least;
  }
};

void add(const Plane& share, const PixelBox& box, double flux, Plane& into) {
  const auto f = static_cast<float>(flux);
  for (int row = box.row_first; row < box.row_end; ++row) {
    const auto from = share.row(row);
    const auto to = into.row(row);
    for (int column = box.column_first; column < box.column_end; ++column)
      to[static_cast<std::size_t>(column)] += f * from[static_cast<std::size_t>(column)];
  }
}

std::vector<Plane> components(const std::vector<Light>& lights, const PixelIntegrator& integrator, const BandLimits& limits, int side,
                              std::size_t bands) {
  std::vector<Plane> sum(bands, Plane{side});
  Plane share{side};
  for (const Light& light : lights) {
    const PixelBox box =
        integrator.integrate(light.profile, limits.of(limits.tolerance, light), limits.of(limits.negligible, light), share);
    for (std::size_t b = 0; b < bands; ++b) add(share, box, light.flux[b], sum[b]);
  }
  return sum;
}

}  // namespace

Rendering render(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options) {
  int margin = 0, factor = 1;
  for (const Psf& psf : psfs) {
    margin = std::max(margin, psf_reach(psf, options.pixel_scale_arcsec) + 2);
    factor = std::max(
        factor, options.fast ? std::min(2, oversampling(psf, options.pixel_scale_arcsec)) : oversampling(psf, options.pixel_scale_arcsec));
  }
  const int side = factor * (options.size + 2 * margin);
  BandLimits limits;
  for (std::size_t b = 0; b < psfs.size(); ++b) {
    const double peak = rough_peak(scene, psfs[b], b, options.pixel_scale_arcsec);
    // The PSF averages the errors of the pixels that it covers.
    const double covered = 2 * psf_radius(psfs[b], options.pixel_scale_arcsec) / options.pixel_scale_arcsec * factor;
    limits.tolerance.push_back(options.tolerance * peak / (factor * factor) * covered / 2);
    limits.negligible.push_back(options.negligible_flux.empty() ? 1e-5 * peak / (factor * factor)
                                                                : options.negligible_flux[b] / (factor * factor));
  }
  Lattice lattice{side, options.pixel_scale_arcsec / factor};
  const PixelIntegrator straight{lattice, nullptr};
  std::vector<Plane> light = components(scene.unlensed, straight, limits, side, psfs.size());
  Rendering out;
  if (!scene.sources.empty()) {
    const PreparedMass mass = prepare(scene.mass);
    lattice.map_through(mass);
    const std::vector<Plane> arcs = components(scene.sources, PixelIntegrator{lattice, &mass}, limits, side, psfs.size());
    for (std::size_t b = 0; b < psfs.size(); ++b) out.arcs.push_back(observe(arcs[b], psfs[b], options.pixel_scale_arcsec, factor, margin));
  }
  for (std::size_t b = 0; b < psfs.size(); ++b) {
    out.image.push_back(observe(light[b], psfs[b], options.pixel_scale_arcsec, factor, margin));
    if (!out.arcs.empty()) add(out.arcs[b], {0, options.size, 0, options.size}, 1, out.image[b]);
  }
  return out;
}

}  // namespace lensfind::simulate
