#include "lensfind/render/sersic.h"

#include <cmath>
#include <numbers>

namespace lensfind::render {
namespace {

/// Regularised lower incomplete gamma function P(a, x): its series below a + 1, its continued fraction above (Press et al. 2007,
/// section 6.2).
double lower_gamma(double a, double x) {
  if (x <= 0) return 0;
  const double front = std::exp(a * std::log(x) - x - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (double k = a + 1; term > sum * 1e-17; ++k) sum += term *= x / k;
    return front * sum;
  }
  constexpr double tiny = 1e-300;
  double b = x + 1 - a, c = 1 / tiny, d = 1 / b, fraction = d;
  for (int i = 1; i < 1000; ++i) {
    const double an = -i * (i - a);
    b += 2;
    d = an * d + b;
    c = b + an / c;
    d = 1 / (std::abs(d) < tiny ? tiny : d);
    if (std::abs(c) < tiny) c = tiny;
    fraction *= d * c;
    if (std::abs(d * c - 1) < 1e-16) break;
  }
  return 1 - front * fraction;
}

double elliptical_radius(const Sersic& light, Point position) {
  const double c = std::cos(light.angle_rad), s = std::sin(light.angle_rad);
  const Point d = position - light.centre_arcsec;
  const double u = d.x * c + d.y * s, v = -d.x * s + d.y * c;
  return std::sqrt(light.axis_ratio * u * u + v * v / light.axis_ratio);
}

}  // namespace

double sersic_b(double index) {
  const double a = 2 * index;
  // Ciotti & Bertin (1999) are good to 1e-6; Halley's method on P(2n, b) = 1/2 does the rest.
  double b = a - 1.0 / 3 + 4 / (405 * index) + 46 / (25515 * index * index);
  if (index < 0.4) b = 0.01945 - 0.8902 * index + 10.95 * index * index - 19.67 * index * index * index + 13.43 * std::pow(index, 4);
  for (int step = 0; step < 20; ++step) {
    const double slope = std::exp((a - 1) * std::log(b) - b - std::lgamma(a));
    const double newton = (lower_gamma(a, b) - 0.5) / slope;
    const double change = newton / (1 - 0.5 * newton * ((a - 1) / b - 1));
    b -= change;
    // What is left goes as the cube of the change.
    if (std::abs(change) < 1e-5 * b) break;
  }
  return b;
}

namespace {

double effective_brightness(const Sersic& light, double b) {
  const double n = light.index, radius = light.effective_radius_arcsec;
  return std::exp(2 * n * std::log(b) - b - std::lgamma(2 * n)) / (2 * std::numbers::pi * n * radius * radius);
}

}  // namespace

double effective_brightness(const Sersic& light) { return effective_brightness(light, sersic_b(light.index)); }

double brightness(const Sersic& light, Point position) {
  const double ratio = elliptical_radius(light, position) / light.effective_radius_arcsec, b = sersic_b(light.index);
  return effective_brightness(light, b) * std::exp(-b * (std::pow(ratio, 1 / light.index) - 1));
}

double light_within(const Sersic& light, double radius_arcsec) {
  const double ratio = radius_arcsec / light.effective_radius_arcsec;
  return lower_gamma(2 * light.index, sersic_b(light.index) * std::pow(ratio, 1 / light.index));
}

double radius_at_brightness(const Sersic& light, double brightness) {
  const double b = sersic_b(light.index), falls = 1 + std::log(effective_brightness(light, b) / brightness) / b;
  return falls <= 0 ? 0 : light.effective_radius_arcsec * std::pow(falls, light.index);
}

}  // namespace lensfind::render
