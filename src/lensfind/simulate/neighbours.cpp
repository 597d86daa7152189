#include "lensfind/simulate/neighbours.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/simulate/early_lights.h"
#include "lensfind/simulate/noise.h"

namespace lensfind::simulate {
namespace {

/// Fraction of early types among field galaxies: about a third at i = 18, next to none at 25 (colour bimodality of the counts).
double early_fraction(double i) { return std::clamp(0.35 - 0.05 * (i - 18), 0.03, 0.35); }

/// How far the colours of field galaxies lie from the late types' tables, which are of faint blue sources, towards an early type's: the
/// mean. So that medians of g-r and r-i are those of genuine fields (a test).
double mean_redness(double i) { return std::clamp(0.37 - 0.15 * (i - 22.5), 0.06, 0.37); }

}  // namespace

FieldGalaxy field_galaxy(const population::GalaxySample& galaxies, const Survey& survey, double i, RandomStream& random) {
  const population::LateType late = galaxies.late_type(i, random);
  constexpr double reddest_z = 1.2;  // beyond, old galaxies are rare
  if (late.z > reddest_z) return {{late.light, fluxes(survey.bands, survey.output_zero_point, i, late.colours)}, late.z};
  population::EarlyType early = galaxies.early_type(150, std::max(late.z, 0.05), random);
  if (!random.chance(early_fraction(i)) || late.z > 1) {
    const population::Colours colours = blend(late.colours, early.colours, random.uniform(0, 2 * mean_redness(i)));
    return {{late.light, fluxes(survey.bands, survey.output_zero_point, i, colours)}, late.z};
  }
  // Its size follows from the magnitude that was counted, not from the dispersion.
  early.light.effective_radius_arcsec *= std::pow(10, -0.24 * (i - early.i));
  return {{early.light, fluxes(survey.bands, survey.output_zero_point, i, early.colours)}, early.z};
}

render::Light field_star(const Survey& survey, double i, RandomStream& random) {
  const render::Sersic point{.effective_radius_arcsec = 0.1 * survey.pixel_scale_arcsec, .index = 0.5};
  return {point, population::fluxes(survey.bands, survey.output_zero_point, i, population::draw_star_colours(random))};
}

double counted_arcmin2(const population::Population& p, double i) {
  return p.source_count_amplitude * std::pow(10, p.source_count_slope * (i - 25));
}

double faintest_seen(const Survey& survey) {
  double depth = 0;
  for (std::size_t b = 0; b < survey.bands.size(); ++b) {
    depth = std::max(depth, point_source_depth(band_noise(survey, b).background_rms, survey.output_zero_point[b], survey_psf(survey, b),
                                               survey.pixel_scale_arcsec));
  }
  return depth;
}

NeighbourSample::NeighbourSample(const population::GalaxySample& galaxies, const Survey& survey)
    : galaxies_{galaxies}, survey_{survey}, faintest_i_{faintest_seen(survey)} {
  // A survey of today shows some hundred.
  constexpr double max_arcmin2 = 20'000;
  const double shown = counted_arcmin2(survey.population, faintest_i_);
  if (shown <= max_arcmin2) return;
  throw Error{
      fmt::format("{}: a depth of {:.1f} mag shows {:.3g} galaxies a square arcmin", survey.name, faintest_i_, shown),
      fmt::format("at most {} can be drawn: give a smaller depth_5sigma, fewer exposures, or a lower source_count_slope", max_arcmin2)};
}

Neighbours NeighbourSample::draw(int size, RandomStream& random) const {
  const population::Population& p = survey_.population;
  const double half = (0.5 * size + 8) * survey_.pixel_scale_arcsec, inside = 0.5 * size * survey_.pixel_scale_arcsec,
               arcmin2 = 4 * half * half / 3600;
  const double density = counted_arcmin2(p, faintest_i_) - counted_arcmin2(p, p.neighbour_i_brightest);
  const auto galaxy_number = random.poisson(arcmin2 * std::max(0.0, density));
  const auto star_number = random.poisson(arcmin2 * p.star_density_arcmin2);
  Neighbours out;
  for (std::int64_t k = 0; k < galaxy_number + star_number; ++k) {
    render::Light light =
        k < galaxy_number
            ? field_galaxy(galaxies_, survey_,
                           galaxies_.counted_magnitude(p.neighbour_i_brightest, faintest_i_, p.source_count_slope, random), random)
                  .light
            : field_star(survey_, random.uniform(p.neighbour_i_brightest, faintest_star), random);
    light.profile.centre_arcsec = {random.uniform(-half, half), random.uniform(-half, half)};
    if (std::abs(light.profile.centre_arcsec.x) < inside && std::abs(light.profile.centre_arcsec.y) < inside) ++out.within;
    out.lights.push_back(std::move(light));
  }
  return out;
}

}  // namespace lensfind::simulate
