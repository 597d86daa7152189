#include "lensfind/simulate/lens_preview.h"

#include <algorithm>
#include <cmath>

#include "lensfind/render/plane_kernels.h"
#include "lensfind/render/psf.h"
#include "lensfind/simulate/conditions.h"

namespace lensfind::simulate {
namespace {

/// Pixels a side that hold the arcs: images lie within two Einstein radii of the deflector, and hardly farther from it than the Einstein
/// radius and the source together.
int pixels_needed(const render::Scene& scene, const PreviewOptions& options) {
  const render::Sersic& source = scene.sources.front().profile;
  const render::Point centre = scene.mass.ellipsoids.front().centre_arcsec;
  const double theta_e = options.theta_e_arcsec > 0 ? options.theta_e_arcsec : scene.mass.ellipsoids.front().theta_e_arcsec;
  const render::Point off = source.centre_arcsec - centre;
  const double half = std::min(2 * theta_e, 1.25 * (theta_e + std::hypot(off.x, off.y))) + 2 * source.effective_radius_arcsec +
                      options.seeing_fwhm_arcsec + std::max(std::abs(centre.x), std::abs(centre.y));
  return std::min(options.size, 2 * static_cast<int>(std::ceil(half / options.pixel_scale_arcsec)));
}

/// Sum of components at positions; none narrower than the samples can show.
render::Plane sampled(const std::vector<render::Light>& lights, const render::Plane& x, const render::Plane& y, double pixel) {
  render::Plane sum{x.side}, one{x.side};
  for (const render::Light& light : lights) {
    render::Sersic profile = light.profile;
    profile.effective_radius_arcsec = std::max(profile.effective_radius_arcsec, 0.75 * pixel);
    brightness(prepare(profile), x.values, y.values, one.values);
    add_scaled(one, {0, one.side, 0, one.side}, static_cast<float>(light.flux.front() * pixel * pixel), sum);
  }
  return sum;
}

/// Two standard deviations and a half: a quick look may miss the wings.
std::vector<float> short_taps(double sigma) {
  return render::gaussian_taps(std::hypot(sigma, 0.29), static_cast<int>(std::ceil(2.5 * sigma)));
}

}  // namespace

Preview preview_lens(const render::Scene& scene, const PreviewOptions& options) {
  const double pixel = options.pixel_scale_arcsec, fine = pixel / options.finer;
  const std::vector<float> taps = short_taps(render::sigma_of_fwhm(options.seeing_fwhm_arcsec) / pixel);
  const int size = pixels_needed(scene, options), margin = static_cast<int>(taps.size());
  render::Lattice lattice{(size + 2 * margin) * options.finer, fine};
  lattice.map_through(prepare(scene.mass, 1e-4));
  const render::PixelBox box{margin, margin + size, margin, margin + size}, all{0, size, 0, size};
  render::Plane sharp = sampled(scene.sources, lattice.source_x, lattice.source_y, fine);
  double flux = 0;
  for (const render::Light& source : scene.sources) flux += source.flux.front();
  Preview out{.magnification = rendered_magnification(sharp, flux)};
  if (out.magnification < options.min_magnification) return out;
  if (options.finer > 1) sharp = render::bin(sharp, options.finer, 0);
  render::Plane arcs{size}, light{size};
  convolve_separable(sharp, taps, box, {}, margin, arcs);
  const Noise noise{options.background_rms, options.gain, {}};
  out.signal_to_noise = best_signal_to_noise(arcs, arcs, noise);
  if (out.signal_to_noise < options.min_snr) return out;
  const render::Lattice pixels{size + 2 * margin, pixel};
  convolve_separable(sampled(scene.unlensed, pixels.x, pixels.y, pixel), taps, box, {}, margin, light);
  add_scaled(arcs, all, 1, light);
  out.signal_to_noise = best_signal_to_noise(arcs, light, noise, options.contrast);
  return out;
}

}  // namespace lensfind::simulate
