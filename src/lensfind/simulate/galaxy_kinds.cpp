#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "lensfind/simulate/nonlens_kinds.h"

namespace lensfind::simulate {
namespace {

NonLens described(const population::EarlyType& g) {
  return {.z = g.z,
          .i = g.i,
          .effective_radius_arcsec = g.light.effective_radius_arcsec,
          .axis_ratio = g.light.axis_ratio,
          .angle_rad = g.light.angle_rad,
          .sigma_km_s = g.sigma_km_s};
}

NonLens described(const population::LateType& g) {
  return {.z = g.z,
          .i = g.i,
          .effective_radius_arcsec = g.light.effective_radius_arcsec,
          .axis_ratio = g.light.axis_ratio,
          .angle_rad = g.light.angle_rad};
}

double magnitude_of_fraction(double i, double fraction) { return i - 2.5 * std::log10(fraction); }

population::Colours redder(const population::Colours& colours, double by) {
  return {colours.g_r + by,       colours.r_i + 0.5 * by, colours.i_z + 0.3 * by,
          colours.z_y + 0.2 * by, colours.y_j + 0.2 * by, colours.j_h + 0.1 * by};
}

/// Of the kinds that are rare among targets.
double faintest_confuser(const population::Population& p) { return std::min(p.lens_i_faintest, p.nonlens_i_faintest); }

/// A star-forming galaxy as a survey of bright galaxies selects it: steeper counts than those of the faint.
population::LateType selected_late_type(const NonLensDraw& d, double faintest) {
  return d.galaxies.late_type(d.galaxies.counted_magnitude(d.survey.population.neighbour_i_brightest, faintest, 0.45, d.random), d.random);
}

/// An exponential disk and a redder bulge.
void add_disk_and_bulge(const NonLensDraw& d, const population::LateType& galaxy, double light_fraction, double bulge_fraction,
                        NonLens& out) {
  render::Sersic disk = galaxy.light, bulge = galaxy.light;
  disk.index = 1;
  bulge.index = d.random.uniform(1.5, 4);
  bulge.effective_radius_arcsec *= d.random.uniform(0.2, 0.4);
  bulge.axis_ratio = 0.6 + 0.4 * bulge.axis_ratio;
  out.lights.push_back(d.light(disk, magnitude_of_fraction(galaxy.i, light_fraction * (1 - bulge_fraction)), galaxy.colours));
  out.lights.push_back(
      d.light(bulge, magnitude_of_fraction(galaxy.i, light_fraction * bulge_fraction), redder(galaxy.colours, d.random.uniform(0.1, 0.5))));
}

/// The deflector of another lens without its source: the same galaxies as the lenses', so that these alone give nothing away.
NonLens elliptical(const NonLensDraw& d) {
  const LensSystem lens = d.lenses.draw_unseen(d.centre, d.conditions, d.size, d.renderer, d.random);
  NonLens out = described(lens.deflector);
  out.lights = lens.scene.unlensed;
  return out;
}

/// A bulge and a disk as old.
NonLens lenticular(const NonLensDraw& d) {
  const population::EarlyType galaxy = d.galaxies.selected_early_type(d.survey.population.nonlens_i_faintest, d.random);
  NonLens out = described(galaxy);
  const double disk_fraction = d.random.uniform(0.1, 0.6);
  render::Sersic bulge = galaxy.light, disk = galaxy.light;
  bulge.effective_radius_arcsec *= 0.7;
  bulge.axis_ratio = 0.5 + 0.5 * bulge.axis_ratio;
  disk.index = 1;
  disk.effective_radius_arcsec *= 1.5;
  out.lights = {d.light(bulge, magnitude_of_fraction(galaxy.i, 1 - disk_fraction), galaxy.colours),
                d.light(disk, magnitude_of_fraction(galaxy.i, disk_fraction), galaxy.colours)};
  return out;
}

NonLens disk(const NonLensDraw& d) {
  const population::LateType galaxy = selected_late_type(d, d.survey.population.nonlens_i_faintest);
  NonLens out = described(galaxy);
  add_disk_and_bulge(d, galaxy, 1, d.random.uniform(0.02, 0.5), out);
  return out;
}

NonLens edge_on(const NonLensDraw& d) {
  population::LateType galaxy = selected_late_type(d, faintest_confuser(d.survey.population));
  // The major axis keeps its length when the disk is tilted.
  const double q = d.random.uniform(0.1, 0.2);
  galaxy.light.effective_radius_arcsec *= std::sqrt(q / galaxy.light.axis_ratio);
  galaxy.light.axis_ratio = q;
  NonLens out = described(galaxy);
  add_disk_and_bulge(d, galaxy, 1, d.random.uniform(0.05, 0.3), out);
  return out;
}

/// Two arms as chains of star-forming knots along logarithmic spirals, on a disk seen nearly face on.
NonLens spiral(const NonLensDraw& d) {
  population::LateType galaxy = selected_late_type(d, faintest_confuser(d.survey.population));
  galaxy.light.axis_ratio = d.random.uniform(0.6, 1);
  galaxy.light.effective_radius_arcsec = std::max(galaxy.light.effective_radius_arcsec, d.random.uniform(0.8, 1.6));
  NonLens out = described(galaxy);
  const double arm_fraction = d.random.uniform(0.2, 0.45), radius = galaxy.light.effective_radius_arcsec,
               pitch = std::tan(d.random.uniform(0.2, 0.5)), start = d.random.uniform(0, 2 * std::numbers::pi);
  const double sense = d.random.chance(0.5) ? 1 : -1, c = std::cos(galaxy.light.angle_rad), s = std::sin(galaxy.light.angle_rad);
  add_disk_and_bulge(d, galaxy, 1 - arm_fraction, d.random.uniform(0.1, 0.4), out);
  constexpr int knots = 8;
  const population::Colours young = redder(galaxy.colours, -0.2);
  for (int arm = 0; arm < 2; ++arm) {
    for (int k = 0; k < knots; ++k) {
      const double turn = (k + d.random.uniform(-0.3, 0.3)) * 0.42, r = 0.5 * radius * std::exp(pitch * turn),
                   angle = start + sense * turn + arm * std::numbers::pi;
      const double u = r * std::cos(angle), v = r * std::sin(angle) * galaxy.light.axis_ratio;
      const render::Sersic knot{.effective_radius_arcsec = 0.16 * r + 0.08,
                                .index = 0.6,
                                .axis_ratio = 0.55,
                                .angle_rad = galaxy.light.angle_rad + angle + std::numbers::pi / 2 - sense * std::atan(pitch)};
      out.lights.push_back(
          d.light(knot, magnitude_of_fraction(galaxy.i, arm_fraction / (2 * knots)), young, {u * c - v * s, u * s + v * c}));
    }
  }
  return out;
}

/// A blue ring around a red middle: flat disks of two sizes, one taken from the other (resonance and collisional rings, Hoag's object).
NonLens ring(const NonLensDraw& d) {
  const population::EarlyType middle = d.galaxies.selected_early_type(faintest_confuser(d.survey.population), d.random);
  NonLens out = described(middle);
  out.lights.push_back(d.light(middle.light, middle.i, middle.colours));
  const population::LateType young = d.galaxies.late_type(std::min(middle.i + 1.5, 23.5), d.random);
  const double radius = d.random.uniform(1, 2.4), inner = d.random.uniform(0.6, 0.85), index = 0.35;
  const render::Sersic outside{.effective_radius_arcsec = radius,
                               .index = index,
                               .axis_ratio = d.random.uniform(0.5, 1),
                               .angle_rad = d.random.uniform(0, std::numbers::pi)};
  render::Sersic hole = outside;
  hole.effective_radius_arcsec *= inner;
  const double ring_i = middle.i + d.random.uniform(0, 1.8);
  out.lights.push_back(d.light(outside, magnitude_of_fraction(ring_i, 1 / (1 - inner * inner)), young.colours));
  render::Light taken = d.light(hole, magnitude_of_fraction(ring_i, inner * inner / (1 - inner * inner)), young.colours);
  for (double& flux : taken.flux) flux = -flux;
  out.lights.push_back(std::move(taken));
  return out;
}

constexpr std::array kinds{NonLensKind{"elliptical", elliptical}, NonLensKind{"lenticular", lenticular}, NonLensKind{"disk", disk},
                           NonLensKind{"edge_on", edge_on},       NonLensKind{"spiral", spiral},         NonLensKind{"ring", ring}};

}  // namespace

render::Light NonLensDraw::light(render::Sersic profile, double i, const population::Colours& colours, render::Point offset_arcsec) const {
  profile.centre_arcsec = centre + offset_arcsec;
  return {profile, fluxes(survey.bands, survey.output_zero_point, i, colours)};
}

NonLens plain_early_type(const NonLensDraw& d) {
  const population::EarlyType galaxy = d.galaxies.selected_early_type(faintest_confuser(d.survey.population), d.random);
  NonLens out = described(galaxy);
  out.lights = {d.light(galaxy.light, galaxy.i, galaxy.colours)};
  return out;
}

std::span<const NonLensKind> galaxy_kinds() { return kinds; }

}  // namespace lensfind::simulate
