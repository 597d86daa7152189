#pragma once

#include <optional>
#include <vector>

#include "lensfind/population/distributions.h"
#include "lensfind/population/galaxy_sample.h"
#include "lensfind/population/halos.h"

namespace lensfind::population {

/// A group's or cluster's halo and its brightest galaxy.
struct Group {
  double sigma_km_s = 0;  ///< of the halo
  double core_kpc = 0;
  double ellipticity = 0;        ///< of the potential
  double galaxy_sigma_km_s = 0;  ///< of the brightest galaxy
};

/// How large the circles are in which the galaxy alone and galaxy and halo together hold a mean convergence of 1.
struct GroupRadii {
  double galaxy_arcsec = 0, halo_arcsec = 0;  ///< of isothermal spheres of the two dispersions
  double core_arcsec = 0;
  double theta_e_arcsec = 0;  ///< of both: theta = theta_galaxy + theta_halo theta / sqrt(core^2 + theta^2)
};

/// Einstein radius of a round isothermal galaxy in a round cored halo, a quartic's greatest root by Newton's method to 1e-9.
double group_einstein_radius(double galaxy_arcsec, double halo_arcsec, double core_arcsec);

/// Which deflectors stand in the sky, each weighted by the square of the greatest Einstein radius that it may have, so that whoever draws
/// takes it with (theta_E / that)^2 and has deflectors as often as there is area behind them. Galaxies come from the velocity dispersion
/// function (Choi et al. 2007), groups and clusters from the halos' (HaloFunction). A brightest galaxy counts in both. Immutable.
class DeflectorLaw {
 public:
  explicit DeflectorLaw(const GalaxySample& galaxies);

  /// Sum of (greatest Einstein radius)^2, arcsec^2 a square degree.
  [[nodiscard]] double galaxy_weight() const { return galaxy_weight_; }
  [[nodiscard]] double group_weight() const { return group_weight_; }

  /// Early types a square degree between two i magnitudes, by the dispersion function and the magnitudes of a dispersion.
  [[nodiscard]] double galaxies_deg2(double brightest_i, double faintest_i) const;

  /// Redshift and dispersion of a galaxy, weighted so.
  [[nodiscard]] double galaxy_redshift(RandomStream& random) const { return redshift_.draw(random); }
  [[nodiscard]] double galaxy_dispersion(RandomStream& random) const { return dispersion_.draw(random); }
  /// The same at a part of the law in [0, 1], of which so much lies below.
  [[nodiscard]] double galaxy_redshift_at(double part) const { return redshift_.quantile(part); }
  [[nodiscard]] double galaxy_dispersion_at(double part) const { return dispersion_.quantile(part); }
  /// A galaxy's is that of its dispersion behind everything.
  [[nodiscard]] static double greatest_galaxy_radius(double sigma_km_s) { return einstein_radius_arcsec(sigma_km_s, 1); }

  /// Redshift and halo of a group, weighted so.
  struct Place {
    double z = 0, sigma_km_s = 0;
  };
  [[nodiscard]] Place draw_group(RandomStream& random) const;
  /// Everything of a group but its dispersion; the same where that of its brightest galaxy has been drawn.
  [[nodiscard]] Group group_of(double sigma_km_s, RandomStream& random) const;
  [[nodiscard]] Group group_of(double sigma_km_s, double galaxy_sigma_km_s, RandomStream& random) const;
  [[nodiscard]] double draw_group_galaxy_sigma(RandomStream& random) const;
  /// A group's Einstein radius behind everything is no greater than this part of greatest_group_radius(): that of no core.
  [[nodiscard]] static double greatest_part(double sigma_km_s, double galaxy_sigma_km_s);
  [[nodiscard]] double greatest_group_radius(double sigma_km_s) const;
  [[nodiscard]] GroupRadii radii(const Group& group, double z, double efficiency) const;
  /// How many deflectors at redshift z have a given Einstein radius over D_ls / D_s: comoving Mpc^-3 arcsec^-1, each counted once.
  struct Numbers {
    double galaxies = 0, groups = 0;
  };
  [[nodiscard]] Numbers numbers(double z, double radius_over_efficiency_arcsec) const;
  /// No deflector of an Einstein radius has more numbers times radius over D_ls / D_s, whatever the redshifts: what to draw against where
  /// the Einstein radius is given, since d(theta_E / efficiency) = d theta_E / efficiency.
  [[nodiscard]] double greatest_numbers_times_radius(double theta_e_arcsec) const;

 private:
  void tabulate_groups();
  void tabulate_radii();

  const GalaxySample& galaxies_;
  HaloFunction halos_;
  TabulatedDensity dispersion_, redshift_;
  double galaxy_weight_ = 0, group_weight_ = 0;
  std::vector<double> group_sums_;   ///< cumulative, over redshift and dispersion
  std::vector<int> group_guide_;     ///< where the search for a draw begins, for each of equal steps of the sum
  std::vector<double> group_radii_;  ///< comoving Mpc^-3 arcsec^-1, over redshift and radius over efficiency
  std::vector<double> greatest_;     ///< of numbers times radius, from a radius on
};

}  // namespace lensfind::population
