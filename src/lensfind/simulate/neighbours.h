#pragma once

#include <vector>

#include "lensfind/population/galaxy_sample.h"
#include "lensfind/simulate/survey.h"

namespace lensfind::simulate {

/// What happens to lie near a target on the sky; drawn alike for lenses and non-lenses.
struct Neighbours {
  std::vector<render::Light> lights;
  int within = 0;  ///< the cutout, of those
};

/// Stars are counted (star_density_arcmin2) and drawn from neighbour_i_brightest to this i magnitude, uniform in it.
constexpr double faintest_star = 24;

/// A galaxy of magnitude i as the field has it, at the origin: early types in a third at i = 18, next to none at 25.
struct FieldGalaxy {
  render::Light light;
  double z = 0;
};
FieldGalaxy field_galaxy(const population::GalaxySample& galaxies, const Survey& survey, double i, RandomStream& random);
/// A star of magnitude i at the origin: a point, as narrow a Gaussian as the pixels can hold.
render::Light field_star(const Survey& survey, double i, RandomStream& random);
/// Galaxies a square arcmin brighter than i.
double counted_arcmin2(const population::Population& population, double i);

/// The deepest point-source depth of the survey's bands: nothing fainter is drawn near a target.
double faintest_seen(const Survey& survey);

/// Draws the neighbours of a survey's targets. Immutable; draws from any thread.
class NeighbourSample {
 public:
  /// Throws Error where the survey is so deep that it shows more than 20,000 galaxies a square arcmin.
  NeighbourSample(const population::GalaxySample& galaxies, const Survey& survey);

  /// Galaxies and stars in Poisson numbers down to the survey's depth, uniform over a square of the cutout and 8 pixels more on every side.
  [[nodiscard]] Neighbours draw(int size, RandomStream& random) const;

 private:
  const population::GalaxySample& galaxies_;
  const Survey& survey_;
  double faintest_i_;
};

}  // namespace lensfind::simulate
