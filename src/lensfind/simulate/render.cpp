#include "lensfind/simulate/render.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "lensfind/simulate/light_samples.h"
#include "lensfind/simulate/plane_kernels.h"

namespace lensfind::simulate {
namespace {

/// How far a spread point reaches, pixels.
constexpr int spread_reach = 4;

/// How the PSFs of all bands are applied to one set of samples.
struct Plan {
  SampleUse use = SampleUse::pixel_means;
  int factor = 1;           ///< fine pixels a pixel, in each direction
  int margin = 0;           ///< fine pixels beyond the cutout
  double sigma_spread = 0;  ///< of the Gaussian that points are spread with, fine pixels; all bands have it in common
};

bool all_gaussian(std::span<const Psf> psfs) {
  return std::all_of(psfs.begin(), psfs.end(), [](const Psf& psf) { return std::holds_alternative<GaussianPsf>(psf); });
}

double sigma_pixels(const Psf& psf, double pixel_scale) { return sigma_of_fwhm(std::get<GaussianPsf>(psf).fwhm_arcsec) / pixel_scale; }

/// Gaussians in all bands: points of light are spread with a part of the narrowest, the rest of each band's is a convolution. A Gaussian of
/// 0.75 pixels holds next to nothing beyond the frequencies that pixels can hold, once the rest has damped it too.
Plan gaussian_plan(std::span<const Psf> psfs, double pixel_scale) {
  double narrowest = std::numeric_limits<double>::max(), widest = 0;
  for (const Psf& psf : psfs) {
    narrowest = std::min(narrowest, sigma_pixels(psf, pixel_scale));
    widest = std::max(widest, sigma_pixels(psf, pixel_scale));
  }
  Plan plan{.use = SampleUse::spreading, .factor = std::max(1, static_cast<int>(std::ceil(1.3 / narrowest)))};
  plan.sigma_spread = std::min(0.75, narrowest * plan.factor / std::numbers::sqrt2);
  plan.margin = static_cast<int>(std::ceil(4.5 * widest * plan.factor)) + 1 + spread_reach;
  plan.margin += (plan.factor - plan.margin % plan.factor) % plan.factor;
  return plan;
}

/// Anything else: means over the pixels, as measured PSFs expect.
Plan pixel_plan(std::span<const Psf> psfs) {
  Plan plan{.margin = 2};
  for (const Psf& psf : psfs) {
    if (const auto* image = std::get_if<ImagePsf>(&psf)) plan.margin = std::max(plan.margin, std::max(image->rows, image->columns) / 2 + 2);
  }
  return plan;
}

/// Where a Gaussian stands beside images, it becomes one.
ImagePsf as_image(const GaussianPsf& psf, double pixel_scale) {
  const std::vector<float> taps = pixel_gaussian_taps(sigma_of_fwhm(psf.fwhm_arcsec) / pixel_scale);
  const int half = static_cast<int>(taps.size()) - 1, side = 2 * half + 1;
  ImagePsf out{side, side, {}};
  for (int row = -half; row <= half; ++row) {
    for (int column = -half; column <= half; ++column)
      out.kernel.push_back(taps[static_cast<std::size_t>(std::abs(row))] * taps[static_cast<std::size_t>(std::abs(column))]);
  }
  return out;
}

/// Radius of a disc as large as the PSF's core.
double psf_radius(const Psf& psf, double pixel_scale) {
  if (const auto* gaussian = std::get_if<GaussianPsf>(&psf)) return std::max(0.6 * gaussian->fwhm_arcsec, 0.5 * pixel_scale);
  if (const auto* image = std::get_if<ImagePsf>(&psf)) {
    const float peak = *std::max_element(image->kernel.begin(), image->kernel.end());
    return pixel_scale * std::sqrt(1 / (std::numbers::pi * static_cast<double>(peak)));
  }
  return 0.5 * pixel_scale;
}

/// Flux of the brightest pixel after the PSF, roughly: it only scales tolerances. A source counts as magnified four times.
double rough_peak(const Scene& scene, const Psf& psf, std::size_t band, double pixel_scale) {
  const double radius = psf_radius(psf, pixel_scale),
               share_of_disc = std::min(1.0, pixel_scale * pixel_scale / (std::numbers::pi * radius * radius));
  double peak = 0;
  for (const Light& light : scene.unlensed) peak = std::max(peak, light.flux[band] * light_within(light.profile, radius) * share_of_disc);
  for (const Light& light : scene.sources)
    peak = std::max(peak, 4 * light.flux[band] * light_within(light.profile, radius / 2) * share_of_disc);
  return peak;
}

/// What each band allows in a fine pixel.
struct BandLimits {
  std::vector<double> tolerance, negligible;

  BandLimits(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options, int factor) {
    for (std::size_t b = 0; b < psfs.size(); ++b) {
      const double peak = rough_peak(scene, psfs[b], b, options.pixel_scale_arcsec) / (factor * factor);
      // The PSF averages the errors of the pixels that it covers.
      const double covered = 2 * psf_radius(psfs[b], options.pixel_scale_arcsec) / options.pixel_scale_arcsec * factor;
      tolerance.push_back(options.tolerance * peak * covered / 2);
      negligible.push_back(options.negligible_flux.empty() ? 1e-5 * peak : options.negligible_flux[b] / (factor * factor));
    }
  }

  /// For a component of these fluxes, as a share of its total flux, in its most demanding band.
  [[nodiscard]] SamplingLimits of(const Light& light) const {
    SamplingLimits out{std::numeric_limits<double>::max(), std::numeric_limits<double>::max()};
    for (std::size_t b = 0; b < tolerance.size(); ++b) {
      // A component may take light away (the hole of a ring).
      const double flux = std::abs(light.flux[b]);
      if (flux == 0) continue;
      out.tolerance = std::min(out.tolerance, tolerance[b] / flux);
      out.negligible = std::min(out.negligible, negligible[b] / flux);
    }
    return out;
  }
};

/// Light of some components in all bands, before the PSF.
struct BandSamples {
  BandSamples(std::size_t bands, int side) : smooth(bands, Plane{side}), points(bands, Plane{side}) {}
  std::vector<Plane> smooth, points;
};

/// Adds each point to the pixel that holds it.
void drop_points(const LightSamples& samples, float pixel, Plane& into) {
  for (std::size_t i = 0; i < samples.flux.size(); ++i) {
    if (samples.flux[i] == 0) continue;
    const float half = 0.5f * static_cast<float>(into.side);
    into.at(static_cast<int>(samples.y[i] / pixel + half), static_cast<int>(samples.x[i] / pixel + half)) += samples.flux[i];
  }
}

PixelBox grown(const PixelBox& box, int by, int side) {
  return {std::max(0, box.row_first - by), std::min(side, box.row_end + by), std::max(0, box.column_first - by),
          std::min(side, box.column_end + by)};
}

BandSamples sample(const std::vector<Light>& lights, const Lattice& lattice, const PreparedMass* mass, const Plan& plan,
                   const BandLimits& limits, std::size_t bands) {
  const int side = lattice.x.side;
  BandSamples out{bands, side};
  LightSampler sampler{lattice, mass, plan.use};
  LightSamples samples{side};
  Plane points{side};
  for (const Light& light : lights) {
    sampler.sample(light.profile, limits.of(light), samples);
    if (samples.box.empty()) continue;
    const PixelBox spread = grown(samples.box, spread_reach, side);
    for (int row = spread.row_first; row < spread.row_end; ++row)
      std::fill(points.row(row).begin() + spread.column_first, points.row(row).begin() + spread.column_end, 0.0f);
    if (plan.use == SampleUse::spreading) {
      spread_points(samples.x, samples.y, samples.flux, lattice.pixel, static_cast<float>(plan.sigma_spread), points);
    } else {
      drop_points(samples, lattice.pixel, points);
    }
    for (std::size_t b = 0; b < bands; ++b) {
      add_scaled(samples.smooth, samples.box, static_cast<float>(light.flux[b]), out.smooth[b]);
      add_scaled(points, spread, static_cast<float>(light.flux[b]), out.points[b]);
    }
  }
  return out;
}

Plane observe_gaussian(const Plane& smooth, const Plane& points, const Plan& plan, double sigma_fine_pixels) {
  Plane spread{smooth.side - 2 * spread_reach};
  convolve_separable(smooth, gaussian_taps(plan.sigma_spread, spread_reach), spread);
  for (int row = 0; row < spread.side; ++row) {
    for (int column = 0; column < spread.side; ++column) spread.at(row, column) += points.at(row + spread_reach, column + spread_reach);
  }
  const double rest = std::sqrt(sigma_fine_pixels * sigma_fine_pixels - plan.sigma_spread * plan.sigma_spread);
  Plane out{smooth.side - 2 * plan.margin};
  convolve_separable(spread, pixel_gaussian_taps(rest), out);
  return plan.factor == 1 ? out : bin(out, plan.factor, 0);
}

Plane observe(const Plane& smooth, const Plane& points, const Plan& plan, const Psf& psf, double pixel_scale) {
  if (plan.use == SampleUse::spreading) return observe_gaussian(smooth, points, plan, sigma_pixels(psf, pixel_scale) * plan.factor);
  Plane all = smooth;
  add_scaled(points, {0, all.side, 0, all.side}, 1, all);
  if (const auto* image = std::get_if<ImagePsf>(&psf)) return convolve_image(all, *image, plan.margin);
  if (const auto* gaussian = std::get_if<GaussianPsf>(&psf)) return convolve_image(all, as_image(*gaussian, pixel_scale), plan.margin);
  return bin(all, 1, plan.margin);
}

}  // namespace

Rendering render(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options) {
  const Plan plan = all_gaussian(psfs) ? gaussian_plan(psfs, options.pixel_scale_arcsec) : pixel_plan(psfs);
  const BandLimits limits{scene, psfs, options, plan.factor};
  Lattice lattice{plan.factor * options.size + 2 * plan.margin, options.pixel_scale_arcsec / plan.factor};
  Rendering out;
  const BandSamples light = sample(scene.unlensed, lattice, nullptr, plan, limits, psfs.size());
  for (std::size_t b = 0; b < psfs.size(); ++b)
    out.image.push_back(observe(light.smooth[b], light.points[b], plan, psfs[b], options.pixel_scale_arcsec));
  if (scene.sources.empty()) return out;
  const PreparedMass mass = prepare(scene.mass);
  lattice.map_through(mass);
  const BandSamples arcs = sample(scene.sources, lattice, &mass, plan, limits, psfs.size());
  for (std::size_t b = 0; b < psfs.size(); ++b) {
    out.arcs.push_back(observe(arcs.smooth[b], arcs.points[b], plan, psfs[b], options.pixel_scale_arcsec));
    add_scaled(out.arcs[b], {0, options.size, 0, options.size}, 1, out.image[b]);
  }
  return out;
}

}  // namespace lensfind::simulate
