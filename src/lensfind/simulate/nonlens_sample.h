#pragma once

#include <string>
#include <vector>

#include "lensfind/simulate/targets.h"

namespace lensfind::simulate {

/// A galaxy that is no lens, as a survey's selection lets it in.
struct NonLens {
  std::string kind;
  std::vector<render::Light> lights;  ///< the target's own
  std::vector<render::Light> around;  ///< other galaxies of its group
  double z = 0, i = 0;
  std::vector<double> magnitudes;  ///< a band
  double effective_radius_arcsec = 0, axis_ratio = 1, angle_rad = 0;
  double sigma_km_s = 0;        ///< 0: not known
  double group_sigma_km_s = 0;  ///< of the group whose brightest galaxy it is; 0: of none
  int members = 0;              ///< galaxies in `around`
};

struct NonLensKind;

/// Draws non-lenses of the kinds that the survey's file lists. Immutable; draws from any thread.
class NonLensSample {
 public:
  /// Throws Error for a kind that there is not.
  NonLensSample(const population::GalaxySample& galaxies, const LensSample& lenses, const Survey& survey);
  ~NonLensSample();

  [[nodiscard]] NonLens draw(render::Point centre, const Conditions& conditions, int size, render::Renderer& renderer,
                             RandomStream& random) const;

 private:
  const population::GalaxySample& galaxies_;
  const LensSample& lenses_;
  TargetSample targets_;
  const Survey& survey_;
  std::vector<NonLensKind> kinds_;
  std::vector<double> fractions_;  ///< a kind
};

}  // namespace lensfind::simulate
