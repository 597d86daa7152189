#include "lensfind/render/brute_force.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

namespace lensfind::render {
namespace {

/// std::hypot guards against overflow, which cannot happen here, and would take half of the time.
double length(Point at) { return std::sqrt(at.x * at.x + at.y * at.y); }

/// The deflection as the series of Tessore & Metcalf (2015, eq. 29), term by term in complex numbers.
class Rays {
 public:
  explicit Rays(Mass mass) : mass_{std::move(mass)} {}

  [[nodiscard]] Point source(Point at) const {
    Point out{at.x - mass_.shear.gamma1 * at.x - mass_.shear.gamma2 * at.y, at.y - mass_.shear.gamma2 * at.x + mass_.shear.gamma1 * at.y};
    for (const PowerLawEllipsoid& lens : mass_.ellipsoids) {
      const double q = lens.axis_ratio, t = lens.slope - 1, b = lens.theta_e_arcsec * std::sqrt(q), f = (1 - q) / (1 + q);
      const std::complex<double> turn = std::polar(1.0, lens.angle_rad);
      const std::complex<double> z = std::complex{at.x - lens.centre_arcsec.x, at.y - lens.centre_arcsec.y} * std::conj(turn);
      const std::complex<double> elliptical{q * z.real(), z.imag()};
      const double radius = std::max(length({elliptical.real(), elliptical.imag()}), 1e-12);
      const std::complex<double> phase = elliptical / radius, step = phase * phase;
      std::complex<double> term = phase, sum = phase;
      for (int k = 1; std::norm(term) > 1e-20; ++k) {
        term *= -f * (2 * k - (2 - t)) / (2 * k + (2 - t)) * step;
        sum += term;
      }
      const std::complex<double> deflection = 2 * b / (1 + q) * std::pow(b / radius, t - 1) * sum * turn;
      out = out - Point{deflection.real(), deflection.imag()};
    }
    for (const CoredHalo& halo : mass_.halos) {
      const std::complex<double> turn = std::polar(1.0, halo.angle_rad);
      const std::complex<double> z = std::complex{at.x - halo.centre_arcsec.x, at.y - halo.centre_arcsec.y} * std::conj(turn);
      const std::complex<double> pulled{(1 - halo.ellipticity) * z.real(), (1 + halo.ellipticity) * z.imag()};
      const double potential = std::sqrt(halo.core_arcsec * halo.core_arcsec + (std::conj(z) * pulled).real());
      const std::complex<double> deflection = halo.strength_arcsec * pulled / potential * turn;
      out = out - Point{deflection.real(), deflection.imag()};
    }
    return out;
  }

 private:
  Mass mass_;
};

/// One component of light and the rays that bring it; without rays as it is.
class Component {
 public:
  Component(const Sersic& light, const Rays* rays)
      : light_{light},
        rays_{rays},
        narrow_{light.effective_radius_arcsec * std::sqrt(light.axis_ratio)},
        farthest_{radius_at_brightness(light, 1e-7 * effective_brightness(light)) / std::sqrt(light.axis_ratio)},
        b_{sersic_b(light.index)},
        effective_{effective_brightness(light)} {}

  /// Hands all points of light (place, flux) that stand for a square of side `side` about `at` to `take`.
  template <class Take>
  void points(Point at, double side, const Take& take, int depth = 0) const {
    const Point here = source(at);
    // How far what the square maps to reaches; near the mass, where it is torn, its corners lie far apart.
    double extent = 0;
    for (const Point corner : corners) {
      const Point there = source({at.x + 0.5 * side * corner.x, at.y + 0.5 * side * corner.y});
      extent = std::max(extent, length(there - here));
    }
    const double distance = length(here - light_.centre_arcsec);
    if (distance > 3 * extent + farthest_) return;
    const bool large = extent > 0.3 * narrow_ && distance < 3 * extent + 5 * light_.effective_radius_arcsec;
    const bool at_cusp = extent > 0.2 * distance && extent > 1e-4 * narrow_;
    if (depth < 20 && (large || at_cusp)) {
      for (const Point corner : corners)
        points({at.x + 0.25 * side * corner.x, at.y + 0.25 * side * corner.y}, 0.5 * side, take, depth + 1);
      return;
    }
    // Gauss-Legendre's two nodes in each direction.
    const double node = 0.5 * side / std::numbers::sqrt3;
    for (const Point corner : corners) {
      const Point place{at.x + node * corner.x, at.y + node * corner.y};
      take(place, 0.25 * side * side * seen(place));
    }
  }

 private:
  static constexpr std::array<Point, 4> corners{Point{-1, -1}, Point{1, -1}, Point{-1, 1}, Point{1, 1}};

  [[nodiscard]] Point source(Point at) const { return rays_ ? rays_->source(at) : at; }
  [[nodiscard]] double seen(Point at) const {
    const Point from = source(at) - light_.centre_arcsec;
    const double c = std::cos(light_.angle_rad), s = std::sin(light_.angle_rad), u = from.x * c + from.y * s, v = from.y * c - from.x * s;
    const double ratio = std::sqrt(light_.axis_ratio * u * u + v * v / light_.axis_ratio) / light_.effective_radius_arcsec;
    return effective_ * std::exp(-b_ * (std::pow(ratio, 1 / light_.index) - 1));
  }

  const Sersic& light_;
  const Rays* rays_;
  double narrow_, farthest_, b_, effective_;
};

/// Light in squares of `side` arcsec, `count` x `count` about the origin.
struct Squares {
  std::size_t count;
  double side;
  std::vector<double> flux = std::vector<double>(count * count);

  [[nodiscard]] double middle(std::size_t index) const {
    return (static_cast<double>(index) - 0.5 * static_cast<double>(count - 1)) * side;
  }
};

/// From the first row and column of squares with light in them to behind the last.
struct Lit {
  std::size_t first_row, end_row = 0, first_column, end_column = 0;

  explicit Lit(const Squares& squares) : first_row{squares.count}, first_column{squares.count} {
    for (std::size_t k = 0; k < squares.flux.size(); ++k) {
      if (squares.flux[k] == 0) continue;
      const std::size_t row = k / squares.count, column = k % squares.count;
      first_row = std::min(first_row, row);
      end_row = std::max(end_row, row + 1);
      first_column = std::min(first_column, column);
      end_column = std::max(end_column, column + 1);
    }
  }
};

/// The cubic B-spline at distances 1 + t, t, 1 - t and 2 - t.
std::array<double, 4> cubic_spline(double t) {
  const double u = 1 - t;
  return {u * u * u / 6, 2.0 / 3 - t * t + 0.5 * t * t * t, 2.0 / 3 - u * u + 0.5 * u * u * u, t * t * t / 6};
}

/// Each point of light either as a whole in its square (`spread` false), or spread over 4 x 4 squares by cubic B-splines, which keep its
/// place to third order and widen it by a variance of a third of a square's.
Squares squares_of(const Sersic& light, const Rays* rays, std::size_t count, double side, bool spread) {
  Squares out{count, side};
  const Component component{light, rays};
  const auto parts = [&](Point at, double flux) {
    const double x = at.x / side + 0.5 * static_cast<double>(count - 1), y = at.y / side + 0.5 * static_cast<double>(count - 1);
    const std::array<double, 4> along_x = cubic_spline(x - std::floor(x)), along_y = cubic_spline(y - std::floor(y));
    if (x < 1 || y < 1 || x >= static_cast<double>(count - 2) || y >= static_cast<double>(count - 2)) return;
    const std::size_t first = (static_cast<std::size_t>(y) - 1) * count + static_cast<std::size_t>(x) - 1;
    for (std::size_t k = 0; k < 16; ++k) out.flux[first + k / 4 * count + k % 4] += flux * along_y[k / 4] * along_x[k % 4];
  };
  for (std::size_t k = 0; k < count * count; ++k) {
    const Point middle{out.middle(k % count), out.middle(k / count)};
    if (spread) {
      component.points(middle, side, parts);
    } else {
      component.points(middle, side, [&](Point, double flux) { out.flux[k] += flux; });
    }
  }
  return out;
}

/// Adds what pixels see of squares over which light was spread, through a Gaussian.
void observe(const Squares& squares, const Lit& lit, double flux, double sigma_arcsec, double pixel_arcsec, std::size_t size,
             std::vector<double>& out) {
  const double scale = 1 / std::sqrt(2 * (sigma_arcsec * sigma_arcsec - squares.side * squares.side / 3));
  std::vector<double> fraction(size * squares.count), rows(size * squares.count);
  for (std::size_t i = 0; i < size; ++i) {
    const double pixel = (static_cast<double>(i) - 0.5 * static_cast<double>(size - 1)) * pixel_arcsec;
    for (std::size_t k = 0; k < squares.count; ++k) {
      const double away = pixel - squares.middle(k);
      fraction[i * squares.count + k] =
          0.5 * (std::erf((away + 0.5 * pixel_arcsec) * scale) - std::erf((away - 0.5 * pixel_arcsec) * scale));
    }
  }
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = lit.first_row; k < lit.end_row; ++k) {
      const double part = fraction[i * squares.count + k];
      if (part < 1e-12) continue;
      for (std::size_t m = lit.first_column; m < lit.end_column; ++m)
        rows[i * squares.count + m] += part * squares.flux[k * squares.count + m];
    }
  }
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) {
      for (std::size_t k = lit.first_column; k < lit.end_column; ++k)
        out[i * size + j] += flux * fraction[j * squares.count + k] * rows[i * squares.count + k];
    }
  }
}

/// The same through an image of a star, which has the pixel in it; squares are pixels.
void observe(const Squares& squares, double flux, const ImagePsf& psf, std::size_t size, std::vector<double>& out) {
  const std::size_t margin = (squares.count - size) / 2, half_rows = static_cast<std::size_t>(psf.rows / 2),
                    half_columns = static_cast<std::size_t>(psf.columns / 2);
  for (std::size_t row = 0; row < size; ++row) {
    for (std::size_t column = 0; column < size; ++column) {
      for (std::size_t m = 0; m < static_cast<std::size_t>(psf.rows); ++m) {
        for (std::size_t n = 0; n < static_cast<std::size_t>(psf.columns); ++n) {
          const double tap = static_cast<double>(psf.kernel[m * static_cast<std::size_t>(psf.columns) + n]);
          out[row * size + column] +=
              flux * tap * squares.flux[(row + margin + half_rows - m) * squares.count + column + margin + half_columns - n];
        }
      }
    }
  }
}

/// A Moffat profile as the mean of Gaussians of sigma^2 = alpha^2 / (2 t), t from a Gamma(beta - 1) distribution: the trapezoid rule in ln
/// t, off by |Gamma(beta - 1 + 2 pi i / step) / Gamma(beta - 1)|, less than 1e-5.
std::vector<GaussianTerm> exact_moffat(const MoffatPsf& psf) {
  const double alpha = psf.fwhm_arcsec / (2 * std::sqrt(std::pow(2, 1 / psf.beta) - 1));
  constexpr double step = 0.5;
  std::vector<GaussianTerm> out;
  for (double x = -5; x < std::log(14); x += step) {
    const double t = std::exp(x);
    out.push_back({step * std::exp((psf.beta - 1) * x - t) / std::tgamma(psf.beta - 1), alpha / std::sqrt(2 * t)});
  }
  return out;
}

/// Of all PSFs, pixels.
struct Grain {
  int parts = 1, margin = 1;

  Grain(const std::vector<Psf>& psfs, double pixel_arcsec) {
    for (const Psf& psf : psfs) {
      if (const auto* gaussian = std::get_if<GaussianPsf>(&psf)) {
        const double sigma = sigma_of_fwhm(gaussian->fwhm_arcsec) / pixel_arcsec;
        parts = std::max(parts, static_cast<int>(std::ceil(4 / sigma)));
        margin = std::max(margin, static_cast<int>(std::ceil(6 * sigma)));
      }
      if (const auto* moffat = std::get_if<MoffatPsf>(&psf)) {
        parts = std::max(parts, static_cast<int>(std::ceil(1.5 * pixel_arcsec / exact_moffat(*moffat).back().sigma)));
        margin = std::max(margin, static_cast<int>(std::ceil(5 * moffat->fwhm_arcsec / pixel_arcsec)));
      }
      if (const auto* image = std::get_if<ImagePsf>(&psf)) margin = std::max({margin, image->rows / 2 + 1, image->columns / 2 + 1});
    }
  }
};

}  // namespace

std::vector<std::vector<double>> brute_force(const Scene& scene, const std::vector<Psf>& psfs, int size, double pixel_scale_arcsec) {
  const bool images = std::any_of(psfs.begin(), psfs.end(), [](const Psf& psf) { return std::holds_alternative<ImagePsf>(psf); });
  const Grain grain{psfs, pixel_scale_arcsec};
  const int parts = images ? 1 : grain.parts;
  const auto pixels = static_cast<std::size_t>(size), count = static_cast<std::size_t>((size + 2 * grain.margin) * parts);
  std::vector<std::vector<double>> out(psfs.size(), std::vector<double>(pixels * pixels));
  const auto add = [&](const Light& light, const Rays* through) {
    const Squares squares = squares_of(light.profile, through, count, pixel_scale_arcsec / parts, !images);
    const Lit lit{squares};
    for (std::size_t b = 0; b < psfs.size(); ++b) {
      if (const auto* gaussian = std::get_if<GaussianPsf>(&psfs[b])) {
        observe(squares, lit, light.flux[b], sigma_of_fwhm(gaussian->fwhm_arcsec), pixel_scale_arcsec, pixels, out[b]);
      } else if (const auto* moffat = std::get_if<MoffatPsf>(&psfs[b])) {
        for (const GaussianTerm& term : exact_moffat(*moffat))
          observe(squares, lit, light.flux[b] * term.weight, term.sigma, pixel_scale_arcsec, pixels, out[b]);
      } else if (const auto* image = std::get_if<ImagePsf>(&psfs[b])) {
        observe(squares, light.flux[b], *image, pixels, out[b]);
      }
    }
  };
  for (const Light& light : scene.unlensed) add(light, nullptr);
  for (const Light& light : scene.point_images) add(light, nullptr);
  for (const Light& light : scene.sources) {
    const Rays rays{scaled(scene.mass, light.deflection_factor)};
    add(light, &rays);
  }
  return out;
}

}  // namespace lensfind::render
