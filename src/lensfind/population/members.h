#pragma once

#include <vector>

#include "lensfind/population/galaxy_sample.h"

namespace lensfind::population {

/// A galaxy of the same group as a target: an early type with light and mass of its own, both at their place from the target.
struct Member {
  EarlyType galaxy;
  render::Point offset_arcsec;
};

/// Red galaxies around a target: as many as clusters of the halo's dispersion have next to their core (richness()) and more of them nearer
/// to the centre (members_over_core()), with magnitudes of a Schechter function of slope -0.9 about the red sequence's m* down to 5 mag
/// fainter (Hansen et al. 2009), colours on the target's red sequence, which is bluer by .03 in g-r a magnitude (Hogg et al. 2004), and
/// sizes and dispersions of their luminosity. Immutable.
class MemberSample {
 public:
  explicit MemberSample(const GalaxySample& galaxies);

  /// Within a square of so many arcsec on either side of the target; fainter than it. `sigma_km_s`: of the halo around it. None fainter
  /// than `faintest_i`.
  [[nodiscard]] std::vector<Member> draw(const EarlyType& target, double sigma_km_s, double half_side_arcsec, double faintest_i,
                                         RandomStream& random) const;
  /// How many a square arcsec are expected next to the core, of all magnitudes, at a redshift.
  [[nodiscard]] double expected_arcsec2(double sigma_km_s, double z) const;

 private:
  const GalaxySample& galaxies_;
  TabulatedDensity magnitude_;               ///< from m*
  TabulatedDensity log_radius_;              ///< ln of the distance from the centre in Mpc, of members_over_core()
  double per_bright_;                        ///< members for each that is brighter than .2 L*
  std::vector<double> log_sigma_, density_;  ///< brighter than .2 L* next to the centre, Mpc^-2, by ln of the dispersion
};

}  // namespace lensfind::population
