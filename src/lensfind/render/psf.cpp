#include "lensfind/render/psf.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lensfind/render/plane_kernels.h"

namespace lensfind::render {

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

std::vector<float> pixel_gaussian_taps(double sigma, double reach) {
  const double edge = 1 / (sigma * std::numbers::sqrt2);
  double to_left = -std::erf(0.5 * edge);
  std::vector<float> out;
  for (int k = 0; k <= reach + 0.5; ++k) {
    const double to_right = std::erf((k + 0.5) * edge);
    out.push_back(static_cast<float>(0.5 * (to_right - to_left)));
    to_left = to_right;
  }
  return out;
}

std::vector<float> pixel_gaussian_taps(double sigma) { return pixel_gaussian_taps(sigma, 4.5 * sigma); }

Plane bin(const Plane& in, int factor, int margin) {
  const int size = (in.side - 2 * margin) / factor;
  const auto count = static_cast<std::size_t>(size), step = static_cast<std::size_t>(factor);
  Plane out{size};
  std::vector<float> columns(count * step);
  for (int row = 0; row < size; ++row) {
    std::fill(columns.begin(), columns.end(), 0.0f);
    for (int fine = 0; fine < factor; ++fine) {
      const std::span<const float> from = in.row(row * factor + fine + margin).subspan(static_cast<std::size_t>(margin), columns.size());
      for (std::size_t k = 0; k < columns.size(); ++k) columns[k] += from[k];
    }
    const std::span<float> to = out.row(row);
    for (std::size_t fine = 0; fine < step; ++fine) {
      for (std::size_t k = 0; k < count; ++k) to[k] += columns[k * step + fine];
    }
  }
  return out;
}

ImagePsf moffat_psf(double fwhm_arcsec, double beta, double pixel_scale_arcsec, int side) {
  const double alpha = moffat_alpha(fwhm_arcsec, beta);
  // 4 FWHM hold all but a few 1e-3 of the light for beta of 3 or more.
  const int half = side > 0 ? side / 2 : static_cast<int>(std::ceil(4 * fwhm_arcsec / pixel_scale_arcsec));
  constexpr int cells = 5;
  std::vector<double> kernel;
  double sum = 0;
  for (int row = -half; row <= half; ++row) {
    for (int column = -half; column <= half; ++column) {
      double pixel = 0;
      for (int k = 0; k < cells * cells; ++k) {
        const int up = k / cells, right = k % cells;
        const double y = (row + (up + 0.5) / cells - 0.5) * pixel_scale_arcsec,
                     x = (column + (right + 0.5) / cells - 0.5) * pixel_scale_arcsec;
        pixel += std::pow(1 + (x * x + y * y) / (alpha * alpha), -beta);
      }
      kernel.push_back(pixel);
      sum += pixel;
    }
  }
  ImagePsf psf{2 * half + 1, 2 * half + 1, {}, {}, {}};
  for (const double value : kernel) psf.kernel.push_back(static_cast<float>(value / sum));
  return psf;
}

namespace {

/// Taps of the inverse of a pixel's mean along one axis, from the middle outwards: the integral over frequencies f in [-1/2, 1/2] of
/// cos(2 pi n f) pi f / sin(pi f), whose sum is 1.
std::vector<double> inverse_pixel_taps(int reach) {
  constexpr int steps = 2000;
  std::vector<double> out;
  double sum = 0;
  for (int n = 0; n <= reach; ++n) {
    double tap = 0;
    for (int k = 0; k < steps; ++k) {
      const double f = 0.5 * (k + 0.5) / steps;
      tap += std::cos(2 * std::numbers::pi * n * f) * std::numbers::pi * f / std::sin(std::numbers::pi * f) / steps;
    }
    out.push_back(tap);
    sum += n == 0 ? tap : 2 * tap;
  }
  for (double& tap : out) tap /= sum;
  return out;
}

}  // namespace

ImagePsf without_pixel(const ImagePsf& psf) {
  const std::vector<double> taps = inverse_pixel_taps(std::max(psf.rows, psf.columns));
  const auto tap = [&](int away) { return taps[static_cast<std::size_t>(std::abs(away))]; };
  const auto at = [&](int row, int column) { return static_cast<std::size_t>(row * psf.columns + column); };
  std::vector<double> along_x(psf.kernel.size());
  for (int row = 0; row < psf.rows; ++row) {
    for (int column = 0; column < psf.columns; ++column) {
      for (int from = 0; from < psf.columns; ++from)
        along_x[at(row, column)] += tap(column - from) * static_cast<double>(psf.kernel[at(row, from)]);
    }
  }
  ImagePsf out{psf.rows, psf.columns, {}, {}, {}};
  double sum = 0, before = 0;
  std::vector<double> kernel(psf.kernel.size());
  for (int row = 0; row < psf.rows; ++row) {
    for (int column = 0; column < psf.columns; ++column) {
      for (int from = 0; from < psf.rows; ++from) kernel[at(row, column)] += tap(row - from) * along_x[at(from, column)];
      sum += kernel[at(row, column)];
      before += static_cast<double>(psf.kernel[at(row, column)]);
    }
  }
  for (const double value : kernel) out.kernel.push_back(static_cast<float>(value * before / sum));
  return out;
}

namespace {

/// One-sided Jacobi rotations (Hestenes 1958): turns pairs of columns of `a` (rows x n) until all are orthogonal, and `v` (n x n) with
/// them, so that the matrix that `a` was stays a v^T.
void make_columns_orthogonal(std::vector<double>& a, std::size_t rows, std::vector<double>& v, std::size_t n) {
  const auto turn = [n](std::vector<double>& m, std::size_t count, std::size_t p, std::size_t q, double c, double s) {
    for (std::size_t i = 0; i < count; ++i) {
      const double x = m[i * n + p], y = m[i * n + q];
      m[i * n + p] = c * x - s * y;
      m[i * n + q] = s * x + c * y;
    }
  };
  double all = 0;
  for (const double value : a) all += value * value;
  bool turned = true;
  for (int sweep = 0; turned && sweep < 30; ++sweep) {
    turned = false;
    for (std::size_t p = 0; p + 1 < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) {
        double pp = 0, qq = 0, pq = 0;
        for (std::size_t i = 0; i < rows; ++i) {
          pp += a[i * n + p] * a[i * n + p];
          qq += a[i * n + q] * a[i * n + q];
          pq += a[i * n + p] * a[i * n + q];
        }
        if (std::abs(pq) <= 1e-10 * std::sqrt(pp * qq) || pq * pq < 1e-24 * all * all) continue;
        const double zeta = (qq - pp) / (2 * pq), t = (zeta < 0 ? -1 : 1) / (std::abs(zeta) + std::sqrt(1 + zeta * zeta)),
                     c = 1 / std::sqrt(1 + t * t);
        turn(a, rows, p, q, c, c * t);
        turn(v, n, p, q, c, c * t);
        turned = true;
      }
    }
  }
}

}  // namespace

ImagePsf factorised(ImagePsf psf) {
  const auto rows = static_cast<std::size_t>(psf.rows), n = static_cast<std::size_t>(psf.columns);
  std::vector<double> a(psf.kernel.begin(), psf.kernel.end()), v(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) v[i * n + i] = 1;
  make_columns_orthogonal(a, rows, v, n);
  std::vector<std::size_t> order(n);
  std::vector<double> strength(n);
  for (std::size_t k = 0; k < n; ++k) {
    order[k] = k;
    for (std::size_t i = 0; i < rows; ++i) strength[k] += a[i * n + k] * a[i * n + k];
  }
  std::sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) { return strength[x] > strength[y]; });
  std::vector<double> left(psf.kernel.begin(), psf.kernel.end());
  const double enough = 5e-5 * static_cast<double>(*std::max_element(psf.kernel.begin(), psf.kernel.end()));
  const auto greatest_left = [&] {
    return std::abs(*std::max_element(left.begin(), left.end(), [](double x, double y) { return std::abs(x) < std::abs(y); }));
  };
  ImagePsf out = psf;
  // A separable term costs about as much as 2.5 rows of the kernel.
  for (std::size_t term = 0; greatest_left() > enough; ++term) {
    if (5 * (term + 1) > 2 * rows) return psf;
    const std::size_t k = order[term];
    for (std::size_t i = 0; i < rows; ++i) {
      out.along_y.push_back(static_cast<float>(a[i * n + k]));
      for (std::size_t j = 0; j < n; ++j) left[i * n + j] -= a[i * n + k] * v[j * n + k];
    }
    for (std::size_t j = 0; j < n; ++j) out.along_x.push_back(static_cast<float>(v[j * n + k]));
  }
  return out;
}

Plane convolve_image(const Plane& in, const ImagePsf& psf, int margin) {
  Plane out{in.side - 2 * margin};
  if (psf.along_y.empty()) {
    convolve_kernel(in, psf.kernel, psf.rows, psf.columns, out);
  } else {
    convolve_terms(in, psf.along_y, psf.along_x, psf.rows, psf.columns, out);
  }
  return out;
}

}  // namespace lensfind::render
