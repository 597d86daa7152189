#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "lensfind/simulate/neighbours.h"
#include "lensfind/simulate/nonlens_kinds.h"

namespace lensfind::simulate {
namespace {

/// The deflector of another lens without its source: the same galaxies as the lenses', so that these alone give nothing away.
NonLens elliptical(const NonLensDraw& d) {
  const LensSystem lens = d.lenses.draw_unseen(d.centre, d.conditions, d.size, d.renderer, d.random);
  NonLens out = described({lens.deflector, lens.group.sigma_km_s, lens.members});
  const auto own = lens.scene.unlensed.begin() + static_cast<std::ptrdiff_t>(lens.own_lights);
  out.lights.assign(lens.scene.unlensed.begin(), own);
  out.around.assign(own, lens.scene.unlensed.end());
  return out;
}

/// A bulge and a disk as old.
NonLens lenticular(const NonLensDraw& d) {
  const Host host = d.host(d.survey.population.nonlens_i_faintest);
  const population::EarlyType& galaxy = host.galaxy;
  NonLens out = described(host);
  out.around = member_lights(host.members, d.centre, d.survey);
  const double disk_fraction = d.random.uniform(0.1, 0.6);
  render::Sersic bulge = galaxy.light, disk = galaxy.light;
  bulge.effective_radius_arcsec *= 0.7;
  bulge.axis_ratio = 0.5 + 0.5 * bulge.axis_ratio;
  disk.index = 1;
  disk.effective_radius_arcsec *= 1.5;
  out.lights = {d.light(bulge, magnitude_of_part(galaxy.i, 1 - disk_fraction), galaxy.colours),
                d.light(disk, magnitude_of_part(galaxy.i, disk_fraction), galaxy.colours)};
  return out;
}

NonLens disk(const NonLensDraw& d) {
  LateTarget target = late_target(d, d.survey.population.nonlens_i_faintest);
  add_disk_and_bulge(d, target, 1, d.random.uniform(0.02, 0.5));
  return target.out;
}

/// Whatever a detection finds: a galaxy or a star as they are counted, so mostly small and faint, now and then beside a brighter one.
NonLens field(const NonLensDraw& d) {
  const population::Population& p = d.survey.population;
  const double galaxies = counted_arcmin2(p, p.field_i_faintest) - counted_arcmin2(p, p.neighbour_i_brightest);
  const double brightest = p.neighbour_i_brightest, faintest = std::min(p.field_i_faintest, faintest_star);
  const double part = std::max(0.0, faintest - brightest) / std::max(faintest_star - brightest, 1e-9);
  const double stars = p.star_density_arcmin2 * part;
  const bool is_star = d.random.chance(stars / (stars + galaxies));
  const double i = is_star ? d.random.uniform(p.neighbour_i_brightest, faintest)
                           : d.galaxies.counted_magnitude(p.neighbour_i_brightest, p.field_i_faintest, p.source_count_slope, d.random);
  FieldGalaxy source = is_star ? FieldGalaxy{field_star(d.survey, i, d.random)} : field_galaxy(d.galaxies, d.survey, i, d.random);
  const render::Sersic& profile = source.light.profile;
  NonLens out{.z = source.z,
              .i = i,
              .effective_radius_arcsec = is_star ? 0 : profile.effective_radius_arcsec,
              .axis_ratio = profile.axis_ratio,
              .angle_rad = profile.angle_rad};
  source.light.profile.centre_arcsec = d.centre;
  out.lights = {std::move(source.light)};
  return out;
}

constexpr std::array plain_kinds{NonLensKind{"elliptical", elliptical}, NonLensKind{"early_type", plain_early_type},
                                 NonLensKind{"lenticular", lenticular}, NonLensKind{"disk", disk}, NonLensKind{"field", field}};

}  // namespace

render::Light NonLensDraw::light(render::Sersic profile, double i, const population::Colours& colours, render::Point offset_arcsec) const {
  return light_of(profile, centre + offset_arcsec, survey, i, colours);
}

Canvas NonLensDraw::canvas(double half_side_arcsec) const {
  // The finest that the renderer samples with its 3 x 3 nodes a pixel alone.
  return {half_side_arcsec, survey.pixel_scale_arcsec / 3};
}

render::Light NonLensDraw::light(const Canvas& drawn, double i, const population::Colours& colours) const {
  render::Light out = drawn.light(centre);
  out.flux = fluxes(survey.bands, survey.output_zero_point, i, colours);
  return out;
}

Host NonLensDraw::host(double faintest_i) const { return targets.draw(faintest_i, size, renderer, random); }

double NonLensDraw::faintest_confuser() const { return std::min(survey.population.lens_i_faintest, survey.population.nonlens_i_faintest); }

NonLens described(const Host& host) {
  const population::EarlyType& g = host.galaxy;
  return {.z = g.z,
          .i = g.i,
          .effective_radius_arcsec = g.light.effective_radius_arcsec,
          .axis_ratio = g.light.axis_ratio,
          .angle_rad = g.light.angle_rad,
          .sigma_km_s = g.sigma_km_s,
          .group_sigma_km_s = host.group_sigma_km_s,
          .members = static_cast<int>(host.members.size())};
}

NonLens plain_early_type(const NonLensDraw& d) { return plain_early_type(d, d.host(d.faintest_confuser())); }

NonLens plain_early_type(const NonLensDraw& d, const Host& host) {
  NonLens out = described(host);
  out.lights = early_lights(host.galaxy, d.centre, d.survey, d.random);
  out.around = member_lights(host.members, d.centre, d.survey);
  return out;
}

population::LateType late_type_beside(const NonLensDraw& d, double i, double z, const population::Colours& red) {
  const population::Population& p = d.survey.population;
  if (p.nonlens_magnitudes != population::NonlensMagnitudes::lenses || !d.random.chance(p.nonlens_as_far))
    return d.galaxies.late_type(i, d.random);
  population::LateType galaxy = d.galaxies.late_type(i, z, d.random);
  // Bright galaxies at the deflectors' redshifts are spirals from Sa to Sc: between the early type and the late types of the tables.
  galaxy.colours = blend(galaxy.colours, red, d.random.uniform(0, 0.6));
  return galaxy;
}

LateTarget late_target(const NonLensDraw& d, double faintest_i) {
  const Host host = d.host(faintest_i);
  const population::Population& p = d.survey.population;
  // A survey of bright galaxies has steeper counts than those of the faint.
  const double i = p.nonlens_magnitudes == population::NonlensMagnitudes::lenses
                       ? host.galaxy.i
                       : d.galaxies.counted_magnitude(p.neighbour_i_brightest, faintest_i, 0.45, d.random);
  LateTarget out{late_type_beside(d, i, host.galaxy.z, host.galaxy.colours), {}, {}};
  const population::LateType& g = out.galaxy;
  // Bulges are about as old as early types.
  out.bulge = g.z == host.galaxy.z ? blend(g.colours, host.galaxy.colours, d.random.uniform(0.4, 1))
                                   : redder(g.colours, d.random.uniform(0.1, 0.5));
  out.out = {.z = g.z,
             .i = g.i,
             .effective_radius_arcsec = g.light.effective_radius_arcsec,
             .axis_ratio = g.light.axis_ratio,
             .angle_rad = g.light.angle_rad,
             .members = static_cast<int>(host.members.size())};
  out.out.around = member_lights(host.members, d.centre, d.survey);
  return out;
}

void add_disk_and_bulge(const NonLensDraw& d, LateTarget& target, double light_fraction, double bulge_fraction) {
  const population::LateType& galaxy = target.galaxy;
  render::Sersic disk = galaxy.light, bulge = galaxy.light;
  disk.index = 1;
  bulge.index = d.random.uniform(1.5, 4);
  bulge.effective_radius_arcsec *= d.random.uniform(0.2, 0.4);
  bulge.axis_ratio = 0.6 + 0.4 * bulge.axis_ratio;
  target.out.lights.push_back(d.light(disk, magnitude_of_part(galaxy.i, light_fraction * (1 - bulge_fraction)), galaxy.colours));
  target.out.lights.push_back(d.light(bulge, magnitude_of_part(galaxy.i, light_fraction * bulge_fraction), target.bulge));
}

std::span<const NonLensKind> galaxy_kinds() { return plain_kinds; }

}  // namespace lensfind::simulate
