#pragma once

#include <vector>

#include "lensfind/population/cosmology.h"

namespace lensfind::population {

/// How much structure there is, beside the Cosmology's own numbers: defaults of Planck (Planck Collaboration 2020).
struct Structure {
  double hubble_km_s_mpc = 70, omega_matter = 0.3;
  double sigma_8 = 0.81, spectral_index = 0.965, omega_baryon = 0.049;
};

/// Halos of groups and clusters: how many there are of a mass (Tinker et al. 2008, 200 times the critical density, with the transfer
/// function of Eisenstein & Hu 1998 without wiggles) and of a velocity dispersion (Evrard et al. 2008). To about 5% of a program that does
/// the same with wiggles.
class HaloFunction {
 public:
  explicit HaloFunction(const Structure& structure);

  /// dn / d ln M in comoving Mpc^-3, of halos of M_200c solar masses at redshift 0 to 2.5; masses of 1e12 to 1e16.
  [[nodiscard]] double per_log_mass(double mass_solar, double z) const;
  /// dn / d sigma in comoving Mpc^-3 (km/s)^-1, of the dark matter's dispersion along a line of sight.
  [[nodiscard]] double per_dispersion(double sigma_km_s, double z) const;
  /// sigma = 1082.9 km/s (h(z) M_200c / 1e15)^0.3361, h(z) = H(z) / (100 km/s/Mpc) (Evrard et al. 2008).
  [[nodiscard]] double dispersion(double mass_solar, double z) const;
  /// Its inverse, solar masses.
  [[nodiscard]] double mass(double sigma_km_s, double z) const;

 private:
  [[nodiscard]] double expansion(double z) const;
  [[nodiscard]] double growth(double z) const;
  [[nodiscard]] double density_scatter(double log_mass) const;  ///< of spheres at z = 0; ln solar masses

  Structure structure_;
  std::vector<double> scatter_;  ///< ln sigma(M) on a grid of ln M
};

/// Members of a cluster brighter than .2 L* within R_lambda of it: 20 at 480 km/s, as (sigma / 480)^2.29. From the masses of clusters of a
/// richness (Simet et al. 2017) and the dispersions of halos of a mass (Evrard et al. 2008), at z = .3.
double richness(double sigma_km_s);
/// Of them, how many a Mpc^2 (physical) stand next to the centre: the projected NFW profile with r_s = .15 / h Mpc and a core of .1 / h
/// Mpc within R_lambda = (lambda / 100)^.2 / h Mpc (Rykoff et al. 2012).
double central_members_mpc2(double richness, double hubble_km_s_mpc);
/// The members' profile so near the centre over that next to the core's edge: the core is of the cluster finder's filter and not of
/// clusters, whose galaxies follow the NFW profile or a steeper one down to 15 kpc of the brightest (Watson et al. 2010). Level within 10
/// kpc.
double members_over_core(double radius_mpc, double hubble_km_s_mpc);

}  // namespace lensfind::population
