#include "lensfind/population/deflector_law.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lensfind::population {
namespace {

constexpr int redshift_steps = 60, dispersion_steps = 80;
/// Of the table of groups' radii: redshifts of 0 to 2, and radii over efficiency.
constexpr int radii_redshifts = 41, radii_steps = 200;
constexpr double radii_redshift_step = 0.05, radii_step_arcsec = 0.2;
/// No brightest galaxy's dispersion lies beyond, km/s.
constexpr double galaxy_sigma_max = 420, galaxy_sigma_min = 150;

/// A galaxy a dispersion, comoving Mpc^-3 (km/s)^-1 (Choi et al. 2007).
double galaxies_per_dispersion(const Population& p, double sigma) {
  const double ratio = sigma / p.sigma_star_km_s;
  return p.sigma_density_mpc3 * std::pow(ratio, p.sigma_power) * std::exp(-std::pow(ratio, p.sigma_cutoff_power)) * p.sigma_cutoff_power /
         std::tgamma(p.sigma_power / p.sigma_cutoff_power) / sigma;
}

/// The midpoint rule.
template <class Function>
double integral(double from, double to, int steps, const Function& of) {
  double sum = 0;
  for (int k = 0; k < steps; ++k) sum += of(from + (to - from) * (k + 0.5) / steps);
  return sum * (to - from) / steps;
}

/// Clusters are rare beyond, and neither masses nor colours are known there.
double group_z_max(const Population& p) { return std::min(p.lens_z_max, 1.5); }

}  // namespace

double group_einstein_radius(double galaxy_arcsec, double halo_arcsec, double core_arcsec) {
  // The mean deflection less the radius is concave: from beyond its root Newton's steps lead inwards and never too far.
  double radius = galaxy_arcsec + halo_arcsec;
  for (int step = 0; step < 60; ++step) {
    const double square = core_arcsec * core_arcsec + radius * radius, inverse = 1 / std::sqrt(square);
    const double over = radius - galaxy_arcsec - halo_arcsec * radius * inverse,
                 slope = 1 - halo_arcsec * core_arcsec * core_arcsec * inverse / square;
    if (!(slope > 0) || over <= 1e-9 * radius * slope) break;
    radius -= over / slope;
  }
  return radius;
}

DeflectorLaw::DeflectorLaw(const GalaxySample& galaxies)
    : galaxies_{galaxies},
      halos_{Structure{.hubble_km_s_mpc = galaxies.population().hubble_km_s_mpc,
                       .omega_matter = galaxies.population().omega_matter,
                       .sigma_8 = galaxies.population().sigma_8}},
      dispersion_{galaxies.population().sigma_min_km_s, galaxies.population().sigma_max_km_s,
                  [&](double sigma) {
                    const double radius = greatest_galaxy_radius(sigma);
                    return galaxies_per_dispersion(galaxies.population(), sigma) * radius * radius;
                  }},
      redshift_{galaxies.population().lens_z_min, galaxies.population().lens_z_max,
                [&](double z) { return galaxies.cosmology().relative_volume(z); }} {
  const Population& p = galaxies.population();
  galaxy_weight_ = integral(p.lens_z_min, p.lens_z_max, 400, [&](double z) { return galaxies.cosmology().volume_mpc3_deg2(z); }) *
                   integral(p.sigma_min_km_s, p.sigma_max_km_s, 400, [&](double sigma) {
                     const double radius = greatest_galaxy_radius(sigma);
                     return galaxies_per_dispersion(p, sigma) * radius * radius;
                   });
  if (p.group_abundance > 0) tabulate_groups();
  tabulate_radii();
}

double DeflectorLaw::galaxies_deg2(double brightest_i, double faintest_i) const {
  const Population& p = galaxies_.population();
  const auto brighter = [&](double sigma, double z, double i) {
    const double mean = p.lens_magnitude + p.lens_magnitude_slope * std::log10(sigma / 200), limit = i - galaxies_.early_i(0, z);
    return 0.5 * std::erfc((mean - limit) / (p.lens_magnitude_scatter * std::numbers::sqrt2));
  };
  return integral(p.lens_z_min, p.lens_z_max, 120, [&](double z) {
    return galaxies_.cosmology().volume_mpc3_deg2(z) * integral(p.sigma_min_km_s, p.sigma_max_km_s, 120, [&](double sigma) {
             return galaxies_per_dispersion(p, sigma) * (brighter(sigma, z, faintest_i) - brighter(sigma, z, brightest_i));
           });
  });
}

double DeflectorLaw::greatest_group_radius(double sigma_km_s) const {
  return einstein_radius_arcsec(std::hypot(sigma_km_s, galaxy_sigma_max), 1);
}

void DeflectorLaw::tabulate_groups() {
  const Population& p = galaxies_.population();
  const double z_step = (group_z_max(p) - p.lens_z_min) / redshift_steps,
               sigma_step = (p.group_sigma_max_km_s - p.group_sigma_min_km_s) / dispersion_steps;
  if (z_step <= 0) return;
  double sum = 0;
  for (int j = 0; j < redshift_steps; ++j) {
    const double z = p.lens_z_min + (j + 0.5) * z_step, volume = galaxies_.cosmology().volume_mpc3_deg2(z) * z_step;
    for (int k = 0; k < dispersion_steps; ++k) {
      const double sigma = p.group_sigma_min_km_s + (k + 0.5) * sigma_step, radius = greatest_group_radius(sigma);
      sum += p.group_abundance * halos_.per_dispersion(sigma, z) * sigma_step * volume * radius * radius;
      group_sums_.push_back(sum);
    }
  }
  group_weight_ = sum;
  const auto steps = static_cast<std::ptrdiff_t>(group_sums_.size());
  for (std::ptrdiff_t k = 0; k < steps; ++k) {
    const double at = sum * static_cast<double>(k) / static_cast<double>(steps);
    group_guide_.push_back(static_cast<int>(std::upper_bound(group_sums_.begin(), group_sums_.end() - 1, at) - group_sums_.begin()));
  }
}

double DeflectorLaw::greatest_part(double sigma_km_s, double galaxy_sigma_km_s) {
  const double halo = sigma_km_s * sigma_km_s;
  return (halo + galaxy_sigma_km_s * galaxy_sigma_km_s) / (halo + galaxy_sigma_max * galaxy_sigma_max);
}

double DeflectorLaw::draw_group_galaxy_sigma(RandomStream& random) const {
  const Population& p = galaxies_.population();
  return draw_truncated_normal(p.group_galaxy_sigma_km_s, p.group_galaxy_sigma_scatter_km_s, galaxy_sigma_min, galaxy_sigma_max, random);
}

Group DeflectorLaw::group_of(double sigma_km_s, RandomStream& random) const {
  return group_of(sigma_km_s, draw_group_galaxy_sigma(random), random);
}

Group DeflectorLaw::group_of(double sigma_km_s, double galaxy_sigma_km_s, RandomStream& random) const {
  const Population& p = galaxies_.population();
  return {.sigma_km_s = sigma_km_s,
          .core_kpc = p.group_core_kpc * std::pow(10, random.normal(0, p.group_core_scatter_dex)),
          .ellipticity = random.uniform(0, p.group_ellipticity_max),
          .galaxy_sigma_km_s = galaxy_sigma_km_s};
}

DeflectorLaw::Place DeflectorLaw::draw_group(RandomStream& random) const {
  const Population& p = galaxies_.population();
  const double u = random.uniform();
  int cell = group_guide_[static_cast<std::size_t>(u * static_cast<double>(group_guide_.size()))];
  while (group_sums_[static_cast<std::size_t>(cell)] <= u * group_weight_ && cell + 1 < redshift_steps * dispersion_steps) ++cell;
  const double z_step = (group_z_max(p) - p.lens_z_min) / redshift_steps,
               sigma_step = (p.group_sigma_max_km_s - p.group_sigma_min_km_s) / dispersion_steps;
  const int z_cell = cell / dispersion_steps, sigma_cell = cell % dispersion_steps;
  const double z = p.lens_z_min + (z_cell + random.uniform()) * z_step,
               sigma = p.group_sigma_min_km_s + (sigma_cell + random.uniform()) * sigma_step;
  return {z, sigma};
}

GroupRadii DeflectorLaw::radii(const Group& group, double z, double efficiency) const {
  GroupRadii out{.galaxy_arcsec = einstein_radius_arcsec(group.galaxy_sigma_km_s, efficiency),
                 .halo_arcsec = einstein_radius_arcsec(group.sigma_km_s, efficiency),
                 .core_arcsec = group.core_kpc * galaxies_.cosmology().arcsec_of_kpc(z)};
  out.theta_e_arcsec = group_einstein_radius(out.galaxy_arcsec, out.halo_arcsec, out.core_arcsec);
  return out;
}

/// Radii of a group go nearly as the efficiency: they are tabulated at one.
void DeflectorLaw::tabulate_radii() {
  const Population& p = galaxies_.population();
  constexpr double efficiency = 0.6;
  constexpr int fine = 1000;
  group_radii_.assign(static_cast<std::size_t>(radii_redshifts * radii_steps), 0.0);
  const double width = (p.group_sigma_max_km_s - p.group_sigma_min_km_s) / fine;
  for (int j = 0; j < radii_redshifts && p.group_abundance > 0; ++j) {
    const double z = std::max(0.01, j * radii_redshift_step);
    if (z > group_z_max(p) + radii_redshift_step) break;
    for (int k = 0; k < fine; ++k) {
      const double sigma = p.group_sigma_min_km_s + (k + 0.5) * width;
      const Group group{
          .sigma_km_s = sigma, .core_kpc = p.group_core_kpc, .ellipticity = 0, .galaxy_sigma_km_s = p.group_galaxy_sigma_km_s};
      const int bin = static_cast<int>(radii(group, z, efficiency).theta_e_arcsec / efficiency / radii_step_arcsec);
      if (bin < radii_steps)
        group_radii_[static_cast<std::size_t>(j * radii_steps + bin)] +=
            p.group_abundance * halos_.per_dispersion(sigma, z) * width / radii_step_arcsec;
    }
  }
  greatest_.assign(radii_steps, 0.0);
  double greatest = 0;
  for (int k = radii_steps - 1; k >= 0; --k) {
    for (int j = 0; j < radii_redshifts; ++j) {
      for (const double part : {0.01, 0.5, 0.99}) {
        const double radius = (k + part) * radii_step_arcsec;
        const Numbers here = numbers(j * radii_redshift_step, radius);
        greatest = std::max(greatest, (here.galaxies + here.groups) * radius);
      }
    }
    greatest_[static_cast<std::size_t>(k)] = greatest;
  }
}

DeflectorLaw::Numbers DeflectorLaw::numbers(double z, double radius_over_efficiency_arcsec) const {
  const Population& p = galaxies_.population();
  Numbers out;
  const double sigma = std::sqrt(radius_over_efficiency_arcsec / einstein_radius_arcsec(1, 1));
  if (sigma >= p.sigma_min_km_s && sigma <= p.sigma_max_km_s)
    out.galaxies = galaxies_per_dispersion(p, sigma) * sigma / (2 * radius_over_efficiency_arcsec);
  // A source just behind its deflector has any radius over efficiency.
  if (!(radius_over_efficiency_arcsec < radii_steps * radii_step_arcsec) || z > group_z_max(p)) return out;
  const int bin = std::min(radii_steps - 1, static_cast<int>(radius_over_efficiency_arcsec / radii_step_arcsec));
  const double at = std::clamp(z / radii_redshift_step, 0.0, radii_redshifts - 1.001);
  const int j = static_cast<int>(at);
  const auto tabulated = [&](int row) { return group_radii_[static_cast<std::size_t>(row * radii_steps + bin)]; };
  out.groups = tabulated(j) + (at - j) * (tabulated(j + 1) - tabulated(j));
  return out;
}

double DeflectorLaw::greatest_numbers_times_radius(double theta_e_arcsec) const {
  return greatest_[static_cast<std::size_t>(std::clamp(theta_e_arcsec / radii_step_arcsec, 0.0, radii_steps - 1.0))];
}

}  // namespace lensfind::population
