#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/simulate/measure_survey.h"
#include "lensfind/simulate/measured_kernel.h"
#include "lensfind/simulate/noise.h"

namespace lensfind::simulate {
namespace {

/// Of a moonless sky from a good place, where the images do not say (as in docs/surveys.md's presets).
double assumed_sky_mag(const std::string& band) {
  static const std::map<std::string, double> known{{"u", 22.8}, {"g", 22.0}, {"r", 21.1},   {"i", 20.0}, {"z", 18.8},
                                                   {"y", 18.0}, {"Y", 22.0}, {"VIS", 22.3}, {"J", 22.0}, {"H", 22.0}};
  const auto found = known.find(band);
  return found == known.end() ? 21 : found->second;
}

std::string numbers(const MeasuredSurvey& measured, const char* format, auto&& of) {
  std::vector<std::string> texts;
  for (const MeasuredBand& band : measured.bands) texts.push_back(fmt::format(fmt::runtime(format), of(band)));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

void check(const MeasuredSurvey& measured) {
  if (measured.scaled) {
    throw Error{"each band of each image is scaled to [0, 1], so their flux is lost and no survey can be made of them",
                "give the images before scaling, or simulate with --scaling minmax by a survey that is like them"};
  }
  if (measured.bands.size() > 5)
    throw Error{fmt::format("{} bands", measured.bands.size()), "a survey has 1 to 5 bands: choose with --band"};
  if (!measured.pixel_scale_arcsec) throw Error{"the images' pixel scale is not known", "give --pixel-scale ARCSEC"};
  for (const MeasuredBand& band : measured.bands) {
    if (!band.zero_point)
      throw Error{fmt::format("the zero point of band {} is not known", band.name),
                  "give --zero-point: the AB magnitude of one unit of flux"};
    if (band.fwhm_pixels == 0) {
      throw Error{fmt::format("no object of band {} is bright enough to measure the seeing on", band.name),
                  "give more images, or larger ones: it takes objects of 20 times the noise, 10 pixels from the edge"};
    }
  }
}

/// Whether a kernel with negative lobes has resampled all bands.
bool is_lanczos(const MeasuredSurvey& measured) {
  return std::ranges::all_of(measured.bands, [](const MeasuredBand& band) { return band.two_apart < -0.02; });
}

NoiseCorrelations correlations(const MeasuredBand& band) { return {band.correlation, band.two_apart}; }

/// rms before resampling correlated it.
double uncorrelated_rms(const MeasuredBand& band, bool lanczos) {
  return band.rms / Noise{.background_rms = 1, .kernel = measured_kernel(correlations(band), lanczos)}.pixel_rms();
}

std::string correlation_lines(const MeasuredSurvey& measured) {
  std::string out = fmt::format("# Pixels side by side are alike by {}, two apart by {}.\n",
                                numbers(measured, "{:.2f}", [](const MeasuredBand& b) { return b.correlation; }),
                                numbers(measured, "{:.2f}", [](const MeasuredBand& b) { return b.two_apart; }));
  if (!is_lanczos(measured)) {
    return out + fmt::format("band_noise_correlation = {}\n",
                             numbers(measured, "{:.3f}", [](const MeasuredBand& b) { return kernel_weight(b.correlation); }));
  }
  return out + fmt::format("noise_interpolation = \"lanczos3\"\nnoise_native_pixel_arcsec = {}\n",
                           numbers(measured, "{:.4f}",
                                   [&](const auto& b) { return lanczos_native_pixels(correlations(b)) * *measured.pixel_scale_arcsec; }));
}

}  // namespace

std::string measured_toml(const MeasuredSurvey& measured, const std::string& name) {
  check(measured);
  const double pixel = *measured.pixel_scale_arcsec;
  const auto fwhm = [&](const MeasuredBand& band) { return std::clamp(band.fwhm_pixels, 0.26, 49.0) * pixel; };
  const auto sky_is_there = [](const MeasuredBand& band) { return band.sky_level > 5 * band.rms; };
  const bool lanczos = is_lanczos(measured);
  const auto uncorrelated = [&](const MeasuredBand& band) { return uncorrelated_rms(band, lanczos); };
  const auto depth = [&](const MeasuredBand& band) {
    return point_source_depth(uncorrelated(band), *band.zero_point, render::MoffatPsf{fwhm(band), band.beta}, pixel);
  };
  std::string out = fmt::format("# Measured on {} images by `lensfind survey measure`.\n", measured.images);
  std::vector<std::string> names, upper_limits;
  for (const MeasuredBand& band : measured.bands) {
    names.push_back("\"" + band.name + "\"");
    if (band.stars == 0) upper_limits.push_back(band.name);
  }
  out += fmt::format("name = \"{}\"\nbands = [{}]\npixel_scale_arcsec = {:.6g}\n", name, fmt::join(names, ", "), pixel);
  out += fmt::format(
      "# Of {} stars{}.\n", numbers(measured, "{}", [](const MeasuredBand& b) { return b.stars; }),
      upper_limits.empty() ? "" : fmt::format("; in {} of the most compact objects, an upper limit", fmt::join(upper_limits, ", ")));
  out += fmt::format("seeing_fwhm_arcsec = {}\n", numbers(measured, "{:.4f}", fwhm));
  out += fmt::format("band_moffat_beta = {}\n", numbers(measured, "{:.1f}", [](const MeasuredBand& b) { return b.beta; }));
  double seeing_scatter = 0, depth_scatter = 0;
  for (const MeasuredBand& band : measured.bands) {
    seeing_scatter += band.fwhm_scatter / static_cast<double>(measured.bands.size());
    depth_scatter += band.rms_scatter_mag / static_cast<double>(measured.bands.size());
  }
  out += fmt::format("seeing_scatter = {:.3f}\n", std::min(seeing_scatter, 0.5));
  out += fmt::format("output_zero_point = {}\n", numbers(measured, "{:.4f}", [](const MeasuredBand& b) { return *b.zero_point; }));
  const bool sky_known = std::ranges::all_of(measured.bands, sky_is_there);
  if (!sky_known) out += "# Assumed: the images' sky is subtracted. Without effective_gain the noise of bright cores follows from it.\n";
  out += fmt::format("sky_mag_arcsec2 = {}\n", numbers(measured, "{:.2f}", [&](const MeasuredBand& b) {
                       return sky_is_there(b) ? *b.zero_point - 2.5 * std::log10(b.sky_level / (pixel * pixel)) : assumed_sky_mag(b.name);
                     }));
  out += fmt::format("# Of an rms of {} a pixel, before resampling {}.\n",
                     numbers(measured, "{:.4g}", [](const MeasuredBand& b) { return b.rms; }), numbers(measured, "{:.4g}", uncorrelated));
  out += fmt::format("depth_5sigma = {}\n", numbers(measured, "{:.3f}", depth));
  out += fmt::format("depth_scatter_mag = {:.3f}\n", std::min(depth_scatter, 2.0));
  out += correlation_lines(measured);
  if (std::ranges::all_of(measured.bands, [](const MeasuredBand& b) { return b.gain.has_value(); }))
    out += fmt::format("effective_gain = {}\n", numbers(measured, "{:.6g}", [](const MeasuredBand& b) { return *b.gain; }));
  if (std::ranges::any_of(measured.bands, [](const MeasuredBand& b) { return b.saturation > 0; }))
    out += fmt::format("saturation = {}\n",
                       numbers(measured, "{:.6g}", [](const MeasuredBand& b) { return b.saturation > 0 ? b.saturation : 1e30; }));
  return out;
}

}  // namespace lensfind::simulate
