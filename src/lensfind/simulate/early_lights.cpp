#include "lensfind/simulate/early_lights.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lensfind::simulate {
namespace {

/// Of an envelope: part of the light in i, radius over the galaxy's, and how much bluer in g-r it is for a gradient of 1 mag a dex in all
/// light between .5 and 2 effective radii (the test measures it).
constexpr double envelope_part = 0.25, envelope_radius = 1.8, envelope_colour = 1.6;

}  // namespace

render::Light light_of(render::Sersic profile, render::Point centre, const Survey& survey, double i, const population::Colours& colours) {
  profile.centre_arcsec = profile.centre_arcsec + centre;
  return {profile, fluxes(survey.bands, survey.output_zero_point, i, colours), nullptr};
}

population::Colours redder(const population::Colours& colours, double by) {
  return {colours.g_r + by,       colours.r_i + 0.5 * by, colours.i_z + 0.3 * by,
          colours.z_y + 0.2 * by, colours.y_j + 0.2 * by, colours.j_h + 0.1 * by};
}

population::Colours blend(const population::Colours& from, const population::Colours& to, double part) {
  const auto mixed = [part](double a, double b) { return a + part * (b - a); };
  return {mixed(from.g_r, to.g_r), mixed(from.r_i, to.r_i), mixed(from.i_z, to.i_z),
          mixed(from.z_y, to.z_y), mixed(from.y_j, to.y_j), mixed(from.j_h, to.j_h)};
}

double magnitude_of_part(double i, double fraction) { return i - 2.5 * std::log10(fraction); }

std::vector<render::Light> graded_spheroid(const population::EarlyType& galaxy, render::Point centre, const Survey& survey) {
  render::Light body = light_of(galaxy.light, centre, survey, galaxy.i, galaxy.colours);
  const double gradient = survey.population.lens_colour_gradient;
  if (gradient == 0) return {body};
  render::Sersic outer = galaxy.light;
  outer.index = 1;
  outer.effective_radius_arcsec *= envelope_radius;
  body.profile.effective_radius_arcsec *= 0.85;
  render::Light envelope =
      light_of(outer, centre, survey, magnitude_of_part(galaxy.i, envelope_part), redder(galaxy.colours, envelope_colour * gradient));
  for (std::size_t b = 0; b < body.flux.size(); ++b) {
    envelope.flux[b] = std::min(envelope.flux[b], 0.6 * body.flux[b]);
    body.flux[b] -= envelope.flux[b];
  }
  return {body, envelope};
}

namespace {

/// A disk of intrinsic thickness .2 seen from any side.
double disk_axis_ratio(RandomStream& random) {
  constexpr double thickness = 0.2;
  const double cosine = random.uniform();
  return std::sqrt(cosine * cosine * (1 - thickness * thickness) + thickness * thickness);
}

std::vector<render::Light> bulge_and_disk(const population::EarlyType& galaxy, render::Point centre, const Survey& survey,
                                          RandomStream& random) {
  const double disk_part = random.uniform(0.25, 0.65);
  render::Sersic bulge = galaxy.light, disk = galaxy.light;
  disk.axis_ratio = disk_axis_ratio(random);
  disk.index = 1;
  // The major axis keeps its length when the disk is tilted.
  disk.effective_radius_arcsec *= 1.5 * std::sqrt(disk.axis_ratio);
  bulge.axis_ratio = 0.6 + 0.4 * disk.axis_ratio;
  bulge.effective_radius_arcsec *= 0.6;
  render::Light all = light_of(bulge, centre, survey, galaxy.i, galaxy.colours),
                flat = light_of(disk, centre, survey, magnitude_of_part(galaxy.i, disk_part),
                                redder(galaxy.colours, random.uniform(-0.15, 0)));
  for (std::size_t b = 0; b < all.flux.size(); ++b) {
    flat.flux[b] = std::min(flat.flux[b], 0.8 * all.flux[b]);
    all.flux[b] -= flat.flux[b];
  }
  return {all, flat};
}

/// How much of a band's light dust takes beside that of g (Cardelli et al. 1989, R_V = 3.1).
double extinction(const std::string& band) {
  if (band == "g") return 1;
  if (band == "r" || band == "VIS") return 0.7;
  if (band == "i") return 0.52;
  if (band == "z") return 0.4;
  return 0.2;
}

}  // namespace

render::Light dust_lane(const render::Sersic& body, const std::vector<double>& flux, const Survey& survey, RandomStream& random) {
  render::Sersic lane = body;
  lane.index = 0.5;
  lane.axis_ratio = random.uniform(0.1, 0.2) * std::min(1.0, 2 * body.axis_ratio);
  lane.angle_rad = random.chance(0.7) ? body.angle_rad : body.angle_rad + std::numbers::pi / 2;
  // Along its major axis its half-light radius is the galaxy's, or less.
  const double reach = random.uniform(0.4, 0.9) * body.effective_radius_arcsec;
  lane.effective_radius_arcsec = reach * std::sqrt(lane.axis_ratio);
  // A Gaussian lane that takes half of what shines at its half-light radius takes less of everything farther in, and .6 farther out.
  const double depth = random.uniform(0.25, 0.5);
  render::Light out{lane, {}, nullptr};
  const render::Point at = body.centre_arcsec + render::Point{reach * std::cos(lane.angle_rad), reach * std::sin(lane.angle_rad)};
  const double there = brightness(body, at), own = brightness(lane, at);
  for (std::size_t b = 0; b < flux.size(); ++b) out.flux.push_back(-depth * extinction(survey.bands[b]) * flux[b] * there / own);
  return out;
}

std::vector<render::Light> early_lights(const population::EarlyType& galaxy, render::Point centre, const Survey& survey,
                                        RandomStream& random) {
  const population::Population& p = survey.population;
  std::vector<render::Light> out =
      random.chance(p.lens_disk_fraction) ? bulge_and_disk(galaxy, centre, survey, random) : graded_spheroid(galaxy, centre, survey);
  if (random.chance(p.lens_dust_fraction)) out.push_back(dust_lane(out.front().profile, out.front().flux, survey, random));
  return out;
}

std::vector<render::Light> member_lights(const std::vector<population::Member>& members, render::Point centre, const Survey& survey) {
  std::vector<render::Light> out;
  for (const population::Member& member : members)
    out.push_back(light_of(member.galaxy.light, centre + member.offset_arcsec, survey, member.galaxy.i, member.galaxy.colours));
  return out;
}

}  // namespace lensfind::simulate
