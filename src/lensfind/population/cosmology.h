#pragma once

#include <vector>

namespace lensfind::population {

/// Flat LambdaCDM: distances from a table of comoving distances (Hogg 1999), to 1e-6.
class Cosmology {
 public:
  Cosmology(double hubble_km_s_mpc, double omega_matter);

  [[nodiscard]] double comoving_mpc(double z) const;  ///< z of 0 to 10
  [[nodiscard]] double angular_diameter_mpc(double z) const { return comoving_mpc(z) / (1 + z); }
  [[nodiscard]] double distance_modulus(double z) const;
  /// D_ls / D_s; 0 where the source is not behind the lens.
  [[nodiscard]] double lensing_efficiency(double z_lens, double z_source) const;
  /// dV_c / dz, up to a constant factor.
  [[nodiscard]] double relative_volume(double z) const;
  /// dV_c / dz in comoving Mpc^3 a square degree.
  [[nodiscard]] double volume_mpc3_deg2(double z) const;
  [[nodiscard]] double arcsec_of_kpc(double z) const;  ///< angle of one kpc

 private:
  double hubble_distance_, omega_matter_;
  std::vector<double> comoving_;
};

/// Einstein radius in arcsec of an isothermal sphere, 4 pi (sigma / c)^2 D_ls / D_s.
double einstein_radius_arcsec(double sigma_km_s, double efficiency);

}  // namespace lensfind::population
