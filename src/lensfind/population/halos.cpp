#include "lensfind/population/halos.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "lensfind/population/distributions.h"

namespace lensfind::population {
namespace {

constexpr double critical_density = 2.77536627e11;  ///< h^2 solar masses a Mpc^3 at z = 0
constexpr double log_mass_min = 27.0, log_mass_step = 0.1;
constexpr int masses = 105;

/// Eisenstein & Hu (1998), section 4.2: the transfer function without wiggles; k in 1/Mpc.
double transfer(double k, const Structure& s) {
  const double h = s.hubble_km_s_mpc / 100, matter = s.omega_matter * h * h, baryons = s.omega_baryon * h * h,
               fraction = s.omega_baryon / s.omega_matter, theta = 2.7255 / 2.7;
  const double sound = 44.5 * std::log(9.83 / matter) / std::sqrt(1 + 10 * std::pow(baryons, 0.75));
  const double alpha = 1 - 0.328 * std::log(431 * matter) * fraction + 0.38 * std::log(22.3 * matter) * fraction * fraction;
  const double shape = matter * (alpha + (1 - alpha) / (1 + std::pow(0.43 * k * sound, 4)));
  const double q = k * theta * theta / shape, log_term = std::log(2 * std::numbers::e + 1.8 * q), c = 14.2 + 731 / (1 + 62.5 * q);
  return log_term / (log_term + c * q * q);
}

/// Variance of the density in spheres of a radius in Mpc, up to a factor.
double variance(double radius, const Structure& s) {
  double sum = 0;
  constexpr double from = -11, to = 6, step = 0.02;
  for (double log_k = from; log_k < to; log_k += step) {
    const double k = std::exp(log_k), x = k * radius;
    const double window = x < 1e-3 ? 1 : 3 * (std::sin(x) - x * std::cos(x)) / (x * x * x);
    if (x > 300) break;
    const double t = transfer(k, s) * window;
    sum += std::pow(k, 3 + s.spectral_index) * t * t * step;
  }
  return sum;
}

struct Multiplicity {
  double amplitude, a, b, c;
};

/// Tinker et al. (2008), table 2, at an overdensity over the mean, and its evolution (eqs. 5 to 8).
Multiplicity multiplicity(double overdensity, double z) {
  static const std::vector<double> at = {std::log10(200.0),  std::log10(300.0),  std::log10(400.0),  std::log10(600.0), std::log10(800.0),
                                         std::log10(1200.0), std::log10(1600.0), std::log10(2400.0), std::log10(3200.0)},
                                   amplitudes = {.186, .200, .212, .218, .248, .255, .260, .260, .260},
                                   as = {1.47, 1.52, 1.56, 1.61, 1.87, 2.13, 2.30, 2.53, 2.66},
                                   bs = {2.57, 2.25, 2.05, 1.87, 1.59, 1.51, 1.46, 1.44, 1.41},
                                   cs = {1.19, 1.27, 1.34, 1.45, 1.58, 1.80, 1.97, 2.24, 2.44};
  const double here = std::log10(overdensity), alpha = std::pow(10, -std::pow(0.75 / std::log10(overdensity / 75), 1.2));
  return {interpolate(at, amplitudes, here) * std::pow(1 + z, -0.14), interpolate(at, as, here) * std::pow(1 + z, -0.06),
          interpolate(at, bs, here) * std::pow(1 + z, -alpha), interpolate(at, cs, here)};
}

/// Surface density of an NFW profile over 2 rho_s r_s, at a radius over r_s (Bartelmann 1996).
double projected_nfw(double x) {
  if (std::abs(x - 1) < 1e-6) return 1.0 / 3;
  const double root = std::sqrt(std::abs((x - 1) / (x + 1)));
  const double inner = x < 1 ? std::atanh(root) : std::atan(root);
  return (1 - 2 * inner / std::sqrt(std::abs(x * x - 1))) / (x * x - 1);
}

}  // namespace

HaloFunction::HaloFunction(const Structure& structure) : structure_{structure} {
  const double h = structure.hubble_km_s_mpc / 100, mean = critical_density * h * h * structure.omega_matter;
  const double norm = structure.sigma_8 * structure.sigma_8 / variance(8 / h, structure);
  for (int k = 0; k < masses; ++k) {
    const double mass = std::exp(log_mass_min + k * log_mass_step), radius = std::cbrt(3 * mass / (4 * std::numbers::pi * mean));
    scatter_.push_back(0.5 * std::log(norm * variance(radius, structure)));
  }
}

double HaloFunction::expansion(double z) const {
  return std::sqrt(structure_.omega_matter * std::pow(1 + z, 3) + 1 - structure_.omega_matter);
}

/// D(z) / D(0), Carroll, Press & Turner (1992).
double HaloFunction::growth(double z) const {
  const auto g = [&](double at) {
    const double e = expansion(at), matter = structure_.omega_matter * std::pow(1 + at, 3) / (e * e), lambda = 1 - matter;
    return 2.5 * matter / (std::pow(matter, 4.0 / 7) - lambda + (1 + matter / 2) * (1 + lambda / 70)) / (1 + at);
  };
  return g(z) / g(0);
}

double HaloFunction::density_scatter(double log_mass) const {
  const double at = std::clamp((log_mass - log_mass_min) / log_mass_step, 0.0, masses - 1.001);
  const auto k = static_cast<std::size_t>(at);
  const double rest = at - static_cast<double>(k);
  return std::exp(scatter_[k] + rest * (scatter_[k + 1] - scatter_[k]));
}

double HaloFunction::per_log_mass(double mass_solar, double z) const {
  const double h = structure_.hubble_km_s_mpc / 100, mean = critical_density * h * h * structure_.omega_matter, e = expansion(z);
  const double matter = structure_.omega_matter * std::pow(1 + z, 3) / (e * e), log_mass = std::log(mass_solar);
  const Multiplicity m = multiplicity(200 / matter, z);
  const double sigma = growth(z) * density_scatter(log_mass);
  const double f = m.amplitude * (std::pow(sigma / m.b, -m.a) + 1) * std::exp(-m.c / (sigma * sigma));
  const double slope = std::log(density_scatter(log_mass - 0.1) / density_scatter(log_mass + 0.1)) / 0.2;
  return f * mean / mass_solar * slope;
}

double HaloFunction::dispersion(double mass_solar, double z) const {
  return 1082.9 * std::pow(structure_.hubble_km_s_mpc / 100 * expansion(z) * mass_solar / 1e15, 0.3361);
}

double HaloFunction::mass(double sigma_km_s, double z) const {
  return 1e15 * std::pow(sigma_km_s / 1082.9, 1 / 0.3361) / (structure_.hubble_km_s_mpc / 100 * expansion(z));
}

double HaloFunction::per_dispersion(double sigma_km_s, double z) const {
  return per_log_mass(mass(sigma_km_s, z), z) / (0.3361 * sigma_km_s);
}

double richness(double sigma_km_s) { return 20 * std::pow(sigma_km_s / 480, 2.29); }

double central_members_mpc2(double richness, double hubble_km_s_mpc) {
  const double h = hubble_km_s_mpc / 100, scale = 0.15 / h, core = 0.1 / h, radius = std::pow(richness / 100, 0.2) / h;
  constexpr int steps = 200;
  double sum = 0;
  for (int k = 0; k < steps; ++k) {
    const double r = radius * (k + 0.5) / steps;
    sum += 2 * std::numbers::pi * r * projected_nfw(std::max(r, core) / scale) * radius / steps;
  }
  return richness * projected_nfw(core / scale) / sum;
}

double members_over_core(double radius_mpc, double hubble_km_s_mpc) {
  constexpr double level_mpc = 0.01;
  const double h = hubble_km_s_mpc / 100, scale = 0.15 / h, core = 0.1 / h;
  return projected_nfw(std::max(radius_mpc, level_mpc) / scale) / projected_nfw(core / scale);
}

}  // namespace lensfind::population
