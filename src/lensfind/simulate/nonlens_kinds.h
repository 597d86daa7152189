#pragma once

#include <numbers>
#include <span>

#include "lensfind/simulate/early_lights.h"
#include "lensfind/simulate/nonlens_sample.h"
#include "lensfind/simulate/patterns.h"
#include "lensfind/simulate/targets.h"

namespace lensfind::simulate {

constexpr double full_turn = 2 * std::numbers::pi;

/// What a non-lens is drawn from.
struct NonLensDraw {
  const population::GalaxySample& galaxies;
  const LensSample& lenses;
  const TargetSample& targets;
  const Survey& survey;
  render::Point centre;
  const Conditions& conditions;
  int size;
  render::Renderer& renderer;
  RandomStream& random;

  /// A component at `offset_arcsec` from the target's centre.
  [[nodiscard]] render::Light light(render::Sersic profile, double i, const population::Colours& colours,
                                    render::Point offset_arcsec = {}) const;
  /// A canvas about the target's centre for structures as fine as the survey shows.
  [[nodiscard]] Canvas canvas(double half_side_arcsec) const;
  /// What was drawn on a canvas, as light of a magnitude.
  [[nodiscard]] render::Light light(const Canvas& canvas, double i, const population::Colours& colours) const;
  /// The galaxy that the survey has as a target here, by its nonlens_magnitudes.
  [[nodiscard]] Host host(double faintest_i) const;
  /// As faint as the kinds that are rare among targets are selected.
  [[nodiscard]] double faintest_confuser() const;
  /// Anything from 0 to 1 whose mean is the survey's confuser_hardness: whether this look-alike is one of the hard ones.
  [[nodiscard]] bool hard() const { return random.chance(survey.population.confuser_hardness); }
};

struct NonLensKind {
  const char* name;
  NonLens (*draw)(const NonLensDraw&);
};

/// Galaxies by themselves: elliptical (a lens's deflector), early_type (as the survey selects it), lenticular, disk, and field: any galaxy
/// or star of the sky.
std::span<const NonLensKind> galaxy_kinds();
/// Galaxies with structure: edge_on, spiral, clumpy, ring.
std::span<const NonLensKind> structured_kinds();
/// Groups and other things that look like lenses: merger, companions, tangential, satellites, stars, artefact.
std::span<const NonLensKind> confuser_kinds();

/// A target and its surroundings, without light.
NonLens described(const Host& host);
/// A red galaxy as the survey selects it, with its light and its surroundings.
NonLens plain_early_type(const NonLensDraw& draw);
NonLens plain_early_type(const NonLensDraw& draw, const Host& host);
/// A star-forming galaxy and the surroundings that a target of the survey has.
struct LateTarget {
  population::LateType galaxy;
  population::Colours bulge;  ///< redder than the galaxy
  NonLens out;                ///< without light
};
/// As bright as the survey's targets are: as a lens's deflector, and in `nonlens_as_far` of the cases at such a one's redshift, or as
/// galaxies are counted down to `faintest_i`.
LateTarget late_target(const NonLensDraw& draw, double faintest_i);
/// Adds to the target's light an exponential disk and a bulge that hold `light_fraction` of the galaxy's.
void add_disk_and_bulge(const NonLensDraw& draw, LateTarget& target, double light_fraction, double bulge_fraction);
/// A star-forming galaxy of magnitude i beside a red one, at its redshift in `nonlens_as_far` of the cases.
population::LateType late_type_beside(const NonLensDraw& draw, double i, double z, const population::Colours& red);

}  // namespace lensfind::simulate
