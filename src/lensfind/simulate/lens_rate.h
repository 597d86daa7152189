#pragma once

#include <cstdint>

#include "lensfind/simulate/survey.h"

namespace lensfind::simulate {

/// How many lenses a survey shows on the sky, and among how many galaxies.
struct LensRate {
  double lenses_deg2 = 0, uncertainty_deg2 = 0;    ///< kept ones a square degree; the deviation that comes from the number of draws
  double groups_fraction = 0;                      ///< of the lenses, those in groups
  double early_types_deg2 = 0, galaxies_deg2 = 0;  ///< targets of the survey's magnitudes: early types, and all by the counts
};

/// Draws `lenses` lenses and counts the tries, of which there is a known number a square degree: galaxies by their velocity dispersion
/// function, groups by the halos', sources by their counts, each place behind each of them. Throws Error for the uniform law, which says
/// nothing of numbers.
LensRate lens_rate(const Survey& survey, int lenses = 400, std::uint64_t seed = 0);

/// The survey as it is for a piece of sky: targets as many of each magnitude as there are galaxies, of kinds as often as they are found.
/// `early_fraction`: of early types among them. Ring galaxies are 1 in 1000 (Madore et al. 2009 and Fernandez et al. 2021 have fewer and
/// more), mergers 2 in 100 (Lotz et al. 2011), arms are seen in a third of late types, edges in a tenth.
Survey survey_of_sky(Survey survey, double early_fraction);

}  // namespace lensfind::simulate
