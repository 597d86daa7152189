#include "lensfind/population/members.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lensfind/population/halos.h"

namespace lensfind::population {
namespace {

constexpr double brightest = -2.5, faintest = 5, slope = -0.9;
/// .2 L* is so much fainter than L*.
constexpr double fifth = 1.747;

/// Distances from the centre that are tabulated: none is nearer, and no cutout is wider.
constexpr double nearest_mpc = 1e-4, farthest_mpc = 5;

/// Schechter's function in magnitudes from m*.
double luminosity_function(double magnitude) {
  const double x = std::pow(10, -0.4 * magnitude);
  return std::pow(x, slope + 1) * std::exp(-x);
}

double members_to(double limit) {
  double sum = 0;
  constexpr double step = 0.01;
  for (double m = brightest + step / 2; m < limit; m += step) sum += luminosity_function(m) * step;
  return sum;
}

}  // namespace

MemberSample::MemberSample(const GalaxySample& galaxies)
    : galaxies_{galaxies},
      magnitude_{brightest, faintest, luminosity_function},
      log_radius_{std::log(nearest_mpc), std::log(farthest_mpc),
                  [&](double log_radius) {
                    const double radius = std::exp(log_radius);
                    return radius * radius * members_over_core(radius, galaxies.population().hubble_km_s_mpc);
                  }},
      per_bright_{members_to(faintest) / members_to(fifth)} {
  for (double sigma = 30; sigma < 2000; sigma *= 1.05) {
    log_sigma_.push_back(std::log(sigma));
    density_.push_back(central_members_mpc2(richness(sigma), galaxies.population().hubble_km_s_mpc));
  }
}

double MemberSample::expected_arcsec2(double sigma_km_s, double z) const {
  const Population& p = galaxies_.population();
  const double mpc2 = p.member_abundance * interpolate(log_sigma_, density_, std::log(sigma_km_s)) * per_bright_;
  const double arcsec_of_mpc = 1000 * galaxies_.cosmology().arcsec_of_kpc(z);
  return mpc2 / (arcsec_of_mpc * arcsec_of_mpc);
}

std::vector<Member> MemberSample::draw(const EarlyType& target, double sigma_km_s, double half_side_arcsec, double faintest_i,
                                       RandomStream& random) const {
  const double m_star = galaxies_.early_m_star_i(target.z), arcsec_of_mpc = 1e3 * galaxies_.cosmology().arcsec_of_kpc(target.z);
  // Only those are drawn that have one of the wanted magnitudes and stand in the circle about the square.
  const double from = magnitude_.fraction_below(target.i - m_star), to = magnitude_.fraction_below(faintest_i - m_star),
               inside = log_radius_.fraction_below(std::log(std::numbers::sqrt2 * half_side_arcsec / arcsec_of_mpc));
  const double all = expected_arcsec2(sigma_km_s, target.z) * arcsec_of_mpc * arcsec_of_mpc * 2 * std::numbers::pi * log_radius_.area();
  const auto number = random.poisson(all * inside * std::max(0.0, to - from));
  std::vector<Member> out;
  for (std::int64_t k = 0; k < number; ++k) {
    const double i = m_star + magnitude_.quantile(from + (to - from) * random.uniform());
    const double radius = arcsec_of_mpc * std::exp(log_radius_.quantile(inside * random.uniform())),
                 angle = random.uniform(0, 2 * std::numbers::pi);
    const render::Point offset{radius * std::cos(angle), radius * std::sin(angle)};
    if (std::max(std::abs(offset.x), std::abs(offset.y)) > half_side_arcsec) continue;
    const double absolute_r = target.absolute_r + i - target.i;
    EarlyType galaxy = galaxies_.early_type(std::max(40.0, galaxies_.dispersion_of(absolute_r)), target.z, absolute_r, random);
    const double bluer = 0.03 * (i - target.i) + random.normal(0, 0.04);
    galaxy.colours = target.colours;
    galaxy.colours.g_r -= bluer;
    galaxy.colours.r_i -= 0.4 * bluer;
    galaxy.colours.i_z -= 0.3 * bluer;
    // Faint early types have disks.
    galaxy.light.index = draw_truncated_normal(4 - 0.5 * std::min(5.0, i - target.i), 0.7, 1, 6, random);
    out.push_back({galaxy, offset});
  }
  return out;
}

}  // namespace lensfind::population
