#pragma once

#include "lensfind/population/deflector_law.h"
#include "lensfind/simulate/conditions.h"
#include "lensfind/simulate/pair_cells.h"

namespace lensfind::simulate {

/// A deflector and a source behind it, before it is known where the source stands and whether a survey sees a lens.
struct LensCandidate {
  population::EarlyType deflector;  ///< its mass has the Einstein radius of the galaxy alone
  population::LateType source;
  double theta_e_arcsec = 0;  ///< of all mass within it but satellites'
  double efficiency = 0;      ///< D_ls / D_s
  population::Group group;    ///< sigma_km_s is 0 where the deflector is a galaxy by itself
  population::GroupRadii radii;

  bool quasar = false;  ///< the source holds one

  [[nodiscard]] bool in_group() const { return group.sigma_km_s > 0; }
  /// A group's halo about a centre; none where the deflector is a galaxy by itself.
  [[nodiscard]] std::vector<render::CoredHalo> halos(render::Point centre) const;
};

/// Whether arcs and deflector come apart (Collett 2015).
bool is_resolved(const population::Population& population, double theta_e_arcsec, double source_radius_arcsec, double seeing_fwhm_arcsec);

/// Draws deflectors and sources, each pair as often as there is area of the sky behind the deflector; or with Einstein radii uniform
/// between two limits. Immutable; draws from any thread.
class CandidateLaw {
 public:
  CandidateLaw(const population::GalaxySample& galaxies, const Survey& survey);
  CandidateLaw(const CandidateLaw&) = delete;  // its targets refer to its deflectors
  CandidateLaw& operator=(const CandidateLaw&) = delete;

  /// False where the pair is none: the source in front, the deflector no target, arcs within the seeing. `theta_e_arcsec`: the Einstein
  /// radius that the uniform law wants, otherwise without meaning.
  [[nodiscard]] bool draw(LensCandidate& candidate, const Conditions& conditions, double theta_e_arcsec, RandomStream& random) const;
  /// From the uniform law.
  [[nodiscard]] double draw_radius(RandomStream& random) const;
  [[nodiscard]] const population::DeflectorLaw& deflectors() const { return deflectors_; }
  /// Tries a square degree: of so many draws, each of them one place of a source in the square of 2 x `source_reach` Einstein radii, the
  /// kept ones are the lenses in the sky, where each counts as draws_a_try(). 0 for the uniform law, which says nothing of numbers.
  [[nodiscard]] double tries_deg2(double source_reach) const;
  /// As many of them does a call of draw() stand for: what it leaves out beforehand depends on the seeing.
  [[nodiscard]] double draws_a_try(const Conditions& conditions) const;

 private:
  struct Drawn {
    double z, sigma, absolute_r, source_i, source_z;
  };
  [[nodiscard]] bool is_target(double absolute_r, double z) const;
  [[nodiscard]] bool draw_source(Drawn& drawn, LensCandidate& candidate, RandomStream& random) const;
  [[nodiscard]] bool draw_galaxy(Drawn& drawn, LensCandidate& candidate, const PairCells::Level& level, RandomStream& random) const;
  [[nodiscard]] bool draw_group(Drawn& drawn, LensCandidate& candidate, double least_radius_arcsec, RandomStream& random) const;
  [[nodiscard]] double least_radius(const Conditions& conditions) const;
  [[nodiscard]] double galaxy_weight(const PairCells::Level& level) const;
  [[nodiscard]] double group_weight() const;
  [[nodiscard]] bool draw_uniform(Drawn& drawn, LensCandidate& candidate, double theta_e_arcsec, RandomStream& random) const;

  const population::GalaxySample& galaxies_;
  const Survey& survey_;
  population::DeflectorLaw deflectors_;
  TargetCells targets_;
  SourceCells sources_;
  PairCells pairs_;
  double brightest_part_;  ///< of the sources, those that are brighter than the brightest
};

}  // namespace lensfind::simulate
