#include "lensfind/simulate/targets.h"

#include <cmath>

namespace lensfind::simulate {

TargetSample::TargetSample(const population::GalaxySample& galaxies, const LensSample& lenses, const Survey& survey)
    : galaxies_{galaxies}, lenses_{lenses}, survey_{survey} {}

/// The same for every set of a survey: a cutout depends on its own seed and number alone.
void TargetSample::fill(render::Renderer& renderer) const {
  // A bit that no cutout of a set has.
  constexpr std::uint64_t number = 300, seed = 0, target_stream = std::uint64_t{1} << 58;
  for (std::uint64_t k = 0; k < number; ++k) {
    RandomStream random{seed, Purpose::scene, target_stream | k};
    const Conditions conditions = draw_conditions(survey_, random);
    const LensSystem lens = lenses_.draw_unseen({}, conditions, 64, renderer, random);
    seeds_.push_back({lens.deflector.z, lens.deflector.sigma_km_s, lens.deflector.absolute_r, lens.group.sigma_km_s});
  }
}

Host TargetSample::draw(double faintest_i, int size, render::Renderer& renderer, RandomStream& random) const {
  Host out;
  if (survey_.population.nonlens_magnitudes == population::NonlensMagnitudes::counts) {
    out.galaxy = galaxies_.selected_early_type(faintest_i, random);
  } else {
    std::call_once(filled_, [&] { fill(renderer); });
    const Seed& seed = seeds_[static_cast<std::size_t>(random.below(seeds_.size()))];
    out.group_sigma_km_s = seed.group_sigma_km_s;
    // About the seed, so that no two targets have one redshift.
    out.galaxy = galaxies_.early_type(seed.sigma_km_s, seed.z * std::exp(random.normal(0, 0.02)), seed.absolute_r, random);
    if (out.group_sigma_km_s > 0) out.galaxy.light.effective_radius_arcsec *= survey_.population.group_galaxy_size;
  }
  out.members = lenses_.members_about(out.galaxy, out.group_sigma_km_s, size, random);
  return out;
}

}  // namespace lensfind::simulate
