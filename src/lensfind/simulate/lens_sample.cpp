#include "lensfind/simulate/lens_sample.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lensfind/base/error.h"
#include "lensfind/simulate/point_images.h"

namespace lensfind::simulate {
namespace {

constexpr int most_tries = 2'000'000;
/// Half side of the square of source positions in Einstein radii: caustics and cuts lie inside.
constexpr double source_reach = 1.6;

Light light_of(Sersic profile, Point centre, const Survey& survey, double i, const Colours& colours) {
  profile.centre_arcsec = profile.centre_arcsec + centre;
  return {profile, fluxes(survey.bands, survey.output_zero_point, i, colours)};
}

}  // namespace

LensSample::LensSample(const GalaxySample& galaxies, const Survey& survey)
    : galaxies_{galaxies},
      survey_{survey},
      // The area behind a lens goes as theta_E^2, that is as sigma^4 (D_ls / D_s)^2: the first factor stands here, the second is drawn for.
      dispersion_{survey.population.sigma_least_km_s, survey.population.sigma_most_km_s,
                  [&](double sigma) {
                    const Population& p = survey.population;
                    const double ratio = sigma / p.sigma_star_km_s;
                    return std::pow(ratio, p.sigma_power + 3) * std::exp(-std::pow(ratio, p.sigma_cutoff_power));
                  }},
      redshift_{survey.population.lens_z_least, survey.population.lens_z_most,
                [&](double z) { return galaxies.cosmology().relative_volume(z); }} {}

bool LensSample::draw_pair(Candidate& candidate, RandomStream& random) const {
  const Population& p = survey_.population;
  const double z = redshift_.draw(random);
  const double source_i = galaxies_.counted_magnitude(p.source_i_brightest, p.source_i_faintest, p.source_count_slope, random);
  candidate.source = galaxies_.late_type(source_i, random);
  const double efficiency = galaxies_.cosmology().lensing_efficiency(z, candidate.source.z);
  if (efficiency <= 0) return false;
  double sigma = dispersion_.draw(random);
  if (p.einstein_radius_law == EinsteinRadiusLaw::uniform) {
    candidate.theta_e_arcsec = random.uniform(p.theta_e_least_arcsec, p.theta_e_most_arcsec);
    sigma = std::sqrt(candidate.theta_e_arcsec / einstein_radius_arcsec(1, efficiency));
    if (sigma < p.sigma_least_km_s || sigma > p.sigma_most_km_s) return false;
  } else {
    if (!random.chance(efficiency * efficiency)) return false;
    candidate.theta_e_arcsec = einstein_radius_arcsec(sigma, efficiency);
  }
  const double radius = candidate.source.light.effective_radius_arcsec,
               seeing = *std::min_element(survey_.seeing_fwhm_arcsec.begin(), survey_.seeing_fwhm_arcsec.end());
  if (candidate.theta_e_arcsec * candidate.theta_e_arcsec <= radius * radius + std::pow(0.8 * p.kept_resolution * seeing / 2, 2))
    return false;
  candidate.deflector = galaxies_.early_type(sigma, z, random);
  candidate.deflector.mass.theta_e_arcsec = candidate.theta_e_arcsec;
  return candidate.deflector.i > p.lens_i_brightest && candidate.deflector.i < p.lens_i_faintest;
}

bool LensSample::place_source(Candidate& candidate, const Mass& mass, Point centre, const Conditions& conditions,
                              RandomStream& random) const {
  const double reach = source_reach * candidate.theta_e_arcsec;
  const Point beta{random.uniform(-reach, reach), random.uniform(-reach, reach)};
  const PointImageFinder finder{mass, centre, 3.5 * candidate.theta_e_arcsec};
  // The shear acts about the origin and moves the whole caustic of a lens that is not there.
  const Point origin{centre.x - mass.shear.gamma1 * centre.x - mass.shear.gamma2 * centre.y,
                     centre.y - mass.shear.gamma2 * centre.x + mass.shear.gamma1 * centre.y};
  const PointImages images = finder.find(origin + beta);
  if (images.number < 2) return false;
  candidate.source.light.centre_arcsec = origin + beta;
  if (images.magnification * 2 < survey_.population.kept_magnification) return false;
  // Arcs are seen less well than a point of their flux: what even that would not show needs no rendering.
  for (std::size_t b = 0; b < survey_.bands.size(); ++b) {
    const double m = magnitude(survey_.bands[b], candidate.source.i, candidate.source.colours) -
                     2.5 * std::log10(std::max(1.0, 2 * images.magnification));
    const double depth = point_source_depth(conditions.noise[b].background_rms, survey_.output_zero_point[b],
                                            conditions.seeing_fwhm_arcsec[b], survey_.pixel_scale_arcsec);
    if (5 * std::pow(10, 0.4 * (depth - m)) > survey_.population.kept_snr) return true;
  }
  return false;
}

/// The band in which the source, unlensed, is brightest above the noise: in which lenses are looked for.
std::size_t LensSample::best_band(const Candidate& candidate, const Conditions& conditions) const {
  std::size_t best = 0;
  double most = 0;
  for (std::size_t b = 0; b < survey_.bands.size(); ++b) {
    const double flux =
        std::pow(10, -0.4 * (magnitude(survey_.bands[b], candidate.source.i, candidate.source.colours) - survey_.output_zero_point[b]));
    const double above = flux / (conditions.noise[b].background_rms * conditions.seeing_fwhm_arcsec[b]);
    if (above > most) {
      most = above;
      best = b;
    }
  }
  return best;
}

bool LensSample::keeps(const Seen& seen, const LensSystem& lens, const Conditions& conditions, double share) const {
  const Population& p = survey_.population;
  const double mu = rendered_magnification(seen.arcs, source_flux(lens.scene, seen.band)),
               radius = lens.source.light.effective_radius_arcsec;
  const double seeing = conditions.seeing_fwhm_arcsec[seen.band], resolution = p.kept_resolution * seeing / 2;
  return mu > share * p.kept_magnification && mu * radius > share * seeing &&
         lens.theta_e_arcsec * lens.theta_e_arcsec > radius * radius + resolution * resolution &&
         best_signal_to_noise(seen.arcs, seen.all, conditions.noise[seen.band], p.kept_contrast) > share * p.kept_snr;
}

/// Whether the lens is worth rendering well: a rough image in its best band comes near to what is kept.
bool LensSample::promises(const LensSystem& lens, std::size_t band, const Conditions& conditions, int size, Renderer& renderer) const {
  Scene one_band = lens.scene;
  for (auto* lights : {&one_band.unlensed, &one_band.sources}) {
    for (Light& light : *lights) light.flux = {light.flux[band]};
  }
  const int enough = std::max(64, static_cast<int>(10 / survey_.pixel_scale_arcsec));
  const RenderOptions options{.size = std::min(size, enough),
                              .pixel_scale_arcsec = survey_.pixel_scale_arcsec,
                              .tolerance = 0.03,
                              .negligible_flux = {0.1 * conditions.noise[band].background_rms}};
  const Rendering rough = renderer.render(one_band, {&conditions.psfs[band], 1}, options);
  return keeps({rough.image[0], rough.arcs[0], band}, lens, conditions, 0.85);
}

LensSystem LensSample::draw(Point centre, const Conditions& conditions, int size, Renderer& renderer, RandomStream& random) const {
  Candidate candidate;
  for (int tries = 0; tries < most_tries; ++tries) {
    if (!draw_pair(candidate, random)) continue;
    LensSystem lens;
    PowerLawEllipsoid mass = candidate.deflector.mass;
    mass.centre_arcsec = centre;
    lens.shear = {random.normal(0, survey_.population.shear_scatter), random.normal(0, survey_.population.shear_scatter)};
    lens.scene.mass = {{mass}, lens.shear};
    if (!place_source(candidate, lens.scene.mass, centre, conditions, random)) continue;
    lens.deflector = candidate.deflector;
    lens.source = candidate.source;
    lens.theta_e_arcsec = candidate.theta_e_arcsec;
    lens.scene.unlensed.push_back(light_of(lens.deflector.light, centre, survey_, lens.deflector.i, lens.deflector.colours));
    lens.scene.sources = source_lights(lens.source, survey_, random);
    const std::size_t band = best_band(candidate, conditions);
    if (!promises(lens, band, conditions, size, renderer)) continue;
    lens.rendering = renderer.render(lens.scene, conditions.psfs, render_options(survey_, conditions, size));
    if (!keeps({lens.rendering.image[band], lens.rendering.arcs[band], band}, lens, conditions, 1)) continue;
    for (std::size_t b = 0; b < survey_.bands.size(); ++b) {
      lens.arc_snr.push_back(best_signal_to_noise(lens.rendering.arcs[b], lens.rendering.image[b], conditions.noise[b]));
    }
    lens.magnification = magnifications(lens, size, renderer);
    return lens;
  }
  throw Error{survey_.name + ": no lens that the survey would keep in " + std::to_string(most_tries) + " tries",
              "loosen kept_snr, kept_magnification or the magnitude limits"};
}

/// Images lie within two Einstein radii of the deflector, and a source reaches a few of its own radii, stretched.
std::vector<double> LensSample::magnifications(const LensSystem& lens, int size, Renderer& renderer) const {
  const double pixel = survey_.pixel_scale_arcsec, reach = 3 * (lens.theta_e_arcsec + lens.source.light.effective_radius_arcsec) + 1;
  std::vector<double> out;
  const auto measure = [&](const std::vector<Plane>& arcs) {
    for (std::size_t b = 0; b < survey_.bands.size(); ++b) out.push_back(rendered_magnification(arcs[b], source_flux(lens.scene, b)));
  };
  if (0.5 * size * pixel >= reach) {
    measure(lens.rendering.arcs);
    return out;
  }
  // The cutout would cut a part of the arcs' light off.
  Scene arcs_alone = lens.scene;
  arcs_alone.unlensed.clear();
  const std::vector<Psf> none(survey_.bands.size(), NoPsf{});
  measure(renderer.render(arcs_alone, none, {.size = static_cast<int>(std::ceil(2 * reach / pixel)), .pixel_scale_arcsec = pixel}).arcs);
  return out;
}

std::vector<Light> source_lights(const LateType& source, const Survey& survey, RandomStream& random) {
  const Population& p = survey.population;
  std::vector<Light> out{light_of(source.light, {}, survey, source.i, source.colours)};
  if (p.source_knots_most < 1 || !random.chance(p.source_clumpy_share)) return out;
  const auto knots = 1 + random.below(static_cast<std::uint64_t>(p.source_knots_most));
  const double c = std::cos(source.light.angle_rad), s = std::sin(source.light.angle_rad), q = source.light.axis_ratio,
               radius = source.light.effective_radius_arcsec;
  const Colours young{source.colours.g_r - 0.2, source.colours.r_i - 0.1, source.colours.i_z - 0.05};
  for (std::uint64_t k = 0; k < knots; ++k) {
    // Uniform over the ellipse that holds three quarters of an exponential disk's light.
    const double r = 1.6 * radius * std::sqrt(random.uniform()), angle = random.uniform(0, 2 * std::numbers::pi);
    const double u = r * std::cos(angle) / std::sqrt(q), v = r * std::sin(angle) * std::sqrt(q);
    const Sersic knot{.effective_radius_arcsec = random.uniform(0.1, 0.25) * radius, .index = 0.5};
    const double share = p.source_knot_flux * random.uniform(0.4, 1.6);
    const Point offset{source.light.centre_arcsec.x + u * c - v * s, source.light.centre_arcsec.y + u * s + v * c};
    Light light = light_of(knot, offset, survey, source.i - 2.5 * std::log10(share), young);
    for (std::size_t b = 0; b < light.flux.size(); ++b) {
      light.flux[b] = std::min(light.flux[b], 0.5 * out.front().flux[b]);
      out.front().flux[b] -= light.flux[b];
    }
    out.push_back(std::move(light));
  }
  return out;
}

double source_flux(const Scene& scene, std::size_t band) {
  double flux = 0;
  for (const Light& light : scene.sources) flux += light.flux[band];
  return flux;
}

double rendered_magnification(const Plane& arcs, double source_flux) {
  double sum = 0;
  for (int row = 0; row < arcs.side; ++row) {
    for (int column = 0; column < arcs.side; ++column) sum += static_cast<double>(arcs.at(row, column));
  }
  return sum / source_flux;
}

}  // namespace lensfind::simulate
