#include "lensfind/simulate/star_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "lensfind/base/median.h"
#include "lensfind/render/moffat.h"

namespace lensfind::simulate {
namespace {

using Line = std::array<double, Stamp::side>;

bool is_brightest_of_5x5(image::ImageView image, int band, int row, int column) {
  const float here = image.at(band, row, column);
  for (int y = -2; y <= 2; ++y) {
    for (int x = -2; x <= 2; ++x) {
      const float other = image.at(band, row + y, column + x);
      // Of two equal ones the first counts; three equal ones are saturated, or no pixels at all.
      if (!std::isfinite(other) || other > here || (other == here && (y < 0 || (y == 0 && x < 0)))) return false;
    }
  }
  return true;
}

/// Background: the median of the stamp's outermost two pixels all round. Returns false where the object does not stand apart.
bool cut(image::ImageView image, int band, int row, int column, Stamp& out) {
  constexpr int half = Stamp::half;
  out = {row, column, {}, 0};
  std::vector<double> round;
  for (int y = -half; y <= half; ++y) {
    for (int x = -half; x <= half; ++x) {
      const auto value = static_cast<double>(image.at(band, row + y, column + x));
      if (!std::isfinite(value)) return false;
      out.pixels.push_back(value);
      if (std::max(std::abs(y), std::abs(x)) > half - 2) round.push_back(value);
    }
  }
  const double background = median(round);
  for (double& value : out.pixels) value -= background;
  out.peak = out.pixels[half * Stamp::side + half];
  int as_high = 0;
  for (int k = 0; k < Stamp::side * Stamp::side; ++k) {
    const double away = std::hypot(k / Stamp::side - half, k % Stamp::side - half), value = out.pixels[static_cast<std::size_t>(k)];
    if (away > 5 && value > 0.25 * out.peak) return false;
    if (away < 4 && value > 0.995 * out.peak) ++as_high;
  }
  return as_high < 3;  // a flat top is a saturated star's
}

/// A Gaussian's part in each of the stamp's pixels along one axis.
Line line_of(double centre, double sigma) {
  Line out;
  const double scale = 1 / (sigma * std::sqrt(2.0));
  double before = std::erf((-Stamp::half - 0.5 - centre) * scale);
  for (std::size_t k = 0; k < out.size(); ++k) {
    const double after = std::erf((static_cast<double>(k) - Stamp::half + 0.5 - centre) * scale);
    out[k] = 0.5 * (after - before);
    before = after;
  }
  return out;
}

struct Trial {
  double flux = 0, squares = 0;
};

Trial try_star(const Stamp& stamp, const std::vector<render::GaussianTerm>& terms, double x, double y, double fwhm) {
  std::array<double, static_cast<std::size_t>(Stamp::side * Stamp::side)> model{};
  for (const render::GaussianTerm& term : terms) {
    const Line along_x = line_of(x, term.sigma * fwhm), along_y = line_of(y, term.sigma * fwhm);
    for (std::size_t row = 0; row < along_y.size(); ++row) {
      const double part = term.weight * along_y[row];
      for (std::size_t column = 0; column < along_x.size(); ++column) model[row * Stamp::side + column] += part * along_x[column];
    }
  }
  double products = 0, own = 0, all = 0;
  for (std::size_t k = 0; k < model.size(); ++k) {
    products += model[k] * stamp.pixels[k];
    own += model[k] * model[k];
    all += stamp.pixels[k] * stamp.pixels[k];
  }
  return {products / own, all - products * products / own};
}

}  // namespace

std::vector<Stamp> bright_stamps(image::ImageView image, int band, double sky, double rms, double saturation, std::size_t max_count) {
  std::vector<Stamp> out;
  Stamp stamp;
  for (int row = Stamp::half; row < image.shape.height - Stamp::half; ++row) {
    for (int column = Stamp::half; column < image.shape.width - Stamp::half; ++column) {
      const auto value = static_cast<double>(image.at(band, row, column));
      if (!(value > sky + 20 * rms) || (saturation > 0 && value >= saturation)) continue;
      if (is_brightest_of_5x5(image, band, row, column) && cut(image, band, row, column, stamp) && stamp.peak > 20 * rms)
        out.push_back(stamp);
    }
  }
  std::ranges::stable_sort(out, std::greater{}, &Stamp::peak);
  if (out.size() > max_count) out.resize(max_count);
  return out;
}

StarFit fit_star(const Stamp& stamp, double beta) {
  const std::vector<render::GaussianTerm> terms = render::moffat_terms(beta);
  std::array<double, 3> best{0, 0, std::log(3.0)};  // x, y, ln FWHM
  const auto squares = [&](const std::array<double, 3>& at) { return try_star(stamp, terms, at[0], at[1], std::exp(at[2])).squares; };
  double min = squares(best);
  // Widths from .4 to 12 pixels first, then steps along each axis that halve where none helps.
  for (double fwhm = 0.6; fwhm < 12; fwhm *= 1.3) {
    if (const double here = squares({0, 0, std::log(fwhm)}); here < min) min = here, best = {0, 0, std::log(fwhm)};
  }
  for (double step = 0.2; step > 0.003;) {
    bool better = false;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      for (const double sign : {-1.0, 1.0}) {
        std::array<double, 3> next = best;
        next[axis] += sign * step;
        if (const double here = squares(next); here < min) min = here, best = next, better = true;
      }
    }
    if (!better) step /= 2;
  }
  const Trial found = try_star(stamp, terms, best[0], best[1], std::exp(best[2]));
  return {stamp.row + best[1], stamp.column + best[0], found.flux, std::exp(best[2]),
          std::sqrt(found.squares / static_cast<double>(stamp.pixels.size())) / stamp.peak};
}

Crowd star_crowd(const std::vector<StarFit>& fits) {
  std::vector<std::size_t> order(fits.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, {}, [&](std::size_t k) { return fits[k].fwhm_pixels; });
  const std::size_t enough = std::max<std::size_t>(4, fits.size() / 10);
  for (std::size_t first = 0; first + enough <= order.size(); ++first) {
    const double narrowest = fits[order[first]].fwhm_pixels;
    std::size_t end = first;
    while (end < order.size() && fits[order[end]].fwhm_pixels < 1.15 * narrowest) ++end;
    if (end - first < enough) continue;
    Crowd out{0, {order.begin() + static_cast<std::ptrdiff_t>(first), order.begin() + static_cast<std::ptrdiff_t>(end)}};
    out.fwhm_pixels = fits[out.members[out.members.size() / 2]].fwhm_pixels;
    return out;
  }
  return {};
}

}  // namespace lensfind::simulate
