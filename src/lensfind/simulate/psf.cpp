#include "lensfind/simulate/psf.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lensfind/simulate/plane_kernels.h"

namespace lensfind::simulate {

double sigma_of_fwhm(double fwhm) { return fwhm / (2 * std::sqrt(2 * std::numbers::ln2)); }

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

std::vector<float> pixel_gaussian_taps(double sigma) {
  const double edge = 1 / (sigma * std::numbers::sqrt2);
  std::vector<float> out;
  for (int k = 0; k <= 4.5 * sigma + 0.5; ++k)
    out.push_back(static_cast<float>(0.5 * (std::erf((k + 0.5) * edge) - std::erf((k - 0.5) * edge))));
  return out;
}

Plane bin(const Plane& in, int factor, int margin) {
  const int size = (in.side - 2 * margin) / factor;
  Plane out{size};
  for (int row = 0; row < size * factor; ++row) {
    const auto from = in.row(row + margin);
    const auto to = out.row(row / factor);
    for (int column = 0; column < size * factor; ++column)
      to[static_cast<std::size_t>(column / factor)] += from[static_cast<std::size_t>(column + margin)];
  }
  return out;
}

ImagePsf moffat_psf(double fwhm_arcsec, double beta, double pixel_scale_arcsec, int side) {
  const double alpha = fwhm_arcsec / (2 * std::sqrt(std::pow(2, 1 / beta) - 1));
  // 4 FWHM hold all but a few 1e-3 of the light for beta of 3 or more.
  const int half = side > 0 ? side / 2 : static_cast<int>(std::ceil(4 * fwhm_arcsec / pixel_scale_arcsec));
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
  ImagePsf psf{2 * half + 1, 2 * half + 1, {}};
  for (const double value : kernel) psf.kernel.push_back(static_cast<float>(value / sum));
  return psf;
}

Plane convolve_image(const Plane& in, const ImagePsf& psf, int margin) {
  Plane out{in.side - 2 * margin};
  convolve_kernel(in, psf.kernel, psf.rows, psf.columns, out);
  return out;
}

}  // namespace lensfind::simulate
