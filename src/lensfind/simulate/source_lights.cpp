#include "lensfind/simulate/source_lights.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lensfind/render/point_images.h"
#include "lensfind/simulate/early_lights.h"

namespace lensfind::simulate {

std::vector<render::Light> source_lights(const population::LateType& source, const Survey& survey, RandomStream& random) {
  const population::Population& p = survey.population;
  std::vector<render::Light> out{light_of(source.light, {}, survey, source.i, source.colours)};
  if (!survey.source_pictures.empty()) {
    out.front().image = survey.source_pictures[static_cast<std::size_t>(random.below(survey.source_pictures.size()))];
    out.front().profile.angle_rad = random.uniform(0, 2 * std::numbers::pi);
    return out;
  }
  if (p.source_knots_max < 1 || !random.chance(p.source_clumpy_fraction)) return out;
  const auto knots = 1 + random.below(static_cast<std::uint64_t>(p.source_knots_max));
  const double c = std::cos(source.light.angle_rad), s = std::sin(source.light.angle_rad), q = source.light.axis_ratio,
               radius = source.light.effective_radius_arcsec;
  for (std::uint64_t k = 0; k < knots; ++k) {
    // Uniform over the ellipse that holds three quarters of an exponential disk's light.
    const double r = 1.6 * radius * std::sqrt(random.uniform()), angle = random.uniform(0, 2 * std::numbers::pi);
    const double u = r * std::cos(angle) / std::sqrt(q), v = r * std::sin(angle) * std::sqrt(q);
    const render::Sersic knot{.effective_radius_arcsec = random.uniform(0.1, 0.25) * radius, .index = 0.5};
    const double part = p.source_knot_flux * random.uniform(0.4, 1.6);
    const render::Point offset{source.light.centre_arcsec.x + u * c - v * s, source.light.centre_arcsec.y + u * s + v * c};
    const population::Colours young = redder(source.colours, -random.normal(p.source_knot_colour, p.source_knot_colour_scatter));
    render::Light light = light_of(knot, offset, survey, magnitude_of_part(source.i, part), young);
    for (std::size_t b = 0; b < light.flux.size(); ++b) {
      light.flux[b] = std::min(light.flux[b], 0.5 * out.front().flux[b]);
      out.front().flux[b] -= light.flux[b];
    }
    out.push_back(std::move(light));
  }
  return out;
}

population::Colours quasar_colours(RandomStream& random) {
  return {random.normal(0.2, 0.15), random.normal(0.1, 0.1), 0.05, 0.1, 0.15, 0.15};
}

render::Sersic point_profile(const Survey& survey) { return {.effective_radius_arcsec = 0.1 * survey.pixel_scale_arcsec, .index = 0.5}; }

std::vector<render::Light> quasar_images(const render::Mass& mass, render::Point centre, double theta_e_arcsec, render::Point source,
                                         double i, const population::Colours& colours, const Survey& survey) {
  std::vector<render::Light> out;
  for (const render::PointImage& image : render::PointImageFinder{mass, centre, 3.5 * theta_e_arcsec}.solve(source)) {
    // Next to a critical line a point's magnification has no bound; a quasar's accretion disk has a size.
    const double magnification = std::min(image.magnification, 300.0);
    out.push_back(light_of(point_profile(survey), image.position, survey, magnitude_of_part(i, magnification), colours));
  }
  return out;
}

}  // namespace lensfind::simulate
