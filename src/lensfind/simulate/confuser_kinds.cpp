#include <array>
#include <cmath>
#include <numbers>

#include "lensfind/simulate/nonlens_kinds.h"

namespace lensfind::simulate {
namespace {

render::Point on_circle(double radius, double angle) { return {radius * std::cos(angle), radius * std::sin(angle)}; }

/// Two galaxies of like brightness that overlap, and a tidal tail as a chain of faint patches along an arc.
NonLens merger(const NonLensDraw& d) {
  NonLens out = plain_early_type(d);
  const double i = out.i + d.random.uniform(-0.2, 1.2), toward = d.random.uniform(0, 2 * std::numbers::pi);
  const population::LateType other = d.galaxies.late_type(i, d.random);
  out.lights.push_back(d.light(other.light, i, other.colours, on_circle(d.random.uniform(0.5, 2), toward)));
  constexpr int patches = 6;
  const double radius = d.random.uniform(1.5, 3.5), bend = d.random.uniform(0.08, 0.16),
               tail_i = i + d.random.uniform(1, 2.5) + 2.5 * std::log10(patches);
  for (int k = 0; k < patches; ++k) {
    const double angle = toward + std::numbers::pi * 0.4 + k * bend * 2;
    const render::Sersic patch{
        .effective_radius_arcsec = 0.14 * radius, .index = 0.7, .axis_ratio = 0.4, .angle_rad = angle + std::numbers::pi / 2};
    out.lights.push_back(d.light(patch, tail_i + 0.15 * k, other.colours, on_circle(radius * (1 + 0.06 * k), angle)));
  }
  return out;
}

/// One to three small blue galaxies by chance as near to a red one as a lens's images are.
NonLens companions(const NonLensDraw& d) {
  NonLens out = plain_early_type(d);
  const auto number = 1 + d.random.below(3);
  for (std::uint64_t k = 0; k < number; ++k) {
    const double i = std::min(out.i + d.random.uniform(1, 4), 24.5);
    const population::LateType near = d.galaxies.late_type(std::max(i, 20.0), d.random);
    out.lights.push_back(
        d.light(near.light, near.i, near.colours, on_circle(d.random.uniform(0.7, 2.6), d.random.uniform(0, 2 * std::numbers::pi))));
  }
  return out;
}

/// A massive elliptical with small ones of its own colour around it.
NonLens satellites(const NonLensDraw& d) {
  const double z = d.random.uniform(0.2, 0.8);
  const population::EarlyType middle = d.galaxies.early_type(d.random.uniform(250, 330), z, d.random);
  NonLens out{.z = z,
              .i = middle.i,
              .effective_radius_arcsec = middle.light.effective_radius_arcsec,
              .axis_ratio = middle.light.axis_ratio,
              .angle_rad = middle.light.angle_rad,
              .sigma_km_s = middle.sigma_km_s};
  out.lights.push_back(d.light(middle.light, middle.i, middle.colours));
  const auto number = 2 + d.random.below(4);
  for (std::uint64_t k = 0; k < number; ++k) {
    const double i = middle.i + d.random.uniform(1.5, 4.5);
    render::Sersic small = middle.light;
    small.index = d.random.uniform(1, 4);
    small.axis_ratio = d.random.uniform(0.5, 1);
    small.angle_rad = d.random.uniform(0, std::numbers::pi);
    small.effective_radius_arcsec *= std::pow(10, -0.2 * (i - middle.i));
    out.lights.push_back(d.light(small, i, middle.colours, on_circle(d.random.uniform(1, 4), d.random.uniform(0, 2 * std::numbers::pi))));
  }
  return out;
}

/// A star, a pair of stars, or a pair of quasars: points as near to each other as a lens's images.
NonLens stars(const NonLensDraw& d) {
  const bool quasars = d.random.chance(0.4);
  const render::Sersic point{.effective_radius_arcsec = 0.1 * d.survey.pixel_scale_arcsec, .index = 0.5};
  NonLens out{.i = d.random.uniform(18, 21.5)};
  const auto colours = [&] {
    // A quasar's continuum is about f ~ frequency^-0.5.
    return quasars ? population::Colours{d.random.normal(0.2, 0.15), d.random.normal(0.1, 0.1), 0.05, 0.1, 0.15, 0.15}
                   : population::draw_star_colours(d.random);
  };
  out.lights.push_back(d.light(point, out.i, colours()));
  if (quasars || d.random.chance(0.7)) {
    out.lights.push_back(d.light(point, out.i + d.random.uniform(0, 2), colours(),
                                 on_circle(d.random.uniform(0.7, 2.6), d.random.uniform(0, 2 * std::numbers::pi))));
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

constexpr std::array kinds{NonLensKind{"merger", merger}, NonLensKind{"companions", companions}, NonLensKind{"satellites", satellites},
                           NonLensKind{"stars", stars}, NonLensKind{"artefact", artefact}};

}  // namespace

std::span<const NonLensKind> confuser_kinds() { return kinds; }

}  // namespace lensfind::simulate
