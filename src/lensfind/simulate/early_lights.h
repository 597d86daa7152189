#pragma once

#include <vector>

#include "lensfind/population/galaxy_sample.h"
#include "lensfind/population/members.h"
#include "lensfind/simulate/survey.h"

namespace lensfind::simulate {

/// Light of a profile with an i magnitude and colours, in the survey's bands; the profile is moved by `centre`.
render::Light light_of(render::Sersic profile, render::Point centre, const Survey& survey, double i, const population::Colours& colours);
/// Colours redder in g-r by so much, by half of it in r-i and less beyond.
population::Colours redder(const population::Colours& colours, double by);
/// Colours `part` of the way from one to the other.
population::Colours blend(const population::Colours& from, const population::Colours& to, double part);
/// The magnitude of a part of the light of magnitude i.
double magnitude_of_part(double i, double fraction);

/// What an early type looks like in detail: a spheroid bluer outwards (lens_colour_gradient), or a bulge and a disk seen from any side
/// (lens_disk_fraction), some with a dust lane (lens_dust_fraction). The total light is the galaxy's, in each band.
std::vector<render::Light> early_lights(const population::EarlyType& galaxy, render::Point centre, const Survey& survey,
                                        RandomStream& random);
/// A spheroid bluer outwards: the profile, and an exponential envelope beyond it of a part of the light.
std::vector<render::Light> graded_spheroid(const population::EarlyType& galaxy, render::Point centre, const Survey& survey);
/// A lane of dust across the middle of a galaxy, as light that is missing: nowhere more than 60% of what is there, and more in blue bands.
render::Light dust_lane(const render::Sersic& body, const std::vector<double>& flux, const Survey& survey, RandomStream& random);
/// The light of members where they stand about a target's centre, one profile each.
std::vector<render::Light> member_lights(const std::vector<population::Member>& members, render::Point centre, const Survey& survey);

}  // namespace lensfind::simulate
