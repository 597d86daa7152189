#include "lensfind/simulate/noise.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lensfind/base/random.h"
#include "lensfind/image/vectorised.h"
#include "lensfind/render/plane_kernels.h"
#include "lensfind/simulate/noise_kernels.h"

namespace lensfind::simulate {

double effective_pixels(double fwhm_arcsec, double pixel_scale_arcsec) {
  const double sigma = fwhm_arcsec / pixel_scale_arcsec / (2 * std::sqrt(2 * std::numbers::ln2));
  const double edge = 1 / (sigma * std::numbers::sqrt2);
  // Both sides of the star are alike.
  double to_left = std::erf(0.5 * edge), squares = to_left * to_left;
  for (int k = 1; k <= 8 * sigma + 1; ++k) {
    const double to_right = std::erf((k + 0.5) * edge), pixel = 0.5 * (to_right - to_left);
    squares += 2 * pixel * pixel;
    to_left = to_right;
  }
  return 1 / (squares * squares);
}

namespace {

/// Gaussian terms' light in the pixels of a line through the star, from its own outwards: sums over pixels of products of two terms are
/// products of such sums.
double effective_pixels(const render::MoffatPsf& psf, double pixel_scale_arcsec) {
  const double fwhm = psf.fwhm_arcsec / pixel_scale_arcsec, reach = render::moffat_reach(psf.beta) * fwhm;
  std::vector<std::vector<float>> lines;
  for (const render::GaussianTerm& term : psf.terms) lines.push_back(render::pixel_gaussian_taps(term.sigma * fwhm, reach));
  double squares = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (std::size_t j = 0; j < lines.size(); ++j) {
      double along = 0;
      for (std::size_t k = 0; k < lines[i].size(); ++k)
        along += (k == 0 ? 1 : 2) * static_cast<double>(lines[i][k]) * static_cast<double>(lines[j][k]);
      squares += psf.terms[i].weight * psf.terms[j].weight * along * along;
    }
  }
  return 1 / squares;
}

double effective_pixels(const render::ImagePsf& psf) {
  double sum = 0, squares = 0;
  for (const float value : psf.kernel) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  return sum * sum / squares;
}

}  // namespace

double effective_pixels(const render::Psf& psf, double pixel_scale_arcsec) {
  if (const auto* gaussian = std::get_if<render::GaussianPsf>(&psf)) return effective_pixels(gaussian->fwhm_arcsec, pixel_scale_arcsec);
  if (const auto* moffat = std::get_if<render::MoffatPsf>(&psf)) return effective_pixels(*moffat, pixel_scale_arcsec);
  if (const auto* image = std::get_if<render::ImagePsf>(&psf)) return effective_pixels(*image);
  return 1;
}

double background_rms_of_exposures(double sky_e_s, double read_noise_e, double exposure_s, double exposures) {
  const double total_s = exposure_s * exposures;
  return std::sqrt(exposures * read_noise_e * read_noise_e + total_s * sky_e_s) / total_s;
}

double sky_electrons(double sky_mag_arcsec2, double zero_point, double pixel_scale_arcsec) {
  return std::pow(10, -0.4 * (sky_mag_arcsec2 - zero_point)) * pixel_scale_arcsec * pixel_scale_arcsec;
}

double point_source_depth(double background_rms, double zero_point, const render::Psf& psf, double pixel_scale_arcsec) {
  return zero_point - 2.5 * std::log10(5 * background_rms * std::sqrt(effective_pixels(psf, pixel_scale_arcsec)));
}

double point_source_depth(double background_rms, double zero_point, double fwhm_arcsec, double pixel_scale_arcsec) {
  return point_source_depth(background_rms, zero_point, render::GaussianPsf{fwhm_arcsec}, pixel_scale_arcsec);
}

double moffat_beta(const Survey& survey, std::size_t band) {
  return survey.band_moffat_beta.empty() ? survey.moffat_beta : survey.band_moffat_beta[band];
}

render::Psf survey_psf(const Survey& survey, std::size_t band) {
  if (!survey.psf_images.empty()) return survey.psf_images[band];
  const double fwhm = survey.seeing_fwhm_arcsec[band], beta = moffat_beta(survey, band);
  return beta > 0 ? render::Psf{render::MoffatPsf{fwhm, beta}} : render::GaussianPsf{fwhm};
}

std::vector<NoiseKernel> noise_kernels(const Survey& survey) {
  const auto native = [&](std::size_t band) {
    return survey.noise_native_pixel_arcsec.empty() ? survey.pixel_scale_arcsec : survey.noise_native_pixel_arcsec[band];
  };
  std::vector<NoiseKernel> out;
  for (std::size_t b = 0; b < survey.bands.size(); ++b) {
    // Bands of one camera have one kernel, which takes some milliseconds.
    const bool again = b > 0 && native(b) == native(b - 1);
    out.push_back(
        again ? out.back()
              : resampling_kernel(survey.noise_interpolation, native(b) / survey.pixel_scale_arcsec, survey.noise_median_exposures));
  }
  return out;
}

namespace {

NoiseKernel band_kernel(const Survey& survey, std::size_t band) {
  if (!survey.noise_kernels.empty()) return survey.noise_kernels[band];
  return next_pixel_kernel(survey.band_noise_correlation.empty() ? survey.noise_correlation : survey.band_noise_correlation[band]);
}

}  // namespace

Noise band_noise(const Survey& survey, std::size_t band) {
  const double pixel = survey.pixel_scale_arcsec, zero_point = survey.output_zero_point[band];
  if (!survey.depth_5sigma.empty()) {
    const double rms =
        std::pow(10, -0.4 * (survey.depth_5sigma[band] - zero_point)) / (5 * std::sqrt(effective_pixels(survey_psf(survey, band), pixel)));
    const double sky = sky_electrons(survey.sky_mag_arcsec2[band], zero_point, pixel);
    return {rms, survey.effective_gain.empty() ? sky / (rms * rms) : survey.effective_gain[band], band_kernel(survey, band)};
  }
  const double sky = sky_electrons(survey.sky_mag_arcsec2[band], survey.instrument_zero_point[band], pixel);
  const double rms = background_rms_of_exposures(sky, survey.read_noise_e[band], survey.exposure_s[band], survey.exposures[band]);
  const double units_an_e_s = std::pow(10, -0.4 * (survey.instrument_zero_point[band] - zero_point));
  return {rms * units_an_e_s, survey.exposure_s[band] * survey.exposures[band] / units_an_e_s, band_kernel(survey, band)};
}

double Noise::pixel_rms() const { return background_rms * kernel_variance(kernel); }

namespace {

using Columns = std::span<const render::ColumnSpan>;

/// What a pixel at each place along an axis is multiplied by: the kernel lacks what lies beyond the edges, and its rms is that of the
/// others.
std::vector<float> edge_scales(const NoiseKernel& kernel, int side) {
  std::vector<float> out;
  for (int at = 0; at < side; ++at) {
    double within = 0;
    for (int tap = 1 - static_cast<int>(kernel.size()); tap < static_cast<int>(kernel.size()); ++tap) {
      const auto weight = static_cast<double>(kernel[static_cast<std::size_t>(std::abs(tap))]);
      if (at + tap >= 0 && at + tap < side) within += weight * weight;
    }
    out.push_back(static_cast<float>(std::sqrt(kernel_variance(kernel) / within)));
  }
  return out;
}

/// Adds the noise, correlated by the kernel in x and y.
void add_correlated(const render::Plane& noise, const NoiseKernel& kernel, Columns seen, render::Plane& image) {
  const int reach = static_cast<int>(kernel.size()) - 1;
  const auto margin = static_cast<std::size_t>(reach);
  const std::vector<float> scales = edge_scales(kernel, image.side), nothing(noise.stride);
  std::vector<float> columns(noise.stride + 2 * margin), sums(noise.stride);  // sums along y, and nothing on both sides
  const auto row_at = [&](int row) { return row >= 0 && row < image.side ? noise.row(row) : std::span<const float>{nothing}; };
  for (int row = 0; row < image.side; ++row) {
    const render::ColumnSpan within = seen[static_cast<std::size_t>(row)];
    if (within.first >= within.end) continue;
    const auto first = static_cast<std::size_t>(within.first), end = static_cast<std::size_t>(within.end);
    const float scale = scales[static_cast<std::size_t>(row)], own = scale * kernel[0];
    const std::span<const float> here = row_at(row);
    const std::span<float> to = image.row(row);
    std::fill(columns.begin(), columns.end(), 0.0f);
    image::vectorised([&] {
      for (std::size_t k = first; k < end; ++k) columns[k + margin] = own * here[k];
    });
    for (int tap = 1; tap <= reach; ++tap) {
      const std::span<const float> above = row_at(row + tap), below = row_at(row - tap);
      const float weight = scale * kernel[static_cast<std::size_t>(tap)];
      image::vectorised([&] {
        for (std::size_t k = first; k < end; ++k) columns[k + margin] += weight * (above[k] + below[k]);
      });
    }
    image::vectorised([&] {
      for (std::size_t k = first; k < end; ++k) sums[k] = kernel[0] * columns[k + margin];
    });
    for (std::size_t tap = 1; tap <= margin; ++tap) {
      const float weight = kernel[tap];
      image::vectorised([&] {
        for (std::size_t k = first; k < end; ++k) sums[k] += weight * (columns[k + margin - tap] + columns[k + margin + tap]);
      });
    }
    image::vectorised([&] {
      for (std::size_t k = first; k < end; ++k) to[k] += scales[k] * sums[k];
    });
  }
}

void draw_normal(const Noise& noise, const NoiseStream& stream, const render::Plane& image, Columns seen, render::Plane& out) {
  constexpr std::size_t block = 64;
  std::size_t count = 0;
  for (const render::ColumnSpan& row : seen) count += static_cast<std::size_t>(std::max(0, row.end - row.first));
  std::vector<float, render::LineAllocator<float>> flux, normals((count + block - 1) / block * block);
  flux.reserve(normals.size());
  for (int row = 0; row < image.side; ++row) {
    const render::ColumnSpan columns = seen[static_cast<std::size_t>(row)];
    if (columns.first < columns.end) flux.insert(flux.end(), image.row(row).begin() + columns.first, image.row(row).begin() + columns.end);
  }
  flux.resize(normals.size());
  // Each band begins where no band before it can have ended.
  const auto first = static_cast<std::uint32_t>(static_cast<std::size_t>(stream.band) << 26);
  fill_normals(stream.seed, Purpose::noise, stream.item, first, normals);
  scale_to_photon_noise(flux, static_cast<float>(noise.background_rms), static_cast<float>(noise.gain), normals);
  auto next = normals.begin();
  for (int row = 0; row < image.side; ++row) {
    const render::ColumnSpan columns = seen[static_cast<std::size_t>(row)];
    if (columns.first >= columns.end) continue;
    std::copy_n(next, columns.end - columns.first, out.row(row).begin() + columns.first);
    next += columns.end - columns.first;
  }
}

void draw_poisson(const Noise& noise, double background_e, const NoiseStream& stream, const render::Plane& image, Columns seen,
                  render::Plane& out) {
  RandomStream random{stream.seed, Purpose::noise, stream.item ^ (static_cast<std::uint64_t>(stream.band + 1) << 56)};
  for (int row = 0; row < image.side; ++row) {
    for (int column = seen[static_cast<std::size_t>(row)].first; column < seen[static_cast<std::size_t>(row)].end; ++column) {
      const double expected = background_e + std::max(0.0, noise.gain * static_cast<double>(image.at(row, column)));
      out.at(row, column) = static_cast<float>((static_cast<double>(random.poisson(expected)) - expected) / noise.gain);
    }
  }
}

}  // namespace

void add_noise(const Noise& noise, const NoiseStream& stream, render::Plane& image, std::span<const render::ColumnSpan> seen) {
  const std::vector<render::ColumnSpan> all(seen.empty() ? static_cast<std::size_t>(image.side) : 0, {0, image.side});
  if (seen.empty()) seen = all;
  const double background_e = noise.gain * noise.background_rms * noise.gain * noise.background_rms;
  render::Plane drawn{image.side};
  if (background_e > 1000) {
    draw_normal(noise, stream, image, seen, drawn);
  } else {
    draw_poisson(noise, background_e, stream, image, seen, drawn);
  }
  if (noise.kernel.empty()) {
    add_scaled(drawn, {0, image.side, 0, image.side}, 1, image);
  } else {
    add_correlated(drawn, noise.kernel, seen, image);
  }
}

}  // namespace lensfind::simulate
