#include "lensfind/simulate/conditions.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lensfind/simulate/psf_file.h"

namespace lensfind::simulate {

Conditions draw_conditions(const Survey& survey, RandomStream& random) {
  Conditions out;
  for (std::size_t b = 0; b < survey.bands.size(); ++b) {
    const double fwhm = survey.seeing_fwhm_arcsec[b] * std::exp(random.normal(0, survey.seeing_scatter));
    out.seeing_fwhm_arcsec.push_back(survey.psf_images.empty() ? fwhm : fwhm_arcsec(survey.psf_images[b], survey.pixel_scale_arcsec));
    if (!survey.psf_images.empty()) {
      out.psfs.push_back(survey.psf_images[b]);
    } else if (survey.moffat_beta > 0) {
      out.psfs.push_back(moffat_psf(fwhm, survey.moffat_beta, survey.pixel_scale_arcsec));
    } else {
      out.psfs.push_back(GaussianPsf{fwhm});
    }
    out.noise.push_back(band_noise(survey, b));
    // A patch of the sky with fewer exposures has a greater rms and, for the same sky, fewer electrons a unit.
    const double deeper = std::pow(10, 0.4 * random.normal(0, survey.depth_scatter_mag));
    out.noise[b].background_rms /= deeper;
    out.noise[b].gain *= deeper * deeper;
  }
  return out;
}

RenderOptions render_options(const Survey& survey, const Conditions& conditions, int size) {
  RenderOptions options{.size = size, .pixel_scale_arcsec = survey.pixel_scale_arcsec};
  for (const Noise& noise : conditions.noise) options.negligible_flux.push_back(0.01 * noise.background_rms);
  return options;
}

double best_signal_to_noise(const Plane& signal, const Plane& all, const Noise& noise, double contrast) {
  struct Pixel {
    double signal, variance;
  };
  std::vector<Pixel> pixels;
  for (int row = 0; row < signal.side; ++row) {
    for (int column = 0; column < signal.side; ++column) {
      const auto s = static_cast<double>(signal.at(row, column));
      const double variance =
          noise.background_rms * noise.background_rms + std::max(0.0, static_cast<double>(all.at(row, column))) / noise.gain;
      if (s < contrast * (static_cast<double>(all.at(row, column)) - s)) continue;
      // Fainter pixels cannot raise the sum.
      if (s * s > 1e-4 * variance) pixels.push_back({s, variance});
    }
  }
  std::sort(pixels.begin(), pixels.end(),
            [](const Pixel& a, const Pixel& b) { return a.signal * a.signal * b.variance > b.signal * b.signal * a.variance; });
  double best = 0, sum = 0, variance = 0;
  for (const Pixel& pixel : pixels) {
    sum += pixel.signal;
    variance += pixel.variance;
    best = std::max(best, sum / std::sqrt(variance));
  }
  return best;
}

}  // namespace lensfind::simulate
