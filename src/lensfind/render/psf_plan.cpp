#include "lensfind/render/psf_plan.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::render {
namespace {

bool all_gaussian(std::span<const Psf> psfs) {
  return std::all_of(psfs.begin(), psfs.end(), [](const Psf& psf) { return std::holds_alternative<GaussianPsf>(psf); });
}

/// Throws Error for PSFs that no lattice can hold.
double sigma_pixels(const Psf& psf, double pixel_scale) {
  constexpr double min = .05, max = 2000;
  const double fwhm = std::get<GaussianPsf>(psf).fwhm_arcsec / pixel_scale;
  if (!(fwhm >= min && fwhm <= max)) {
    throw Error{fmt::format("a PSF of {:.3g} pixels (full width at half maximum) cannot be rendered", fwhm),
                fmt::format("give one of {} to {} pixels", min, max)};
  }
  return sigma_of_fwhm(fwhm);
}

/// `sigma`: in fine pixels. A shared Gaussian of 0.75 pixels holds next to nothing beyond the frequencies that pixels can hold, once the
/// rest of a wide PSF has damped it too.
GaussianBand gaussian_band(double sigma) {
  constexpr double narrowest_shared = 1.4;
  if (sigma < narrowest_shared) return {pixel_gaussian_taps(sigma), CellSpread{sigma, CellSpread::Values::means}};
  return {pixel_gaussian_taps(std::sqrt(sigma * sigma - shared_sigma * shared_sigma)), std::nullopt};
}

/// Gaussians in all bands. Smooth light, and the passage from it to points, need a lattice no coarser than the standard deviation of the
/// narrowest.
Plan gaussian_plan(std::span<const Psf> psfs, double pixel_scale) {
  constexpr double narrowest_smooth = 1;
  std::vector<double> sigmas;
  for (const Psf& psf : psfs) sigmas.push_back(sigma_pixels(psf, pixel_scale));
  const auto [narrowest, widest] = std::minmax_element(sigmas.begin(), sigmas.end());
  Plan plan{.use = SampleUse::spreading, .factor = std::max(1, static_cast<int>(std::ceil(narrowest_smooth / *narrowest)))};
  for (const double sigma : sigmas) plan.gaussians.push_back(gaussian_band(sigma * plan.factor));
  plan.spread_taps = gaussian_taps(shared_sigma, spread_reach);
  plan.margin = static_cast<int>(std::ceil(4.5 * *widest * plan.factor)) + 1 + spread_reach;
  // In steps, so that scenes of about the same seeing share their buffers; a whole number of the cutout's pixels.
  const int step = 4 * plan.factor;
  plan.margin = (plan.margin + step - 1) / step * step;
  return plan;
}

/// Anything else: means over the pixels, as measured PSFs expect.
Plan pixel_plan(std::span<const Psf> psfs, double pixel_scale) {
  Plan plan{.margin = 2};
  for (const Psf& psf : psfs) {
    if (const auto* image = std::get_if<ImagePsf>(&psf)) plan.margin = std::max(plan.margin, std::max(image->rows, image->columns) / 2 + 2);
    if (std::holds_alternative<GaussianPsf>(psf))
      plan.margin = std::max(plan.margin, static_cast<int>(pixel_gaussian_taps(sigma_pixels(psf, pixel_scale)).size()) + 2);
  }
  return plan;
}

}  // namespace

Plan plan_of(std::span<const Psf> psfs, double pixel_scale_arcsec) {
  return all_gaussian(psfs) ? gaussian_plan(psfs, pixel_scale_arcsec) : pixel_plan(psfs, pixel_scale_arcsec);
}

}  // namespace lensfind::render
