#include "lensfind/render/psf_plan.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::render {
namespace {

bool is_sum_of_gaussians(const Psf& psf) { return std::holds_alternative<GaussianPsf>(psf) || std::holds_alternative<MoffatPsf>(psf); }

double fwhm_of(const Psf& psf) {
  const auto* moffat = std::get_if<MoffatPsf>(&psf);
  return moffat ? moffat->fwhm_arcsec : std::get<GaussianPsf>(psf).fwhm_arcsec;
}

/// Full width at half maximum, pixels. Throws Error for PSFs that no lattice can hold.
double fwhm_pixels(const Psf& psf, double pixel_scale) {
  constexpr double min = .05, max = 2000;
  const double fwhm = fwhm_of(psf) / pixel_scale;
  if (!(fwhm >= min && fwhm <= max)) {
    throw Error{fmt::format("a PSF of {:.3g} pixels (full width at half maximum) cannot be rendered", fwhm),
                fmt::format("give one of {} to {} pixels", min, max)};
  }
  return fwhm;
}

/// How far a PSF is drawn, pixels.
double reach_pixels(const Psf& psf, double fwhm) {
  const auto* moffat = std::get_if<MoffatPsf>(&psf);
  return fwhm * (moffat ? moffat_reach(moffat->beta) : 4.5 * sigma_of_fwhm(1));
}

/// Fine pixels a pixel that smooth light, and the passage from it to points, need: a Gaussian's standard deviation is one of them or more.
/// A Moffat of 2.75 fine pixels holds as little beyond the frequencies that they can hold.
int factor_of(const Psf& psf, double fwhm) {
  constexpr double narrowest_sigma = 1, narrowest_moffat = 2.75;
  const bool moffat = std::holds_alternative<MoffatPsf>(psf);
  return std::max(1, static_cast<int>(std::ceil(moffat ? narrowest_moffat / fwhm : narrowest_sigma / sigma_of_fwhm(fwhm))));
}

/// Widths in fine pixels. A shared Gaussian of 0.75 pixels holds next to nothing beyond the frequencies that pixels can hold, once the rest
/// of a wide PSF has damped it too.
GaussianBand gaussian_band(double sigma) {
  constexpr double narrowest_shared = 1.4;
  if (sigma < narrowest_shared) return {{pixel_gaussian_taps(sigma)}, CellSpread{sigma, CellSpread::Values::means}};
  return {{pixel_gaussian_taps(std::sqrt(sigma * sigma - shared_sigma * shared_sigma))}, std::nullopt};
}

/// What the spreading leaves of a term of variance shared_sigma^2 + `left`, over pixels. Where that is little or less than nothing, three
/// taps of the same variance: a Gaussian narrower than a pixel cannot be told by its values at the pixels.
std::vector<float> taps_after_spreading(double left, double reach) {
  constexpr double narrow = 0.3, pixel = 1.0 / 12;
  if (left > narrow) return pixel_gaussian_taps(std::sqrt(left), std::min(4.5 * std::sqrt(left), reach));
  return {static_cast<float>(1 - left - pixel), static_cast<float>((left + pixel) / 2)};
}

GaussianBand moffat_band(const MoffatPsf& psf, double fwhm) {
  GaussianBand out;
  for (const GaussianTerm& term : psf.terms) {
    const double sigma = term.sigma * fwhm;
    std::vector<float>& taps =
        out.taps.emplace_back(taps_after_spreading(sigma * sigma - shared_sigma * shared_sigma, moffat_reach(psf.beta) * fwhm));
    for (float& tap : taps) tap *= static_cast<float>(std::sqrt(term.weight));
  }
  return out;
}

/// Sums of Gaussians in all bands.
Plan gaussian_plan(std::span<const Psf> psfs, double pixel_scale) {
  Plan plan{.use = SampleUse::spreading};
  double reach = 0;
  for (const Psf& psf : psfs) {
    const double fwhm = fwhm_pixels(psf, pixel_scale);
    plan.factor = std::max(plan.factor, factor_of(psf, fwhm));
    reach = std::max(reach, reach_pixels(psf, fwhm));
  }
  for (const Psf& psf : psfs) {
    const double fwhm = fwhm_pixels(psf, pixel_scale) * plan.factor;
    const auto* moffat = std::get_if<MoffatPsf>(&psf);
    plan.gaussians.push_back(moffat ? moffat_band(*moffat, fwhm) : gaussian_band(sigma_of_fwhm(fwhm)));
  }
  plan.spread_taps = gaussian_taps(shared_sigma, spread_reach);
  plan.margin = static_cast<int>(std::ceil(reach * plan.factor)) + 1 + spread_reach;
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
    if (is_sum_of_gaussians(psf))
      plan.margin = std::max(plan.margin, static_cast<int>(std::ceil(reach_pixels(psf, fwhm_pixels(psf, pixel_scale)))) + 2);
  }
  return plan;
}

}  // namespace

Plan plan_of(std::span<const Psf> psfs, double pixel_scale_arcsec) {
  return std::ranges::all_of(psfs, is_sum_of_gaussians) ? gaussian_plan(psfs, pixel_scale_arcsec) : pixel_plan(psfs, pixel_scale_arcsec);
}

}  // namespace lensfind::render
