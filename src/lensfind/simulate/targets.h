#pragma once

#include <mutex>
#include <vector>

#include "lensfind/simulate/lens_sample.h"

namespace lensfind::simulate {

/// What a target of the survey is like before its light is drawn: an early type and what stands about it.
struct Host {
  population::EarlyType galaxy;
  double group_sigma_km_s = 0;  ///< of the group whose brightest galaxy it is; 0: of none
  std::vector<population::Member> members;
};

/// Hosts as the lenses that the survey keeps have them: redshift, dispersion, magnitude and group are those of one of 300 lenses, drawn
/// when first asked for; shape, colours and members are drawn anew. So neither brightness nor surroundings tell non-lenses from lenses.
/// Draws from any thread.
class TargetSample {
 public:
  TargetSample(const population::GalaxySample& galaxies, const LensSample& lenses, const Survey& survey);

  /// By the survey's nonlens_magnitudes: like a lens's, or an early type down to a magnitude as galaxies are counted.
  [[nodiscard]] Host draw(double faintest_i, int size, render::Renderer& renderer, RandomStream& random) const;

 private:
  struct Seed {
    double z, sigma_km_s, absolute_r, group_sigma_km_s;
  };
  void fill(render::Renderer& renderer) const;

  const population::GalaxySample& galaxies_;
  const LensSample& lenses_;
  const Survey& survey_;
  mutable std::once_flag filled_;
  mutable std::vector<Seed> seeds_;
};

}  // namespace lensfind::simulate
