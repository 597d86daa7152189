#include "lensfind/simulate/nonlens_sample.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::simulate {
namespace {

/// What a kind is drawn from.
struct Draw {
  const GalaxySample& galaxies;
  const LensSample& lenses;
  const Survey& survey;
  Point centre;
  const Conditions& conditions;
  int size;
  RandomStream& random;

  [[nodiscard]] std::vector<double> flux(double i, const Colours& colours) const {
    return fluxes(survey.bands, survey.output_zero_point, i, colours);
  }
  [[nodiscard]] Light light(Sersic profile, double i, const Colours& colours) const {
    profile.centre_arcsec = centre;
    return {profile, flux(i, colours)};
  }
};

NonLens early(const EarlyType& galaxy) {
  return {.z = galaxy.z,
          .i = galaxy.i,
          .effective_radius_arcsec = galaxy.light.effective_radius_arcsec,
          .axis_ratio = galaxy.light.axis_ratio,
          .angle_rad = galaxy.light.angle_rad,
          .sigma_km_s = galaxy.sigma_km_s};
}

/// The deflector of another lens without its source: the same galaxies as the lenses', so that these alone give nothing away.
NonLens elliptical(const Draw& d) {
  const LensSystem lens = d.lenses.draw(d.centre, d.conditions, d.size, d.random);
  NonLens out = early(lens.deflector);
  out.lights = lens.scene.unlensed;
  return out;
}

/// A red galaxy as the survey selects it, with a disk as old as its bulge.
NonLens lenticular(const Draw& d) {
  const EarlyType galaxy = d.galaxies.selected_early_type(d.random);
  NonLens out = early(galaxy);
  const double disk_share = d.random.uniform(0.1, 0.6);
  Sersic bulge = galaxy.light, disk = galaxy.light;
  bulge.effective_radius_arcsec *= 0.7;
  bulge.axis_ratio = 0.5 + 0.5 * bulge.axis_ratio;
  disk.index = 1;
  disk.effective_radius_arcsec *= 1.5;
  out.lights = {d.light(bulge, galaxy.i - 2.5 * std::log10(1 - disk_share), galaxy.colours),
                d.light(disk, galaxy.i - 2.5 * std::log10(disk_share), galaxy.colours)};
  return out;
}

/// A spiral or irregular galaxy: an exponential disk, and a bulge of up to half the light that is redder.
NonLens disk(const Draw& d) {
  const Population& p = d.survey.population;
  const double i = d.galaxies.counted_magnitude(p.neighbour_i_brightest, p.lens_i_faintest, 0.45, d.random);
  const LateType galaxy = d.galaxies.late_type(i, d.random);
  NonLens out{.z = galaxy.z,
              .i = i,
              .effective_radius_arcsec = galaxy.light.effective_radius_arcsec,
              .axis_ratio = galaxy.light.axis_ratio,
              .angle_rad = galaxy.light.angle_rad};
  const double bulge_share = d.random.uniform(0.02, 0.5), redder = d.random.uniform(0.1, 0.5);
  Sersic thin = galaxy.light, bulge = galaxy.light;
  thin.index = 1;
  bulge.index = d.random.uniform(1.5, 4);
  bulge.effective_radius_arcsec *= d.random.uniform(0.2, 0.4);
  bulge.axis_ratio = 0.6 + 0.4 * bulge.axis_ratio;
  const Colours old{galaxy.colours.g_r + redder, galaxy.colours.r_i + 0.5 * redder, galaxy.colours.i_z + 0.3 * redder};
  out.lights = {d.light(thin, i - 2.5 * std::log10(1 - bulge_share), galaxy.colours),
                d.light(bulge, i - 2.5 * std::log10(bulge_share), old)};
  return out;
}

struct Kind {
  const char* name;
  NonLens (*draw)(const Draw&);
};
constexpr std::array kinds{Kind{"elliptical", elliptical}, Kind{"lenticular", lenticular}, Kind{"disk", disk}};

}  // namespace

NonLensSample::NonLensSample(const GalaxySample& galaxies, const LensSample& lenses, const Survey& survey)
    : galaxies_{galaxies}, lenses_{lenses}, survey_{survey}, shares_(kinds.size(), 0) {
  for (const KindShare& wanted : survey.population.nonlens_kinds) {
    std::size_t k = 0;
    while (k < kinds.size() && wanted.kind != kinds[k].name) ++k;
    if (k == kinds.size()) {
      std::vector<std::string> names;
      for (const Kind& kind : kinds) names.emplace_back(kind.name);
      const std::string near = nearest_name(wanted.kind, names);
      throw Error{fmt::format("{}: no kind of non-lens is called {}", survey.name, wanted.kind),
                  near.empty() ? "docs/simulation.md lists the kinds" : fmt::format("did you mean {}?", near)};
    }
    shares_[k] += wanted.share;
  }
}

NonLens NonLensSample::draw(Point centre, const Conditions& conditions, int size, RandomStream& random) const {
  const Kind& kind = kinds[draw_index(shares_, random)];
  NonLens out = kind.draw({galaxies_, lenses_, survey_, centre, conditions, size, random});
  out.kind = kind.name;
  for (std::size_t b = 0; b < survey_.bands.size(); ++b) {
    double flux = 0;
    for (const Light& light : out.lights) flux += light.flux[b];
    out.magnitudes.push_back(survey_.output_zero_point[b] - 2.5 * std::log10(flux));
  }
  return out;
}

}  // namespace lensfind::simulate
