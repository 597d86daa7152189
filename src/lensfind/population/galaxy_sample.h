#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/random.h"
#include "lensfind/population/cosmology.h"
#include "lensfind/population/distributions.h"
#include "lensfind/population/population.h"
#include "lensfind/render/scene.h"

namespace lensfind::population {

/// Observed AB colours of a galaxy.
struct Colours {
  double g_r = 0, r_i = 0, i_z = 0, z_y = 0, y_j = 0, j_h = 0;
};

/// Of a star of the main sequence at high galactic latitude: bluer than g-r = 1.2 on the locus of Yuan et al. (2015) at [Fe/H] = -0.5, to
/// .01 mag in r-i and i-z; M dwarfs, of one g-r, anywhere along theirs; in the infrared about as Covey et al. (2007).
Colours draw_star_colours(RandomStream& random);

/// AB magnitude in a band (g, r, i, z, VIS, Y, J or H, the last three those of Euclid's NISP) of a galaxy with the given i magnitude.
/// Throws Error for another band.
double magnitude(const std::string& band, double i, const Colours& colours);
/// Fluxes 10^(-0.4 (m - zero point)) a band.
std::vector<double> fluxes(const std::vector<std::string>& bands, const std::vector<double>& zero_points, double i, const Colours& colours);

/// An early-type galaxy: what it looks like and how its mass is shaped.
struct EarlyType {
  double z = 0, sigma_km_s = 0, i = 0, absolute_r = 0;
  Colours colours;
  render::Sersic light;            ///< centred at the origin
  render::PowerLawEllipsoid mass;  ///< its Einstein radius is set by whoever knows the source
};

/// A star-forming galaxy.
struct LateType {
  double z = 0, i = 0;
  Colours colours;
  render::Sersic light;  ///< centred at the origin
};

/// Draws galaxies from the population's laws. Immutable; draws from any thread.
class GalaxySample {
 public:
  /// No source's redshift is less.
  static constexpr double nearest_source = 0.02;

  explicit GalaxySample(const Population& population);

  [[nodiscard]] const Population& population() const { return population_; }
  [[nodiscard]] const Cosmology& cosmology() const { return cosmology_; }

  /// Early type of given dispersion and redshift.
  [[nodiscard]] EarlyType early_type(double sigma_km_s, double z, RandomStream& random) const;
  /// The same in two steps, so that an unwanted magnitude costs little: absolute r magnitude of a dispersion; the i magnitude that it
  /// gives; the rest of the galaxy.
  [[nodiscard]] double early_absolute_r(double sigma_km_s, RandomStream& random) const;
  [[nodiscard]] double mean_early_absolute_r(double sigma_km_s) const;
  [[nodiscard]] double early_i(double absolute_r, double z) const;
  [[nodiscard]] EarlyType early_type(double sigma_km_s, double z, double absolute_r, RandomStream& random) const;
  /// The dispersion whose galaxies have an absolute r magnitude on average.
  [[nodiscard]] double dispersion_of(double absolute_r) const;
  /// i magnitude of an L* early type.
  [[nodiscard]] double early_m_star_i(double z) const;
  /// Early type from the dispersion function and the volume, between lens_i_brightest and a faintest i magnitude as a survey selects its
  /// targets.
  [[nodiscard]] EarlyType selected_early_type(double faintest, RandomStream& random) const;
  /// Early type from the dispersion function and the volume (at `z` where it is known) whose magnitude in `band` lies within .2 of the
  /// given; nothing where 20,000 draws hold none.
  [[nodiscard]] std::optional<EarlyType> early_type_like(const std::string& band, double magnitude_in_band, std::optional<double> z,
                                                         RandomStream& random) const;
  /// Star-forming galaxy of given i magnitude; its redshift from the counts' n(z | i).
  [[nodiscard]] LateType late_type(double i, RandomStream& random) const;
  /// The same in two steps: a redshift from n(z | i), and the galaxy of that redshift. The counts' fit is to galaxies brighter than i:
  /// those of i have the derivative of N(<i) p(z | z0(i)). Brighter than where z0 is .09, distances are as in Euclidean space, ~ 10^(.2 i).
  [[nodiscard]] double late_redshift(double i, RandomStream& random) const;
  /// What late_redshift() draws from, to a factor that depends on i alone; 0 where it draws nothing.
  [[nodiscard]] double late_redshift_density(double i, double z) const;
  [[nodiscard]] LateType late_type(double i, double z, RandomStream& random) const;
  /// i magnitude between two limits from the counts, N ~ 10^(slope i).
  [[nodiscard]] double counted_magnitude(double brightest, double faintest, double slope, RandomStream& random) const;

 private:
  Population population_;
  Cosmology cosmology_;
  TabulatedDensity dispersion_, redshift_;
};

}  // namespace lensfind::population
