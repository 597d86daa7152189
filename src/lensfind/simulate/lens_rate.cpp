#include "lensfind/simulate/lens_rate.h"

#include <cmath>

#include "lensfind/base/error.h"
#include "lensfind/base/parallel.h"
#include "lensfind/simulate/lens_sample.h"

namespace lensfind::simulate {

LensRate lens_rate(const Survey& survey, int lenses, std::uint64_t seed) {
  const population::Population& p = survey.population;
  const population::GalaxySample galaxies{p};
  const LensSample sample{galaxies, survey};
  const double tries_deg2 = sample.candidates().tries_deg2(source_reach);
  if (tries_deg2 == 0) {
    throw Error{survey.name + ": the uniform law of Einstein radii says nothing of the number of lenses",
                "use einstein_radius_law = \"velocity_dispersion\""};
  }
  // Bits that no cutout of a set and no target has.
  constexpr std::uint64_t stream = std::uint64_t{1} << 57;
  std::vector<double> tries(static_cast<std::size_t>(lenses));
  std::vector<char> in_group(tries.size());
  parallel_for(lenses, 0, [&](std::int64_t k) {
    thread_local render::Renderer renderer;
    RandomStream random{seed, Purpose::scene, stream | static_cast<std::uint64_t>(k)};
    const Conditions conditions = draw_conditions(survey, random);
    const LensSystem lens = sample.draw_unseen({}, conditions, 64, renderer, random);
    tries[static_cast<std::size_t>(k)] = lens.tries;
    in_group[static_cast<std::size_t>(k)] = lens.group.sigma_km_s > 0 ? 1 : 0;
  });
  double all = 0, groups = 0;
  for (std::size_t k = 0; k < tries.size(); ++k) {
    all += tries[k];
    groups += in_group[k];
  }
  LensRate out;
  out.lenses_deg2 = tries_deg2 * lenses / all;
  out.uncertainty_deg2 = out.lenses_deg2 / std::sqrt(lenses);
  out.groups_fraction = groups / lenses;
  out.early_types_deg2 = sample.candidates().deflectors().galaxies_deg2(p.lens_i_brightest, p.lens_i_faintest);
  const auto counted = [&](double i) { return 3600 * p.source_count_amplitude * std::pow(10, p.source_count_slope * (i - 25)); };
  out.galaxies_deg2 = counted(p.lens_i_faintest) - counted(p.lens_i_brightest);
  return out;
}

Survey survey_of_sky(Survey survey, double early_fraction) {
  population::Population& p = survey.population;
  const double late = 1 - early_fraction;
  p.nonlens_magnitudes = population::NonlensMagnitudes::counts;
  p.nonlens_i_faintest = p.lens_i_faintest;
  p.nonlens_kinds = {{"early_type", 0.7 * early_fraction},
                     {"lenticular", 0.3 * early_fraction},
                     {"disk", 0.53 * late},
                     {"spiral", 0.32 * late},
                     {"edge_on", 0.1 * late},
                     {"clumpy", 0.03 * late},
                     {"merger", 0.02},
                     {"ring", 0.001}};
  return survey;
}

}  // namespace lensfind::simulate
