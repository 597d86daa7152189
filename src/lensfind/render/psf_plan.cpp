#include "lensfind/render/psf_plan.h"

#include <algorithm>
#include <cmath>
#include <numbers>

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
  if (sigma < narrowest_shared) return {.taps = {pixel_gaussian_taps(sigma)}, .of_points = CellSpread{sigma, CellSpread::Values::means}};
  return {.taps = {pixel_gaussian_taps(std::sqrt(sigma * sigma - shared_sigma * shared_sigma))}};
}

/// What the spreading leaves of a term of variance shared_sigma^2 + `left`, over pixels. Where that is little or less than nothing, three
/// taps of the same variance: a Gaussian narrower than a pixel cannot be told by its values at the pixels.
std::vector<float> taps_after_spreading(double left, double reach) {
  constexpr double narrow = 0.3, pixel = 1.0 / 12;
  if (left > narrow) return pixel_gaussian_taps(std::sqrt(left), std::min(4.5 * std::sqrt(left), reach));
  return {static_cast<float>(1 - left - pixel), static_cast<float>((left + pixel) / 2)};
}

/// A Gaussian's values at the pixels.
std::vector<float> sampled_taps(double sigma, double reach) {
  std::vector<float> out;
  for (int k = 0; k <= reach + 0.5; ++k)
    out.push_back(static_cast<float>(std::exp(-0.5 * k * k / (sigma * sigma)) / (sigma * std::sqrt(2 * std::numbers::pi))));
  return out;
}

/// `fwhm` in fine pixels, of which a pixel has `factor` a side.
GaussianBand moffat_band(const MoffatPsf& psf, double fwhm, int factor) {
  // In pixels: a Gaussian of the first passes nothing that pixels cannot hold, and one of the second is known by its values at pixels once
  // the first is taken from it.
  constexpr double shared_by_wide = 1, narrowest_wide = 1.5;
  const double reach = moffat_reach(psf.beta) * fwhm, before = std::pow(shared_by_wide * factor, 2);
  GaussianBand out;
  for (const GaussianTerm& term : psf.terms) {
    const double sigma = term.sigma * fwhm;
    const bool wide = factor > 1 && sigma > narrowest_wide * factor;
    const double rest = std::sqrt(std::max(0.0, sigma * sigma - before)) / factor;
    std::vector<float>& taps = wide ? out.after_binning.emplace_back(sampled_taps(rest, std::min(4.5 * rest, reach / factor)))
                                    : out.taps.emplace_back(taps_after_spreading(sigma * sigma - shared_sigma * shared_sigma, reach));
    for (float& tap : taps) tap *= static_cast<float>(std::sqrt(term.weight));
  }
  if (!out.after_binning.empty()) out.before_binning = taps_after_spreading(before - shared_sigma * shared_sigma, reach);
  return out;
}

/// Fine pixels beyond the cutout whose light the terms bring in that are applied to whole pixels.
int binned_margin(const GaussianBand& band, int factor) {
  return band.after_binning.empty()
             ? 0
             : factor * static_cast<int>(band.after_binning.back().size()) + static_cast<int>(band.before_binning.size());
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
    plan.gaussians.push_back(moffat ? moffat_band(*moffat, fwhm, plan.factor) : gaussian_band(sigma_of_fwhm(fwhm)));
  }
  plan.spread_taps = gaussian_taps(shared_sigma, spread_reach);
  plan.margin = static_cast<int>(std::ceil(reach * plan.factor)) + 1 + spread_reach;
  for (const GaussianBand& band : plan.gaussians) plan.margin = std::max(plan.margin, binned_margin(band, plan.factor) + 1 + spread_reach);
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
