#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "lensfind/simulate/nonlens_kinds.h"

namespace lensfind::simulate {
namespace {

/// A disk seen from its edge, half of them with a lane of dust.
NonLens edge_on(const NonLensDraw& d) {
  LateTarget target = late_target(d, d.faintest_confuser());
  population::LateType& galaxy = target.galaxy;
  // The major axis keeps its length when the disk is tilted.
  const double q = d.random.uniform(0.1, 0.2);
  galaxy.light.effective_radius_arcsec *= std::sqrt(q / galaxy.light.axis_ratio);
  galaxy.light.axis_ratio = target.out.axis_ratio = q;
  add_disk_and_bulge(d, target, 1, d.random.uniform(0.05, 0.3));
  if (d.random.chance(0.5)) {
    const render::Light& disk = target.out.lights.front();
    render::Sersic along = disk.profile;
    target.out.lights.push_back(dust_lane(along, disk.flux, d.survey, d.random));
  }
  return target.out;
}

/// The disk of a galaxy seen nearly face on, as large as those whose arms a survey resolves.
void face_on(const NonLensDraw& d, LateTarget& target) {
  population::LateType& galaxy = target.galaxy;
  galaxy.light.axis_ratio = target.out.axis_ratio = d.random.uniform(0.5, 1);
  galaxy.light.effective_radius_arcsec = target.out.effective_radius_arcsec =
      std::max(galaxy.light.effective_radius_arcsec, d.random.uniform(0.5, 1.5));
}

/// Numbers of arms as volunteers see them, and pitch angles (Hart et al. 2016, 2017).
SpiralArms arms_of(const NonLensDraw& d, const population::LateType& galaxy) {
  // An exponential disk's half-light radius is 1.678 scale lengths; the profile's is product-averaged.
  const double scale = galaxy.light.effective_radius_arcsec / std::sqrt(galaxy.light.axis_ratio) / 1.678;
  constexpr std::array numbers{2, 2, 2, 3, 4};
  return {.number = numbers[static_cast<std::size_t>(d.random.below(numbers.size()))],
          .pitch_rad = population::draw_truncated_normal(19, 6, 8, 38, d.random) * std::numbers::pi / 180,
          .sense = d.random.chance(0.5) ? 1.0 : -1.0,
          .start_rad = d.random.uniform(0, full_turn),
          .width = d.random.uniform(0.45, 0.85),
          .scale_arcsec = 1.4 * scale,
          .inner_arcsec = d.random.uniform(0.5, 1) * scale,
          .lopsided = d.random.uniform(0, 0.35),
          .axis_ratio = galaxy.light.axis_ratio,
          .angle_rad = galaxy.light.angle_rad};
}

/// Star-forming knots on the arms' ridges, of unequal brightness.
void add_knots(const NonLensDraw& d, const SpiralArms& arms, double i, const population::Colours& colours, NonLens& out) {
  const auto number = 4 + d.random.below(10);
  std::vector<double> parts;
  double sum = 0;
  for (std::uint64_t k = 0; k < number; ++k) sum += parts.emplace_back(std::exp(d.random.normal(0, 0.8)));
  for (const double part : parts) {
    const double radius = arms.scale_arcsec * d.random.uniform(0.6, 2.6);
    const render::Point at = arms.ridge(radius, static_cast<int>(d.random.below(static_cast<std::uint64_t>(arms.number))));
    const render::Sersic knot{.effective_radius_arcsec = d.random.uniform(0.05, 0.14) * arms.scale_arcsec + 0.05, .index = 0.6};
    out.lights.push_back(d.light(knot, magnitude_of_part(i, part / sum), redder(colours, -d.random.uniform(0, 0.3)), at));
  }
}

/// Logarithmic arms, star-forming knots along them, and in 30% a bar (Masters et al. 2011) from whose ends the arms set out.
NonLens spiral(const NonLensDraw& d) {
  LateTarget target = late_target(d, d.faintest_confuser());
  face_on(d, target);
  const population::LateType& galaxy = target.galaxy;
  SpiralArms arms = arms_of(d, galaxy);
  const double arm_fraction = d.random.uniform(0.15, 0.4), knot_fraction = d.random.uniform(0.02, 0.1),
               bar_fraction = d.random.chance(0.3) ? d.random.uniform(0.05, 0.15) : 0;
  add_disk_and_bulge(d, target, 1 - arm_fraction - knot_fraction - bar_fraction, d.random.uniform(0.08, 0.5));
  if (bar_fraction > 0) {
    // In the disk's plane it stands where the arms begin.
    const render::Point end = arms.ridge(arms.inner_arcsec, 0);
    const double length = std::hypot(end.x, end.y), q = d.random.uniform(0.2, 0.4);
    const render::Sersic bar{
        .effective_radius_arcsec = 0.6 * length * std::sqrt(q), .index = 0.5, .axis_ratio = q, .angle_rad = std::atan2(end.y, end.x)};
    target.out.lights.push_back(d.light(bar, magnitude_of_part(galaxy.i, bar_fraction), redder(galaxy.colours, 0.2)));
  }
  const population::Colours young = redder(galaxy.colours, -d.random.uniform(0.1, 0.4));
  Canvas canvas = d.canvas(4.5 * arms.scale_arcsec);
  arms.draw(canvas);
  target.out.lights.push_back(d.light(canvas, magnitude_of_part(galaxy.i, arm_fraction), young));
  add_knots(d, arms, magnitude_of_part(galaxy.i, knot_fraction), young, target.out);
  return target.out;
}

/// A disk in a few large clumps (Elmegreen et al. 2007), which may lie like images.
NonLens clumpy(const NonLensDraw& d) {
  LateTarget target = late_target(d, d.faintest_confuser());
  face_on(d, target);
  const population::LateType& galaxy = target.galaxy;
  const double clump_fraction = d.random.uniform(0.2, 0.5), radius = galaxy.light.effective_radius_arcsec;
  add_disk_and_bulge(d, target, 1 - clump_fraction, d.random.uniform(0.02, 0.3));
  const auto number = 3 + d.random.below(5);
  for (std::uint64_t k = 0; k < number; ++k) {
    const double away = radius * d.random.uniform(0.4, 1.8), angle = d.random.uniform(0, full_turn);
    const render::Sersic clump{.effective_radius_arcsec = radius * d.random.uniform(0.08, 0.22), .index = 0.7};
    target.out.lights.push_back(
        d.light(clump, magnitude_of_part(galaxy.i, clump_fraction / static_cast<double>(number)) + d.random.normal(0, 0.4),
                redder(galaxy.colours, -d.random.uniform(0.1, 0.4)), {away * std::cos(angle), away * std::sin(angle)}));
  }
  return target.out;
}

void make_uneven(Ring& ring, double by, RandomStream& random) {
  for (int waves = 1; waves <= 6; ++waves) {
    ring.cosines.push_back(random.normal(0, by / waves));
    ring.sines.push_back(random.normal(0, by / waves));
  }
}

/// A blue ring about a redder middle: resonance rings about the middle, collisional ones beside it and knotty (Lynds & Toomre 1976), polar
/// ones across it (Whitmore et al. 1990), and detached round ones (Hoag's object).
NonLens ring(const NonLensDraw& d) {
  const Host host = d.host(d.faintest_confuser());
  const population::EarlyType& middle = host.galaxy;
  NonLens out = described(host);
  out.around = member_lights(host.members, d.centre, d.survey);
  const double fraction = d.random.uniform(0.15, 0.5), kind = d.random.uniform();
  population::EarlyType core = middle;
  core.i = magnitude_of_part(middle.i, 1 - fraction);
  Ring ring{.radius_arcsec = d.random.uniform(0.8, 2.8)};
  ring.width_arcsec = ring.radius_arcsec * (d.hard() ? d.random.uniform(0.06, 0.14) : d.random.uniform(0.14, 0.3));
  render::Point offset;
  if (kind < 0.4) {  // resonance
    ring.axis_ratio = d.random.uniform(0.5, 1);
    ring.angle_rad = middle.light.angle_rad;
    make_uneven(ring, 0.15, d.random);
  } else if (kind < 0.7) {  // collisional
    ring.axis_ratio = d.random.uniform(0.5, 1);
    ring.angle_rad = d.random.uniform(0, std::numbers::pi);
    const double away = ring.radius_arcsec * d.random.uniform(0.1, 0.5), angle = d.random.uniform(0, full_turn);
    offset = {away * std::cos(angle), away * std::sin(angle)};
    make_uneven(ring, 0.5, d.random);
  } else if (kind < 0.85) {  // polar
    ring.axis_ratio = d.random.uniform(0.15, 0.45);
    ring.angle_rad = middle.light.angle_rad + std::numbers::pi / 2 + d.random.normal(0, 0.2);
    make_uneven(ring, 0.15, d.random);
  } else {  // Hoag
    ring.axis_ratio = d.random.uniform(0.85, 1);
    core.light.effective_radius_arcsec = std::min(core.light.effective_radius_arcsec, 0.4 * ring.radius_arcsec);
    make_uneven(ring, 0.2, d.random);
  }
  out.lights = graded_spheroid(core, d.centre, d.survey);
  Canvas canvas = d.canvas(1.3 * (ring.radius_arcsec + 3 * ring.width_arcsec) + std::hypot(offset.x, offset.y));
  ring.draw(canvas, offset);
  const population::LateType young = late_type_beside(d, std::min(middle.i + 1.5, 23.5), middle.z, middle.colours);
  out.lights.push_back(d.light(canvas, magnitude_of_part(middle.i, fraction), young.colours));
  return out;
}

constexpr std::array structured{NonLensKind{"edge_on", edge_on}, NonLensKind{"spiral", spiral}, NonLensKind{"clumpy", clumpy},
                                NonLensKind{"ring", ring}};

}  // namespace

std::span<const NonLensKind> structured_kinds() { return structured; }

}  // namespace lensfind::simulate
