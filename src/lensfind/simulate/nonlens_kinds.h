#pragma once

#include <span>

#include "lensfind/simulate/lens_sample.h"
#include "lensfind/simulate/nonlens_sample.h"

namespace lensfind::simulate {

/// What a non-lens is drawn from.
struct NonLensDraw {
  const population::GalaxySample& galaxies;
  const LensSample& lenses;
  const Survey& survey;
  render::Point centre;
  const Conditions& conditions;
  int size;
  render::Renderer& renderer;
  RandomStream& random;

  /// A component at `offset_arcsec` from the target's centre.
  [[nodiscard]] render::Light light(render::Sersic profile, double i, const population::Colours& colours,
                                    render::Point offset_arcsec = {}) const;
};

struct NonLensKind {
  const char* name;
  NonLens (*draw)(const NonLensDraw&);
};

/// Galaxies by themselves: elliptical, lenticular, disk, edge_on, spiral, ring.
std::span<const NonLensKind> galaxy_kinds();
/// Groups and other things that look like lenses: merger, companions, satellites, stars, artefact.
std::span<const NonLensKind> confuser_kinds();

/// A red galaxy as the survey selects it, with its light (one Sersic profile).
NonLens plain_early_type(const NonLensDraw& draw);

}  // namespace lensfind::simulate
