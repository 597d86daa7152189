#pragma once

#include <optional>
#include <vector>

#include "lensfind/population/galaxy_sample.h"
#include "lensfind/simulate/survey.h"

namespace lensfind::simulate {

/// A source's components: one of the survey's pictures where it has any; else its body and, in a part of the sources, knots within it,
/// each bluer than the body by an amount of its own. Its flux is that of its magnitude.
std::vector<render::Light> source_lights(const population::LateType& source, const Survey& survey, RandomStream& random);

/// The colours of a quasar: its continuum is about f ~ frequency^-0.5, emission lines make them differ.
population::Colours quasar_colours(RandomStream& random);
/// A point, as narrow a Gaussian as the pixels can hold, without its place.
render::Sersic point_profile(const Survey& survey);
/// Images of a quasar at a position behind a mass, brightest first, of an unlensed i magnitude: points where they are seen, with their
/// magnified flux. Images within .3% of the grid of the centre are left out (render::PointImageFinder::solve).
std::vector<render::Light> quasar_images(const render::Mass& mass, render::Point centre, double theta_e_arcsec, render::Point source,
                                         double i, const population::Colours& colours, const Survey& survey);

}  // namespace lensfind::simulate
