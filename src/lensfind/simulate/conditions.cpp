#include "lensfind/simulate/conditions.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "lensfind/image/vectorised.h"
#include "lensfind/render/psf_file.h"

namespace lensfind::simulate {

render::Psf rendered_psf(const Survey& survey, std::size_t band, double fwhm_arcsec) {
  if (!survey.psf_kernels.empty()) return survey.psf_kernels[band];
  const double beta = moffat_beta(survey, band);
  return beta > 0 ? render::Psf{render::MoffatPsf{fwhm_arcsec, beta}} : render::GaussianPsf{fwhm_arcsec};
}

Conditions draw_conditions(const Survey& survey, RandomStream& random) {
  Conditions out;
  for (std::size_t b = 0; b < survey.bands.size(); ++b) {
    const double fwhm = survey.seeing_fwhm_arcsec[b] * std::exp(random.normal(0, survey.seeing_scatter));
    out.seeing_fwhm_arcsec.push_back(survey.psf_images.empty() ? fwhm : fwhm_arcsec(survey.psf_images[b], survey.pixel_scale_arcsec));
    out.psfs.push_back(rendered_psf(survey, b, fwhm));
    out.noise.push_back(band_noise(survey, b));
    // A patch of the sky with fewer exposures has a greater rms and, for the same sky, fewer electrons a unit.
    const double deeper = std::pow(10, 0.4 * random.normal(0, survey.depth_scatter_mag));
    out.noise[b].background_rms /= deeper;
    out.noise[b].gain *= deeper * deeper;
  }
  return out;
}

void hide_below_noise(const std::vector<Noise>& noise, render::RenderOptions& options) {
  for (const Noise& band : noise) {
    options.negligible_flux.push_back(0.01 * band.background_rms);
    options.tolerable_flux.push_back(0.02 * band.background_rms);
  }
}

render::RenderOptions render_options(const Survey& survey, const Conditions& conditions, int size) {
  render::RenderOptions options{.size = size, .pixel_scale_arcsec = survey.pixel_scale_arcsec};
  hide_below_noise(conditions.noise, options);
  return options;
}

double best_signal_to_noise(const render::Plane& signal, const render::Plane& all, const Noise& noise, double contrast) {
  // Pixels whose (S/N)^2 agree to 6% (four bits of a float's fraction) count together: near its maximum the sum hardly depends on the
  // order.
  struct Class {
    double signal = 0, variance = 0;
  };
  constexpr int shift = 19;
  constexpr float min = 1e-4f, max = 1e12f;
  const auto class_of = [](float square) { return std::bit_cast<std::uint32_t>(square) >> shift; };
  std::vector<Class> classes(class_of(max) - class_of(min) + 1);
  const auto background = static_cast<float>(noise.background_rms * noise.background_rms), per_flux = static_cast<float>(1 / noise.gain),
             fraction = static_cast<float>(contrast), least = std::sqrt(min * background);
  std::vector<float> squares(signal.stride), variances(signal.stride);
  for (int row = 0; row < signal.side; ++row) {
    const float *s = signal.row(row).data(), *light = all.row(row).data();
    int any = 0;
    image::vectorised([&] {
      for (std::size_t k = 0; k < squares.size(); ++k) any |= static_cast<int>(s[k] > least);
    });
    if (any == 0) continue;
    // Fainter pixels cannot raise the sum: their square is left 0.
    image::vectorised([=, square = squares.data(), variance = variances.data(), count = squares.size()] {
      for (std::size_t k = 0; k < count; ++k) {
        const float here = background + per_flux * std::max(0.0f, light[k]), of = s[k] * s[k] / here;
        const int counts =
            static_cast<int>(s[k] > least) & static_cast<int>(of > min) & static_cast<int>(s[k] >= fraction * (light[k] - s[k]));
        variance[k] = here;
        square[k] = counts != 0 ? std::min(max, of) : 0.0f;
      }
    });
    for (std::size_t column = 0; column < static_cast<std::size_t>(signal.side); ++column) {
      if (squares[column] == 0) continue;
      Class& of = classes[class_of(squares[column]) - class_of(min)];
      of.signal += static_cast<double>(s[column]);
      of.variance += static_cast<double>(variances[column]);
    }
  }
  double best = 0, sum = 0, variance = 0;
  for (auto it = classes.rbegin(); it != classes.rend(); ++it) {
    if (it->variance == 0) continue;
    sum += it->signal;
    variance += it->variance;
    best = std::max(best, sum / std::sqrt(variance));
  }
  return best;
}

double rendered_magnification(const render::Plane& arcs, double source_flux) {
  std::vector<float> columns(static_cast<std::size_t>(arcs.side));
  for (int row = 0; row < arcs.side; ++row) {
    const std::span<const float> here = arcs.row(row);
    for (std::size_t column = 0; column < columns.size(); ++column) columns[column] += here[column];
  }
  return std::accumulate(columns.begin(), columns.end(), 0.0) / source_flux;
}

}  // namespace lensfind::simulate
