#include <array>
#include <cmath>
#include <numbers>

#include "lensfind/simulate/nonlens_kinds.h"
#include "lensfind/simulate/source_lights.h"

namespace lensfind::simulate {
namespace {

render::Point on_circle(double radius, double angle) { return {radius * std::cos(angle), radius * std::sin(angle)}; }

/// Two galaxies of like brightness that overlap and tidal tails that bend away from them; or an early type with shells around it.
NonLens merger(const NonLensDraw& d) {
  const Host host = d.host(d.faintest_confuser());
  NonLens out = plain_early_type(d, host);
  const double first = out.effective_radius_arcsec;
  if (d.random.chance(0.2)) {
    Shells shells{
        .radii_arcsec = {}, .angle_rad = out.angle_rad, .opening_rad = d.random.uniform(0.5, 1), .depth_arcsec = 0.3 * first + 0.2};
    const auto number = 2 + d.random.below(4);
    double radius = std::max(0.8, first) * d.random.uniform(1.2, 1.8);
    for (std::uint64_t k = 0; k < number; ++k, radius *= d.random.uniform(1.2, 1.5)) shells.radii_arcsec.push_back(radius);
    Canvas canvas = d.canvas(1.2 * shells.radii_arcsec.back());
    shells.draw(canvas);
    out.lights.push_back(d.light(canvas, out.i + d.random.uniform(1.5, 3), population::Colours{0.9, 0.45, 0.3, 0.3, 0.3, 0.3}));
    return out;
  }
  const double i = out.i + d.random.uniform(-0.2, 1.2), toward = d.random.uniform(0, full_turn);
  const population::LateType other = late_type_beside(d, i, out.z, host.galaxy.colours);
  const render::Point second = on_circle(d.random.uniform(0.5, 2), toward);
  out.lights.push_back(d.light(other.light, i, other.colours, second));
  const double longest = d.random.uniform(2.5, 5);
  Canvas canvas = d.canvas(longest + 2.5);
  const double sense = d.random.chance(0.5) ? 1 : -1;
  const auto tails = 1 + d.random.below(2);
  for (std::uint64_t k = 0; k < tails; ++k) {
    const TidalTail tail{.from_arcsec = d.random.uniform(0.6, 1.2),
                         .to_arcsec = k == 0 ? longest : longest * d.random.uniform(0.5, 1),
                         .start_rad = toward + std::numbers::pi * (static_cast<double>(k) + 0.5),
                         .bend_rad = sense * d.random.uniform(0.5, 2.2),
                         .width_arcsec = d.random.uniform(0.15, 0.4)};
    tail.draw(canvas, k == 0 ? second : render::Point{});
  }
  out.lights.push_back(d.light(canvas, out.i + d.random.uniform(0.7, 2.5), redder(other.colours, -d.random.uniform(0, 0.2))));
  return out;
}

/// One to three small blue galaxies by chance as near to a red one as a lens's images are.
NonLens companions(const NonLensDraw& d) {
  NonLens out = plain_early_type(d);
  const auto number = 1 + d.random.below(3);
  const double like_images = d.random.uniform(0.8, 2.8);
  const bool hard = d.hard();
  for (std::uint64_t k = 0; k < number; ++k) {
    const double i = std::min(out.i + d.random.uniform(1, 4), 24.5);
    const population::LateType near = d.galaxies.late_type(std::max(i, 20.0), d.random);
    const double radius = hard ? like_images * d.random.uniform(0.8, 1.2) : d.random.uniform(0.7, 4);
    out.lights.push_back(d.light(near.light, near.i, near.colours, on_circle(radius, d.random.uniform(0, full_turn))));
  }
  return out;
}

/// A red galaxy and a blue one, long and thin, that lies along a circle about it as an arc would; some with a spot on the other side.
NonLens tangential(const NonLensDraw& d) {
  NonLens out = plain_early_type(d);
  const double i = std::clamp(out.i + d.random.uniform(1, 3.5), 20.0, 24.5), radius = d.random.uniform(0.9, 3.5),
               angle = d.random.uniform(0, full_turn);
  population::LateType near = d.galaxies.late_type(i, d.random);
  const double major = near.light.effective_radius_arcsec / std::sqrt(near.light.axis_ratio);
  near.light.axis_ratio = d.random.uniform(0.15, 0.4);
  near.light.effective_radius_arcsec = std::max(major, 0.35) * std::sqrt(near.light.axis_ratio);
  near.light.angle_rad = angle + std::numbers::pi / 2 + d.random.normal(0, d.hard() ? 0.12 : 0.4);
  out.lights.push_back(d.light(near.light, i, near.colours, on_circle(radius, angle)));
  if (d.random.chance(0.3)) {
    const population::LateType spot = d.galaxies.late_type(std::min(i + d.random.uniform(0.5, 2), 25.0), d.random);
    out.lights.push_back(d.light(spot.light, spot.i, near.colours,
                                 on_circle(radius * d.random.uniform(0.4, 1), angle + std::numbers::pi + d.random.normal(0, 0.4))));
  }
  return out;
}

/// The brightest galaxy of a group with the others around it: what lenses in groups are without their source.
NonLens satellites(const NonLensDraw& d) {
  Host host = d.host(d.faintest_confuser());
  host.group_sigma_km_s = std::max(host.group_sigma_km_s, d.random.uniform(400, 750));
  host.members = d.lenses.members_about(host.galaxy, host.group_sigma_km_s, d.size, d.random);
  NonLens out = described(host);
  out.lights = early_lights(host.galaxy, d.centre, d.survey, d.random);
  out.around = member_lights(host.members, d.centre, d.survey);
  return out;
}

/// A star, a pair of stars, or two quasars that are no images of one: points as near to each other as a lens's images.
NonLens stars(const NonLensDraw& d) {
  const bool quasars = d.random.chance(0.1);
  const render::Sersic point = point_profile(d.survey);
  const Host host = d.host(d.faintest_confuser());
  NonLens out{.i = host.galaxy.i};
  out.members = static_cast<int>(host.members.size());
  out.around = member_lights(host.members, d.centre, d.survey);
  const auto colours = [&] { return quasars ? quasar_colours(d.random) : population::draw_star_colours(d.random); };
  out.lights.push_back(d.light(point, out.i, colours()));
  if (quasars || d.random.chance(0.7)) {
    out.lights.push_back(
        d.light(point, out.i + d.random.uniform(0, 2), colours(), on_circle(d.random.uniform(0.7, 2.6), d.random.uniform(0, full_turn))));
  }
  return out;
}

/// A red galaxy with the trail of a satellite through the cutout in one band, or the ghost of a bright star near.
NonLens artefact(const NonLensDraw& d) {
  NonLens out = plain_early_type(d);
  const double length = d.size * d.survey.pixel_scale_arcsec;
  const render::Point offset = on_circle(d.random.uniform(0, 0.3 * length), d.random.uniform(0, 2 * std::numbers::pi));
  const auto one_band = d.random.below(d.survey.bands.size());
  const bool trail = d.random.chance(0.5);
  // A trail is wider than the cutout; its core is about as wide as a star.
  const double q = 0.3 / (4 * length), radius = 4 * length * std::sqrt(q);
  const render::Sersic streak{
      .effective_radius_arcsec = radius, .index = 0.5, .axis_ratio = q, .angle_rad = d.random.uniform(0, std::numbers::pi)};
  const render::Sersic ghost{.effective_radius_arcsec = d.random.uniform(1.5, 3), .index = 0.3};
  render::Light light = d.light(trail ? streak : ghost, out.i - (trail ? d.random.uniform(1, 3) : d.random.uniform(-1, 1)), {}, offset);
  for (std::size_t b = 0; b < light.flux.size(); ++b) light.flux[b] *= b == one_band ? 1 : 0;
  out.lights.push_back(std::move(light));
  return out;
}

constexpr std::array confusers{NonLensKind{"merger", merger},         NonLensKind{"companions", companions},
                               NonLensKind{"tangential", tangential}, NonLensKind{"satellites", satellites},
                               NonLensKind{"stars", stars},           NonLensKind{"artefact", artefact}};

}  // namespace

std::span<const NonLensKind> confuser_kinds() { return confusers; }

}  // namespace lensfind::simulate
