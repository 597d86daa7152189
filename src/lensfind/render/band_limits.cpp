#include "lensfind/render/band_limits.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace lensfind::render {
namespace {

/// Radius of a disc as large as the PSF's core.
double psf_radius(const Psf& psf, double pixel_scale) {
  if (const auto* gaussian = std::get_if<GaussianPsf>(&psf)) return std::max(0.6 * gaussian->fwhm_arcsec, 0.5 * pixel_scale);
  if (const auto* moffat = std::get_if<MoffatPsf>(&psf))
    return std::max(moffat_alpha(moffat->fwhm_arcsec, moffat->beta) / std::sqrt(moffat->beta - 1), 0.5 * pixel_scale);
  if (const auto* image = std::get_if<ImagePsf>(&psf)) {
    const float peak = *std::max_element(image->kernel.begin(), image->kernel.end());
    return pixel_scale * std::sqrt(1 / (std::numbers::pi * static_cast<double>(peak)));
  }
  return 0.5 * pixel_scale;
}

/// The place in a square of that side about the origin that is nearest to another.
Point nearest_within(double side, Point to) {
  return {std::clamp(to.x, -0.5 * side, 0.5 * side), std::clamp(to.y, -0.5 * side, 0.5 * side)};
}

/// Of the brightest pixel: about the rounding of a float. A tolerance of 0 would divide every cell as long as it can be divided.
constexpr double finest_error = 1e-7;

/// Flux of the brightest pixel after the PSF in each band, roughly and without its sign (a component may take light away, as the hole of a
/// ring): it only scales tolerances. A source counts as magnified twice, light
/// beside the cutout as bright as it is at the edge, or a hundredth of its own.
std::vector<double> rough_peaks(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options) {
  const double pixel = options.pixel_scale_arcsec;
  std::vector<double> radii, peaks(psfs.size(), 0.0);
  for (const Psf& psf : psfs) radii.push_back(psf_radius(psf, pixel));
  const double narrowest = *std::min_element(radii.begin(), radii.end());
  const auto fraction_of_disc = [&](double radius) { return std::min(1.0, pixel * pixel / (std::numbers::pi * radius * radius)); };
  const auto look_at = [&](const Light& light, double fraction, double min_fraction, double max) {
    for (std::size_t b = 0; b < peaks.size(); ++b) {
      const double own = fraction * fraction_of_disc(radii[b]);
      peaks[b] = std::max(peaks[b], std::abs(light.flux[b]) * std::clamp(max, min_fraction * own, own));
    }
  };
  const auto look_straight = [&](const Light& light) {
    const Point centre = light.profile.centre_arcsec, nearest = nearest_within(options.size * pixel, centre);
    const bool inside = nearest.x == centre.x && nearest.y == centre.y;
    // What lies beside the cutout still reaches it through the PSF.
    look_at(light, light_within(light.profile, narrowest), 0.01, inside ? 1 : brightness(light.profile, nearest) * pixel * pixel);
  };
  for (const Light& light : scene.unlensed) look_straight(light);
  for (const Light& light : scene.point_images) look_straight(light);
  for (const Light& light : scene.sources) look_at(light, 2 * light_within(light.profile, narrowest / 2), 1, 1);
  return peaks;
}

}  // namespace

BandLimits::BandLimits(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options, int factor) {
  const std::vector<double> peaks = rough_peaks(scene, psfs, options);
  for (std::size_t b = 0; b < psfs.size(); ++b) {
    const double peak = peaks[b] / (factor * factor);
    double error = options.tolerance * peak;
    if (!options.tolerable_flux.empty()) {
      const double tolerable = options.tolerable_flux[b] / (factor * factor);
      error = std::min(error, std::max(tolerable, finest_error * peak));
    }
    // The PSF averages the errors of the pixels that it covers.
    tolerance_.push_back(error * psf_radius(psfs[b], options.pixel_scale_arcsec) / options.pixel_scale_arcsec * factor);
    negligible_.push_back(options.negligible_flux.empty() ? 1e-5 * peak
                                                          : std::min(5e-4 * peak, options.negligible_flux[b] / (factor * factor)));
  }
}

SamplingLimits BandLimits::of(const Light& light) const {
  SamplingLimits out{std::numeric_limits<double>::max(), std::numeric_limits<double>::max()};
  for (std::size_t b = 0; b < tolerance_.size(); ++b) {
    const double flux = std::abs(light.flux[b]);
    if (flux == 0) continue;
    out.tolerance = std::min(out.tolerance, tolerance_[b] / flux);
    out.negligible = std::min(out.negligible, negligible_[b] / flux);
  }
  return out;
}

}  // namespace lensfind::render
