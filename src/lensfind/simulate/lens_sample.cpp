#include "lensfind/simulate/lens_sample.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lensfind/base/error.h"
#include "lensfind/render/point_images.h"
#include "lensfind/render/psf_file.h"
#include "lensfind/simulate/lens_preview.h"

namespace lensfind::simulate {
namespace {

constexpr int max_tries = 2'000'000;
/// Half side of the square of source positions in Einstein radii: caustics and cuts lie inside.
constexpr double source_reach = 1.6;

render::Light light_of(render::Sersic profile, render::Point centre, const Survey& survey, double i, const population::Colours& colours) {
  profile.centre_arcsec = profile.centre_arcsec + centre;
  return {profile, fluxes(survey.bands, survey.output_zero_point, i, colours), nullptr};
}

render::Scene in_one_band(render::Scene scene, std::size_t band) {
  for (auto* lights : {&scene.unlensed, &scene.sources}) {
    for (render::Light& light : *lights) light.flux = {light.flux[band]};
  }
  return scene;
}

/// Of the Gaussian that blurs about as a band's PSF does before the pixel. An image has the pixel's own width in it: a square of side 1 has
/// a standard deviation of sqrt(1 / 12).
double blur_fwhm_arcsec(const render::Psf& psf, double seeing_fwhm_arcsec, double pixel_scale_arcsec) {
  const auto* image = std::get_if<render::ImagePsf>(&psf);
  if (!image) return seeing_fwhm_arcsec;
  const double with_pixel = fwhm_arcsec(*image, pixel_scale_arcsec), pixel = pixel_scale_arcsec / render::sigma_of_fwhm(std::sqrt(12));
  return std::sqrt(std::max(with_pixel * with_pixel - pixel * pixel, pixel * pixel));
}

/// More than the magnification of a source of effective radius `radius` at a distance from the middle of the caustic. An isothermal sphere
/// magnifies a point 2 theta_E / distance times; ellipticity and shear spread its middle over the tangential caustic.
double greatest_magnification(const render::Mass& mass, double distance, double radius) {
  const render::PowerLawEllipsoid& lens = mass.ellipsoids.front();
  const double theta_e = lens.theta_e_arcsec, q = lens.axis_ratio, rest = std::sqrt(1 - q * q) + 1e-6;
  const double cusp =
      std::sqrt(q) * (1 / q - std::atanh(std::min(rest, 1 - 1e-9)) / rest) + 2.5 * std::hypot(mass.shear.gamma1, mass.shear.gamma2);
  const double away = std::max(distance - cusp * theta_e - radius, 0.15 * radius + 1e-3 * theta_e);
  return 1.3 / std::max(0.5, lens.slope - 1) * std::max(2 * theta_e / away, 1 + theta_e / away);
}

}  // namespace

LensSample::LensSample(const population::GalaxySample& galaxies, const Survey& survey)
    : galaxies_{galaxies},
      survey_{survey},
      // The area behind a lens goes as theta_E^2, that is as sigma^4 (D_ls / D_s)^2: the first factor stands here, the second is drawn for.
      dispersion_{survey.population.sigma_min_km_s, survey.population.sigma_max_km_s,
                  [&](double sigma) {
                    const population::Population& p = survey.population;
                    const double ratio = sigma / p.sigma_star_km_s;
                    return std::pow(ratio, p.sigma_power + 3) * std::exp(-std::pow(ratio, p.sigma_cutoff_power));
                  }},
      redshift_{survey.population.lens_z_min, survey.population.lens_z_max,
                [&](double z) { return galaxies.cosmology().relative_volume(z); }} {}

bool LensSample::draw_pair(Candidate& candidate, const Conditions& conditions, RandomStream& random) const {
  const population::Population& p = survey_.population;
  // What refuses most and costs least comes first: all of it is drawn independently.
  const double z = redshift_.draw(random);
  double sigma = dispersion_.draw(random), absolute_r = galaxies_.early_absolute_r(sigma, random);
  const auto is_target = [&] {
    const double i = galaxies_.early_i(absolute_r, z);
    return i > p.lens_i_brightest && i < p.lens_i_faintest;
  };
  const bool uniform = p.einstein_radius_law == population::EinsteinRadiusLaw::uniform;
  if (!uniform && !is_target()) return false;
  const double source_i = galaxies_.counted_magnitude(p.source_i_brightest, p.source_i_faintest, p.source_count_slope, random);
  const double source_z = galaxies_.late_redshift(source_i, random), efficiency = galaxies_.cosmology().lensing_efficiency(z, source_z);
  if (efficiency <= 0 || (!uniform && !random.chance(efficiency * efficiency))) return false;
  if (uniform) {
    candidate.theta_e_arcsec = random.uniform(p.theta_e_min_arcsec, p.theta_e_max_arcsec);
    sigma = std::sqrt(candidate.theta_e_arcsec / population::einstein_radius_arcsec(1, efficiency));
    if (sigma < p.sigma_min_km_s || sigma > p.sigma_max_km_s) return false;
    absolute_r = galaxies_.early_absolute_r(sigma, random);
    if (!is_target()) return false;
  } else {
    candidate.theta_e_arcsec = population::einstein_radius_arcsec(sigma, efficiency);
  }
  // The best band, which decides, is not known yet.
  const double sharpest = *std::min_element(conditions.seeing_fwhm_arcsec.begin(), conditions.seeing_fwhm_arcsec.end());
  if (!is_resolved(candidate.theta_e_arcsec, 0, sharpest)) return false;
  candidate.source = galaxies_.late_type(source_i, source_z, random);
  if (!is_resolved(candidate.theta_e_arcsec, candidate.source.light.effective_radius_arcsec, sharpest)) return false;
  candidate.deflector = galaxies_.early_type(sigma, z, absolute_r, random);
  candidate.deflector.mass.theta_e_arcsec = candidate.theta_e_arcsec;
  return true;
}

/// Whether arcs and deflector come apart (Collett 2015).
bool LensSample::is_resolved(double theta_e_arcsec, double source_radius_arcsec, double seeing_fwhm_arcsec) const {
  const double blur = survey_.population.kept_resolution * seeing_fwhm_arcsec / 2;
  return theta_e_arcsec * theta_e_arcsec > source_radius_arcsec * source_radius_arcsec + blur * blur;
}

/// The S/N that arcs of a magnification cannot exceed. After the PSF an image's sum of squares is neither greater than before it nor
/// greater than that of a point of the same flux.
double LensSample::max_signal_to_noise(const Candidate& candidate, double magnification, std::size_t band,
                                       const Conditions& conditions) const {
  const double m = magnitude(survey_.bands[band], candidate.source.i, candidate.source.colours);
  const double rms = conditions.noise[band].background_rms, flux = std::pow(10, -0.4 * (m - survey_.output_zero_point[band]));
  const double n = candidate.source.light.index, radius = candidate.source.light.effective_radius_arcsec;
  // Of a Sersic profile, (sum of I)^2 over the sum of I^2 is 4^n over its central brightness; arcs have `magnification` times the area.
  const double b = std::max(0.3, 2 * n - 1.0 / 3 + 0.01 / n);
  const double area = 2 * std::numbers::pi * n * radius * radius * std::tgamma(2 * n) * std::pow(4 / (b * b), n);
  const double sigma = render::sigma_of_fwhm(conditions.seeing_fwhm_arcsec[band]), pixel = survey_.pixel_scale_arcsec;
  // Knots are narrower than their body.
  const double clumpy = survey_.population.source_clumpy_fraction > 0 ? 2 : 1;
  const double extended = clumpy * flux * std::sqrt(magnification / area) * pixel / rms;
  const double point = flux * magnification * pixel / (rms * std::sqrt(4 * std::numbers::pi) * sigma);
  return std::min(extended, point);
}

bool LensSample::place_source(Candidate& candidate, const render::Mass& mass, render::Point centre, std::size_t band,
                              const Conditions& conditions, RandomStream& random) const {
  const population::Population& p = survey_.population;
  const double theta_e = candidate.theta_e_arcsec, reach = source_reach * theta_e;
  const render::Point beta{random.uniform(-reach, reach), random.uniform(-reach, reach)};
  // The shear acts about the origin and moves the whole caustic of a lens that is not there.
  const render::Point origin{centre.x - mass.shear.gamma1 * centre.x - mass.shear.gamma2 * centre.y,
                             centre.y - mass.shear.gamma2 * centre.x + mass.shear.gamma1 * centre.y};
  candidate.source.light.centre_arcsec = origin + beta;
  const double greatest = greatest_magnification(mass, std::hypot(beta.x, beta.y), candidate.source.light.effective_radius_arcsec);
  if (greatest < p.kept_magnification || max_signal_to_noise(candidate, greatest, band, conditions) < p.kept_snr) return false;
  const render::PointImages images = render::PointImageFinder{mass, centre, 3.5 * theta_e}.find(origin + beta);
  if (!images.multiple) return false;
  // A source is magnified otherwise than its middle.
  const double rough = 2 * std::max(1.0, images.magnification);
  return images.magnification * 2 >= p.kept_magnification && max_signal_to_noise(candidate, rough, band, conditions) > p.kept_snr;
}

/// The band in which the source, unlensed, is brightest above the noise: in which lenses are looked for.
std::size_t LensSample::best_band(const Candidate& candidate, const Conditions& conditions) const {
  std::size_t best = 0;
  double max = 0;
  for (std::size_t b = 0; b < survey_.bands.size(); ++b) {
    const double flux =
        std::pow(10, -0.4 * (magnitude(survey_.bands[b], candidate.source.i, candidate.source.colours) - survey_.output_zero_point[b]));
    const double above = flux / (conditions.noise[b].background_rms * conditions.seeing_fwhm_arcsec[b]);
    if (above > max) {
      max = above;
      best = b;
    }
  }
  return best;
}

/// Whether the survey keeps the lens, as rendered in its best band as far as its arcs reach.
bool LensSample::shows(const LensSystem& lens, std::size_t band, const Conditions& conditions, int size, render::Renderer& renderer) const {
  const population::Population& p = survey_.population;
  const double radius = lens.source.light.effective_radius_arcsec, seeing = conditions.seeing_fwhm_arcsec[band];
  // Images lie within two Einstein radii. In steps, so that the renderer's buffers serve again.
  const double arcs = 2 * (2 * lens.theta_e_arcsec + 3 * radius + seeing) / survey_.pixel_scale_arcsec;
  // What decides is sums over many pixels: they may be less exact than the image.
  render::RenderOptions rough{.size = std::min(size, 16 * static_cast<int>(std::ceil(arcs / 16))),
                              .pixel_scale_arcsec = survey_.pixel_scale_arcsec};
  rough.tolerance *= 5;
  rough.negligible_flux = {render_options(survey_, conditions, size).negligible_flux[band]};
  const render::Scene scene = in_one_band(lens.scene, band);
  const render::Rendering seen = renderer.render(scene, {&conditions.psfs[band], 1}, rough);
  const double mu = rendered_magnification(seen.arcs[0], source_flux(scene, 0));
  return mu > p.kept_magnification && mu * radius > seeing &&
         best_signal_to_noise(seen.arcs[0], seen.image[0], conditions.noise[band], p.kept_contrast) > p.kept_snr;
}

/// Whether the lens is worth rendering: a quick look at its best band comes near to what is kept.
bool LensSample::promises(const LensSystem& lens, std::size_t band, const Conditions& conditions, int size) const {
  const population::Population& p = survey_.population;
  const double radius = lens.source.light.effective_radius_arcsec, seeing = conditions.seeing_fwhm_arcsec[band];
  // Samples at the pixels' centres may miss it; of pictures there is no quick look.
  if (radius < survey_.pixel_scale_arcsec / 2 || lens.scene.sources.front().image) return true;
  const Noise& noise = conditions.noise[band];
  // The wider the source, the better the samples.
  const bool clumpy = lens.scene.sources.size() > 1;
  const double fraction = radius > 1.5 * survey_.pixel_scale_arcsec ? 0.92
                          : radius > survey_.pixel_scale_arcsec     ? (clumpy ? 0.8 : 0.85)
                                                                    : 0.7;
  // A pixel that just counts in the rendering must count here.
  const double contrast = 0.7 * p.kept_contrast;
  const Preview seen = preview_lens(in_one_band(lens.scene, band),
                                    {.pixel_scale_arcsec = survey_.pixel_scale_arcsec,
                                     .seeing_fwhm_arcsec = blur_fwhm_arcsec(conditions.psfs[band], seeing, survey_.pixel_scale_arcsec),
                                     .size = size,
                                     .background_rms = noise.background_rms,
                                     .gain = noise.gain,
                                     .contrast = contrast,
                                     .min_magnification = fraction * std::max(p.kept_magnification, seeing / radius)});
  return seen.magnification > fraction * p.kept_magnification && seen.magnification * radius > fraction * seeing &&
         seen.signal_to_noise > fraction * p.kept_snr;
}

LensSystem LensSample::draw(render::Point centre, const Conditions& conditions, int size, render::Renderer& renderer,
                            RandomStream& random) const {
  return draw(true, centre, conditions, size, renderer, random);
}

LensSystem LensSample::draw_unseen(render::Point centre, const Conditions& conditions, int size, render::Renderer& renderer,
                                   RandomStream& random) const {
  return draw(false, centre, conditions, size, renderer, random);
}

LensSystem LensSample::draw(bool all_bands, render::Point centre, const Conditions& conditions, int size, render::Renderer& renderer,
                            RandomStream& random) const {
  Candidate candidate;
  for (int tries = 0; tries < max_tries; ++tries) {
    if (!draw_pair(candidate, conditions, random)) continue;
    LensSystem lens;
    render::PowerLawEllipsoid mass = candidate.deflector.mass;
    mass.centre_arcsec = centre;
    lens.shear = {random.normal(0, survey_.population.shear_scatter), random.normal(0, survey_.population.shear_scatter)};
    lens.scene.mass = {{mass}, lens.shear};
    const std::size_t band = best_band(candidate, conditions);
    if (!is_resolved(candidate.theta_e_arcsec, candidate.source.light.effective_radius_arcsec, conditions.seeing_fwhm_arcsec[band]))
      continue;
    if (!place_source(candidate, lens.scene.mass, centre, band, conditions, random)) continue;
    lens.deflector = candidate.deflector;
    lens.source = candidate.source;
    lens.theta_e_arcsec = candidate.theta_e_arcsec;
    lens.scene.unlensed.push_back(light_of(lens.deflector.light, centre, survey_, lens.deflector.i, lens.deflector.colours));
    lens.scene.sources = source_lights(lens.source, survey_, random);
    if (!promises(lens, band, conditions, size)) continue;
    if (!shows(lens, band, conditions, size, renderer)) continue;
    if (!all_bands) return lens;
    lens.rendering = renderer.render(lens.scene, conditions.psfs, render_options(survey_, conditions, size));
    for (std::size_t b = 0; b < survey_.bands.size(); ++b) {
      lens.arc_snr.push_back(best_signal_to_noise(lens.rendering.arcs[b], lens.rendering.image[b], conditions.noise[b]));
    }
    lens.magnification =
        magnifications(lens.scene, lens.source.light.effective_radius_arcsec, lens.rendering.arcs, survey_.pixel_scale_arcsec, renderer);
    return lens;
  }
  throw Error{survey_.name + ": no lens that the survey would keep in " + std::to_string(max_tries) + " tries",
              "loosen kept_snr, kept_magnification or the magnitude limits"};
}

/// Images lie within two Einstein radii of the deflector, and a source reaches a few of its own radii, stretched.
std::vector<double> magnifications(const render::Scene& scene, double radius_arcsec, const std::vector<render::Plane>& arcs,
                                   double pixel_scale_arcsec, render::Renderer& renderer) {
  const render::PowerLawEllipsoid& mass = scene.mass.ellipsoids.front();
  const double reach = 3 * (mass.theta_e_arcsec + radius_arcsec) + 1, half = 0.5 * arcs.front().side * pixel_scale_arcsec;
  std::vector<double> out;
  const auto measure = [&](const std::vector<render::Plane>& all) {
    for (std::size_t b = 0; b < all.size(); ++b) out.push_back(rendered_magnification(all[b], source_flux(scene, b)));
  };
  if (half >= reach) {
    measure(arcs);
    return out;
  }
  // The cutout would cut a part of the arcs' light off.
  render::Scene arcs_alone = scene;
  arcs_alone.unlensed.clear();
  const std::vector<render::Psf> none(arcs.size(), render::NoPsf{});
  // In steps, so that the renderer's buffers serve again.
  const int side = 16 * static_cast<int>(std::ceil(2 * reach / pixel_scale_arcsec / 16));
  measure(renderer.render(arcs_alone, none, {.size = side, .pixel_scale_arcsec = pixel_scale_arcsec}).arcs);
  return out;
}

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
  const population::Colours& old = source.colours;
  const population::Colours young{old.g_r - 0.2, old.r_i - 0.1, old.i_z - 0.05, old.z_y - 0.05, old.y_j - 0.05, old.j_h - 0.05};
  for (std::uint64_t k = 0; k < knots; ++k) {
    // Uniform over the ellipse that holds three quarters of an exponential disk's light.
    const double r = 1.6 * radius * std::sqrt(random.uniform()), angle = random.uniform(0, 2 * std::numbers::pi);
    const double u = r * std::cos(angle) / std::sqrt(q), v = r * std::sin(angle) * std::sqrt(q);
    const render::Sersic knot{.effective_radius_arcsec = random.uniform(0.1, 0.25) * radius, .index = 0.5};
    const double fraction = p.source_knot_flux * random.uniform(0.4, 1.6);
    const render::Point offset{source.light.centre_arcsec.x + u * c - v * s, source.light.centre_arcsec.y + u * s + v * c};
    render::Light light = light_of(knot, offset, survey, source.i - 2.5 * std::log10(fraction), young);
    for (std::size_t b = 0; b < light.flux.size(); ++b) {
      light.flux[b] = std::min(light.flux[b], 0.5 * out.front().flux[b]);
      out.front().flux[b] -= light.flux[b];
    }
    out.push_back(std::move(light));
  }
  return out;
}

double source_flux(const render::Scene& scene, std::size_t band) {
  double flux = 0;
  for (const render::Light& light : scene.sources) flux += light.flux[band];
  return flux;
}

}  // namespace lensfind::simulate
