#include "lensfind/simulate/noise.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lensfind::simulate {

double effective_pixels(double fwhm_arcsec, double pixel_scale_arcsec) {
  const double sigma = fwhm_arcsec / pixel_scale_arcsec / (2 * std::sqrt(2 * std::numbers::ln2));
  const double edge = 1 / (sigma * std::numbers::sqrt2);
  double squares = 0;
  for (int k = -static_cast<int>(std::ceil(8 * sigma)) - 1; k <= 8 * sigma + 1; ++k) {
    const double pixel = 0.5 * (std::erf((k + 0.5) * edge) - std::erf((k - 0.5) * edge));
    squares += pixel * pixel;
  }
  return 1 / (squares * squares);
}

double background_rms_of_exposures(double sky_e_s, double read_noise_e, double exposure_s, double exposures) {
  const double total_s = exposure_s * exposures;
  return std::sqrt(exposures * read_noise_e * read_noise_e + total_s * sky_e_s) / total_s;
}

double sky_electrons(double sky_mag_arcsec2, double zero_point, double pixel_scale_arcsec) {
  return std::pow(10, -0.4 * (sky_mag_arcsec2 - zero_point)) * pixel_scale_arcsec * pixel_scale_arcsec;
}

double point_source_depth(double background_rms, double zero_point, double fwhm_arcsec, double pixel_scale_arcsec) {
  return zero_point - 2.5 * std::log10(5 * background_rms * std::sqrt(effective_pixels(fwhm_arcsec, pixel_scale_arcsec)));
}

Noise band_noise(const Survey& survey, std::size_t band) {
  const double pixel = survey.pixel_scale_arcsec, zero_point = survey.output_zero_point[band];
  if (!survey.depth_5sigma.empty()) {
    const double rms = std::pow(10, -0.4 * (survey.depth_5sigma[band] - zero_point)) /
                       (5 * std::sqrt(effective_pixels(survey.seeing_fwhm_arcsec[band], pixel)));
    const double sky = sky_electrons(survey.sky_mag_arcsec2[band], zero_point, pixel);
    return {rms, survey.effective_gain.empty() ? sky / (rms * rms) : survey.effective_gain[band]};
  }
  const double sky = sky_electrons(survey.sky_mag_arcsec2[band], survey.instrument_zero_point[band], pixel);
  const double rms = background_rms_of_exposures(sky, survey.read_noise_e[band], survey.exposure_s[band], survey.exposures[band]);
  const double units_an_e_s = std::pow(10, -0.4 * (survey.instrument_zero_point[band] - zero_point));
  return {rms * units_an_e_s, survey.exposure_s[band] * survey.exposures[band] / units_an_e_s};
}

void add_noise(const Noise& noise, Plane& image, RandomStream& random) {
  const double background_e = noise.gain * noise.background_rms * noise.gain * noise.background_rms;
  for (int row = 0; row < image.side; ++row) {
    for (int column = 0; column < image.side; ++column) {
      float& flux = image.at(row, column);
      const double expected = background_e + std::max(0.0, noise.gain * static_cast<double>(flux));
      const double counted =
          expected > 1000 ? expected + std::sqrt(expected) * random.normal() : static_cast<double>(random.poisson(expected));
      flux = static_cast<float>((counted - background_e) / noise.gain);
    }
  }
}

}  // namespace lensfind::simulate
