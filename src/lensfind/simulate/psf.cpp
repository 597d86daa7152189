#include "lensfind/simulate/psf.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lensfind::simulate {
namespace {

const double sigma_of_fwhm = 1 / (2 * std::sqrt(2 * std::numbers::ln2));

/// Taps of a Gaussian of sum 1, from the centre outwards.
std::vector<float> gaussian_taps(double sigma, int reach) {
  std::vector<double> taps;
  double sum = 0;
  for (int k = 0; k <= reach; ++k) {
    taps.push_back(std::exp(-0.5 * k * k / (sigma * sigma)));
    sum += k == 0 ? taps.back() : 2 * taps.back();
  }
  std::vector<float> out;
  for (const double tap : taps) out.push_back(static_cast<float>(tap / sum));
  return out;
}

/// Adds up factor x factor pixels and cuts `margin` off.
Plane bin(const Plane& in, int factor, int margin) {
  const int size = in.side / factor - 2 * margin;
  Plane out{size};
  for (int row = 0; row < size * factor; ++row) {
    const auto from = in.row(row + margin * factor);
    const auto to = out.row(row / factor);
    for (int column = 0; column < size * factor; ++column)
      to[static_cast<std::size_t>(column / factor)] += from[static_cast<std::size_t>(column + margin * factor)];
  }
  return out;
}

}  // namespace

ImagePsf moffat_psf(double fwhm_arcsec, double beta, double pixel_scale_arcsec) {
  const double alpha = fwhm_arcsec / (2 * std::sqrt(std::pow(2, 1 / beta) - 1));
  // 4 FWHM hold all but a few 1e-3 of the light for beta of 3 or more.
  const int half = static_cast<int>(std::ceil(4 * fwhm_arcsec / pixel_scale_arcsec)), side = 2 * half + 1;
  constexpr int cells = 5;
  std::vector<double> kernel;
  double sum = 0;
  for (int row = -half; row <= half; ++row) {
    for (int column = -half; column <= half; ++column) {
      double pixel = 0;
      for (int k = 0; k < cells * cells; ++k) {
        const double y = (row + (k / cells + 0.5) / cells - 0.5) * pixel_scale_arcsec,
                     x = (column + (k % cells + 0.5) / cells - 0.5) * pixel_scale_arcsec;
        pixel += std::pow(1 + (x * x + y * y) / (alpha * alpha), -beta);
      }
      kernel.push_back(pixel);
      sum += pixel;
    }
  }
  ImagePsf psf{side, side, {}};
  for (const double value : kernel) psf.kernel.push_back(static_cast<float>(value / sum));
  return psf;
}

int psf_reach(const Psf& psf, double pixel_scale_arcsec) {
  if (const auto* gaussian = std::get_if<GaussianPsf>(&psf)) {
    return static_cast<int>(std::ceil(4.5 * gaussian->fwhm_arcsec * sigma_of_fwhm / pixel_scale_arcsec)) + 1;
  }
  if (const auto* image = std::get_if<ImagePsf>(&psf)) return std::max(image->rows, image->columns) / 2;
  return 2;  // the integrator's differences
}

int oversampling(const Psf& psf, double pixel_scale_arcsec) {
  const auto* gaussian = std::get_if<GaussianPsf>(&psf);
  if (!gaussian) return 1;
  return std::max(1, static_cast<int>(std::ceil(10 * pixel_scale_arcsec / (gaussian->fwhm_arcsec * sigma_of_fwhm))));
}

Plane convolve_gaussian(const Plane& in, double sigma_fine_pixels, int factor, int margin) {
  const int size = in.side / factor - 2 * margin, reach = std::min(margin * factor, static_cast<int>(std::ceil(4.5 * sigma_fine_pixels)));
  const std::vector<float> taps = gaussian_taps(sigma_fine_pixels, reach);
  const int first = margin * factor, end = first + size * factor;
  Plane upright{in.side};
  for (int row = first; row < end; ++row) {
    const auto to = upright.row(row);
    for (int k = -reach; k <= reach; ++k) {
      const auto from = in.row(row + k);
      const float tap = taps[static_cast<std::size_t>(std::abs(k))];
      for (std::size_t column = 0; column < to.size(); ++column) to[column] += tap * from[column];
    }
  }
  Plane both{in.side};
  for (int row = first; row < end; ++row) {
    const auto from = upright.row(row);
    const auto to = both.row(row);
    for (int k = -reach; k <= reach; ++k) {
      const float tap = taps[static_cast<std::size_t>(std::abs(k))];
      for (int column = first; column < end; ++column)
        to[static_cast<std::size_t>(column)] += tap * from[static_cast<std::size_t>(column + k)];
    }
  }
  return bin(both, factor, margin);
}

Plane convolve_image(const Plane& in, const ImagePsf& psf, int margin) {
  const int size = in.side - 2 * margin, half_rows = psf.rows / 2, half_columns = psf.columns / 2;
  Plane out{size};
  for (int row = 0; row < size; ++row) {
    const auto to = out.row(row);
    for (int m = 0; m < psf.rows; ++m) {
      const int source_row = row + margin - m + half_rows;
      if (source_row < 0 || source_row >= in.side) continue;
      const auto from = in.row(source_row);
      for (int n = 0; n < psf.columns; ++n) {
        const float tap = psf.kernel[static_cast<std::size_t>(m * psf.columns + n)];
        const int shift = margin - n + half_columns, first = std::max(0, -shift), end = std::min(size, in.side - shift);
        for (int column = first; column < end; ++column)
          to[static_cast<std::size_t>(column)] += tap * from[static_cast<std::size_t>(column + shift)];
      }
    }
  }
  return out;
}

Plane observe(const Plane& in, const Psf& psf, double pixel_scale_arcsec, int factor, int margin) {
  if (const auto* gaussian = std::get_if<GaussianPsf>(&psf)) {
    return convolve_gaussian(in, gaussian->fwhm_arcsec * sigma_of_fwhm / pixel_scale_arcsec * factor, factor, margin);
  }
  if (const auto* image = std::get_if<ImagePsf>(&psf)) return convolve_image(in, *image, margin);
  return bin(in, factor, margin);
}

}  // namespace lensfind::simulate
