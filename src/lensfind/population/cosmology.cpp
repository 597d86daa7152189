#include "lensfind/population/cosmology.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lensfind::population {
namespace {

constexpr double light_speed_km_s = 299792.458, z_step = 0.002, z_max = 10;
constexpr double arcsec_a_radian = 180 * 3600 / std::numbers::pi;

double expansion(double omega_matter, double z) { return std::sqrt(omega_matter * std::pow(1 + z, 3) + 1 - omega_matter); }

}  // namespace

Cosmology::Cosmology(double hubble_km_s_mpc, double omega_matter)
    : hubble_distance_{light_speed_km_s / hubble_km_s_mpc}, omega_matter_{omega_matter} {
  comoving_.push_back(0);
  for (int i = 0; i < static_cast<int>(z_max / z_step) + 1; ++i) {
    const double z = i * z_step;  // Simpson's rule a step
    const double area =
        (1 / expansion(omega_matter, z) + 4 / expansion(omega_matter, z + z_step / 2) + 1 / expansion(omega_matter, z + z_step)) * z_step /
        6;
    comoving_.push_back(comoving_.back() + hubble_distance_ * area);
  }
}

double Cosmology::comoving_mpc(double z) const {
  const double at = std::clamp(z, 0.0, z_max) / z_step;
  const auto i = std::min(static_cast<std::size_t>(at), comoving_.size() - 2);
  const double rest = at - static_cast<double>(i);
  return comoving_[i] + rest * (comoving_[i + 1] - comoving_[i]);
}

double Cosmology::distance_modulus(double z) const { return 5 * std::log10(comoving_mpc(z) * (1 + z)) + 25; }

double Cosmology::lensing_efficiency(double z_lens, double z_source) const {
  return z_source <= z_lens ? 0 : 1 - comoving_mpc(z_lens) / comoving_mpc(z_source);
}

double Cosmology::relative_volume(double z) const {
  const double distance = comoving_mpc(z);
  return distance * distance / expansion(omega_matter_, z);
}

double Cosmology::volume_mpc3_deg2(double z) const {
  constexpr double square_degree = (std::numbers::pi / 180) * (std::numbers::pi / 180);
  return hubble_distance_ * relative_volume(z) * square_degree;
}

double Cosmology::arcsec_of_kpc(double z) const { return arcsec_a_radian / (1000 * angular_diameter_mpc(z)); }

double einstein_radius_arcsec(double sigma_km_s, double efficiency) {
  const double ratio = sigma_km_s / light_speed_km_s;
  return 4 * std::numbers::pi * ratio * ratio * efficiency * arcsec_a_radian;
}

}  // namespace lensfind::population
