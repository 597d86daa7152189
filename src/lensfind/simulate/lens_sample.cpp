#include "lensfind/simulate/lens_sample.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lensfind/base/error.h"
#include "lensfind/render/point_images.h"
#include "lensfind/render/psf_file.h"
#include "lensfind/simulate/early_lights.h"
#include "lensfind/simulate/lens_preview.h"
#include "lensfind/simulate/neighbours.h"
#include "lensfind/simulate/source_lights.h"

namespace lensfind::simulate {
namespace {

constexpr int max_tries = 2'000'000;

/// Of the deflector and its halo.
double radius_of(const render::Mass& mass) {
  const double galaxy = mass.ellipsoids.front().theta_e_arcsec;
  if (mass.halos.empty()) return galaxy;
  return population::group_einstein_radius(galaxy, mass.halos.front().strength_arcsec, mass.halos.front().core_arcsec);
}

render::Scene in_one_band(render::Scene scene, std::size_t band) {
  for (auto* lights : {&scene.unlensed, &scene.sources, &scene.point_images}) {
    for (render::Light& light : *lights) light.flux = {light.flux[band]};
  }
  return scene;
}

/// Of the Gaussian that stands for a band's PSF before the pixel. A Moffat's gives a point the S/N that it has behind the PSF: the mean of
/// their squares is the same. An image's has its FWHM, less the pixel's own width: a square of side 1 has a standard deviation of sqrt(1 /
/// 12).
double blur_fwhm_arcsec(const render::Psf& psf, double seeing_fwhm_arcsec, double pixel_scale_arcsec) {
  if (const auto* moffat = std::get_if<render::MoffatPsf>(&psf)) {
    // A Moffat's is (beta - 1)^2 / ((2 beta - 1) pi alpha^2), a Gaussian's 1 / (4 pi sigma^2).
    const double sigma =
        render::moffat_alpha(moffat->fwhm_arcsec, moffat->beta) * std::sqrt(2 * moffat->beta - 1) / (2 * (moffat->beta - 1));
    return sigma / render::sigma_of_fwhm(1);
  }
  const auto* image = std::get_if<render::ImagePsf>(&psf);
  if (!image) return seeing_fwhm_arcsec;
  const double with_pixel = fwhm_arcsec(*image, pixel_scale_arcsec), pixel = pixel_scale_arcsec / render::sigma_of_fwhm(std::sqrt(12));
  return std::sqrt(std::max(with_pixel * with_pixel - pixel * pixel, pixel * pixel));
}

/// Of a lens as if it were nearly round: what decides how much it magnifies.
struct Roundness {
  double theta_e;        ///< arcsec
  double radial;         ///< 1 - d alpha / d theta at theta_E: images are stretched outwards by its inverse
  double cusp;           ///< arcsec from the middle of the tangential caustic to its farthest cusp, or more
  double reach;          ///< arcsec: no source farther from the middle has several images
  render::Point middle;  ///< of the caustic
};

/// Distance from the axis within which a source behind a round isothermal galaxy in a round cored halo has several images: the greatest
/// alpha(x) - x.
double farthest_multiple(double galaxy_arcsec, double halo_arcsec, double core_arcsec) {
  const double square = std::pow(halo_arcsec * core_arcsec * core_arcsec, 2.0 / 3),
               x = std::sqrt(std::max(0.0, square - core_arcsec * core_arcsec));
  return galaxy_arcsec + (halo_arcsec / std::hypot(core_arcsec, x) - 1) * x;
}

/// Where a shear has a place come from: it acts about the origin and moves the whole caustic of a lens that is not there.
render::Point behind(render::Point place, const render::ExternalShear& shear) {
  return {place.x - shear.gamma1 * place.x - shear.gamma2 * place.y, place.y - shear.gamma2 * place.x + shear.gamma1 * place.y};
}

/// Of a deflector about `centre` with the members that the mass holds: each moves the caustic by its Einstein radius, and nearer ones
/// stretch it more.
Roundness roundness(const LensCandidate& candidate, const render::Mass& mass, render::Point centre) {
  const render::PowerLawEllipsoid& galaxy = mass.ellipsoids.front();
  const double q = galaxy.axis_ratio, rest = std::sqrt(1 - q * q) + 1e-6, theta_e = candidate.theta_e_arcsec;
  double shear = std::hypot(mass.shear.gamma1, mass.shear.gamma2);
  render::Point middle = behind(centre, mass.shear);
  for (auto member = mass.ellipsoids.begin() + 1; member != mass.ellipsoids.end(); ++member) {
    const render::Point to = member->centre_arcsec - centre;
    const double away = std::hypot(to.x, to.y), near = std::max(away - theta_e, 0.3 * theta_e);
    middle = middle + render::Point{member->theta_e_arcsec * to.x / away, member->theta_e_arcsec * to.y / away};
    shear += 0.5 * member->theta_e_arcsec / near;
  }
  const double of_galaxy = std::sqrt(q) * (1 / q - std::atanh(std::min(rest, 1 - 1e-9)) / rest), radial = std::max(0.5, galaxy.slope - 1);
  if (mass.halos.empty()) return {theta_e, radial, (of_galaxy + 2.5 * shear) * theta_e, 2 * source_reach * theta_e, middle};
  const render::CoredHalo& halo = mass.halos.front();
  const double core = halo.core_arcsec * halo.core_arcsec, square = core + theta_e * theta_e, root = std::sqrt(square);
  // On the major axis of an elliptical potential the cusp stands 2 e / sqrt(1 - e) of the deflection from the middle.
  const double of_halo = 2 * halo.ellipticity / std::sqrt(1 - halo.ellipticity) * halo.strength_arcsec * theta_e / root;
  const double cusp = of_galaxy * galaxy.theta_e_arcsec + 1.5 * of_halo + 2.5 * shear * theta_e;
  return {theta_e, std::max(0.25, radial - halo.strength_arcsec * core / (square * root)), cusp,
          1.4 * farthest_multiple(galaxy.theta_e_arcsec, halo.strength_arcsec, halo.core_arcsec) + cusp, middle};
}

/// More than the magnification of a source of effective radius `radius` at a distance from the middle of the caustic. An isothermal sphere
/// magnifies a point 2 theta_E / distance times; ellipticity and shear spread its middle over the tangential caustic.
double greatest_magnification(const Roundness& lens, double distance, double radius) {
  const double away = std::max(distance - lens.cusp - radius, 0.15 * radius + 1e-3 * lens.theta_e);
  return 1.3 / lens.radial * std::max(2 * lens.theta_e / away, 1 + lens.theta_e / away);
}

}  // namespace

LensSample::LensSample(const population::GalaxySample& galaxies, const Survey& survey)
    : galaxies_{galaxies}, survey_{survey}, candidates_{galaxies, survey}, members_{galaxies}, faintest_member_i_{faintest_seen(survey)} {}

/// The S/N that arcs of a magnification cannot exceed. After the PSF an image's sum of squares is neither greater than before it nor
/// greater than that of a point of the same flux.
double LensSample::max_signal_to_noise(const LensCandidate& candidate, double magnification, std::size_t band,
                                       const Conditions& conditions) const {
  const double m = magnitude(survey_.bands[band], candidate.source.i, candidate.source.colours);
  const double rms = conditions.noise[band].background_rms, flux = std::pow(10, -0.4 * (m - survey_.output_zero_point[band]));
  const double n = candidate.source.light.index, radius = candidate.source.light.effective_radius_arcsec;
  // Of a Sersic profile, (sum of I)^2 over the sum of I^2 is 4^n over its central brightness; arcs have `magnification` times the area.
  const double b = std::max(0.3, 2 * n - 1.0 / 3 + 0.01 / n);
  const double area = 2 * std::numbers::pi * n * radius * radius * std::tgamma(2 * n) * std::pow(4 / (b * b), n);
  const double sigma = render::sigma_of_fwhm(conditions.seeing_fwhm_arcsec[band]), pixel = survey_.pixel_scale_arcsec;
  const double point = flux * magnification * pixel / (rms * std::sqrt(4 * std::numbers::pi) * sigma);
  // Knots are narrower than their body.
  const double clumpy = survey_.population.source_clumpy_fraction > 0 ? 2 : 1;
  if (candidate.quasar) return point;
  const double extended = clumpy * flux * std::sqrt(magnification / area) * pixel / rms;
  return std::min(extended, point);
}

void LensSample::place_source(LensCandidate& candidate, const render::Mass& mass, render::Point centre, RandomStream& random) const {
  const double reach = source_reach * candidate.theta_e_arcsec;
  candidate.source.light.centre_arcsec =
      behind(centre, mass.shear) + render::Point{random.uniform(-reach, reach), random.uniform(-reach, reach)};
}

/// Whether bounds on what the lens may magnify leave it a chance.
bool LensSample::may_be_kept(const LensCandidate& candidate, const render::Mass& mass, render::Point centre, std::size_t band,
                             const Conditions& conditions) const {
  const population::Population& p = survey_.population;
  const Roundness lens = roundness(candidate, mass, centre);
  const render::Point beta = candidate.source.light.centre_arcsec - lens.middle;
  const double distance = std::hypot(beta.x, beta.y);
  if (distance > lens.reach) return false;
  const double greatest = greatest_magnification(lens, distance, candidate.source.light.effective_radius_arcsec);
  return greatest >= p.kept_magnification && max_signal_to_noise(candidate, greatest, band, conditions) >= p.kept_snr;
}

bool LensSample::has_images(const LensCandidate& candidate, const render::Mass& mass, render::Point centre, std::size_t band,
                            const Conditions& conditions) const {
  const population::Population& p = survey_.population;
  const render::PointImages images =
      render::images_of_point(mass, centre, 3.5 * candidate.theta_e_arcsec, candidate.source.light.centre_arcsec);
  if (!images.multiple) return false;
  // A source is magnified otherwise than its middle. Of 4,500 kept lenses (hsc, its min-max look, des) the bound at the middle's
  // magnification is below eight tenths of the S/N for one.
  const bool small = candidate.source.light.effective_radius_arcsec <= 0.1 * candidate.theta_e_arcsec;
  const double bound = std::max(1.0, (small ? 1 : 1.6) * images.magnification);
  return images.magnification * 2 >= p.kept_magnification && max_signal_to_noise(candidate, bound, band, conditions) > 0.8 * p.kept_snr;
}

/// The band in which the source, unlensed, is brightest above the noise: in which lenses are looked for.
std::size_t LensSample::best_band(const LensCandidate& candidate, const Conditions& conditions) const {
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

/// Whether the arcs by themselves are magnified, resolved and bright enough in its best band.
bool LensSample::arcs_suffice(const LensSystem& lens, std::size_t band, const Conditions& conditions, const render::Plane& arcs) const {
  const population::Population& p = survey_.population;
  const double radius = lens.source.light.effective_radius_arcsec, seeing = conditions.seeing_fwhm_arcsec[band];
  const double mu = rendered_magnification(arcs, source_flux(lens.scene, band) + (lens.quasar_i ? lens.quasar_flux[band] : 0));
  // Points are resolved where they come apart.
  const bool resolved = lens.quasar_i ? 2 * lens.theta_e_arcsec > seeing : mu * radius > seeing;
  return mu > p.kept_magnification && resolved && best_signal_to_noise(arcs, arcs, conditions.noise[band]) > p.kept_snr;
}

/// Renders the lens in some bands, of which the survey judges by the best: nothing where it would not keep the lens. The deflector's light
/// is not rendered where the arcs do not suffice even without it.
std::optional<render::Rendering> LensSample::rendered_if_kept(const LensSystem& lens, const Bands& in, const Conditions& conditions,
                                                              const render::RenderOptions& options, render::Renderer& renderer) const {
  const population::Population& p = survey_.population;
  const render::ArcsJudge judge{in.best, [&](const render::Plane& arcs) { return arcs_suffice(lens, in.best_of_all, conditions, arcs); }};
  std::optional<render::Rendering> seen = renderer.render_if(in.scene, in.psfs, options, judge);
  if (!seen) return seen;
  const Noise& noise = conditions.noise[in.best_of_all];
  if (best_signal_to_noise(seen->arcs[in.best], seen->image[in.best], noise, p.kept_contrast) <= p.kept_snr) seen.reset();
  return seen;
}

/// Whether the survey keeps it, as rendered in its best band alone as far as its arcs reach.
bool LensSample::shows(const LensSystem& lens, std::size_t band, const Conditions& conditions, int size, render::Renderer& renderer) const {
  const double radius = lens.source.light.effective_radius_arcsec, seeing = conditions.seeing_fwhm_arcsec[band];
  // Images lie within two Einstein radii. In steps, so that the renderer's buffers serve again.
  const double arcs = 2 * (2 * lens.theta_e_arcsec + 3 * radius + seeing) / survey_.pixel_scale_arcsec;
  // What decides is sums over many pixels: they may be less exact than the image.
  render::RenderOptions rough{.size = std::min(size, 16 * static_cast<int>(std::ceil(arcs / 16))),
                              .pixel_scale_arcsec = survey_.pixel_scale_arcsec};
  rough.tolerance *= 5;
  rough.negligible_flux = {render_options(survey_, conditions, size).negligible_flux[band]};
  const render::Scene scene = in_one_band(lens.scene, band);
  return rendered_if_kept(lens, {scene, {&conditions.psfs[band], 1}, 0, band}, conditions, rough, renderer).has_value();
}

/// Whether a quick look at the best band says that the lens is worth rendering.
bool LensSample::promises(const LensSystem& lens, std::size_t band, const Conditions& conditions, int size) const {
  const population::Population& p = survey_.population;
  const double radius = lens.source.light.effective_radius_arcsec, seeing = conditions.seeing_fwhm_arcsec[band],
               pixel = survey_.pixel_scale_arcsec;
  // Samples may miss what is narrower than their spacing; of pictures there is no quick look.
  constexpr int finest = 4;
  if (radius < pixel / finest || lens.scene.sources.front().image) return true;
  const int finer = std::max(1, static_cast<int>(std::ceil(pixel / radius)));
  const Noise& noise = conditions.noise[band];
  // The wider the source, the better the samples.
  const bool clumpy = lens.scene.sources.size() > 1;
  const double fraction = radius > 1.5 * pixel ? 0.92 : radius > pixel ? (clumpy ? 0.8 : 0.85) : 0.7;
  // A pixel that just counts in the rendering must count here.
  const double contrast = 0.7 * p.kept_contrast;
  const Preview seen =
      preview_lens(in_one_band(lens.scene, band), {.pixel_scale_arcsec = pixel,
                                                   .seeing_fwhm_arcsec = blur_fwhm_arcsec(conditions.psfs[band], seeing, pixel),
                                                   .size = size,
                                                   .background_rms = noise.background_rms,
                                                   .gain = noise.gain,
                                                   .contrast = contrast,
                                                   .theta_e_arcsec = lens.theta_e_arcsec,
                                                   .min_magnification = fraction * std::max(p.kept_magnification, seeing / radius),
                                                   .min_snr = fraction * p.kept_snr,
                                                   .finer = finer});
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

std::vector<population::Member> LensSample::members_about(const population::EarlyType& target, double group_sigma_km_s, int size,
                                                          RandomStream& random) const {
  // Galaxies of one dispersion live in halos of different masses.
  const double sigma = group_sigma_km_s > 0 ? group_sigma_km_s : target.sigma_km_s * std::exp(random.normal(0, 0.3));
  // A stream of their own: a larger cutout shows the same lens and more members.
  const std::uint64_t first = random(), second = random();
  RandomStream own{first << 32 | second, Purpose::neighbours};
  return members_.draw(target, sigma, (0.5 * size + 8) * survey_.pixel_scale_arcsec, faintest_member_i_, own);
}

/// Members have mass of their own: isothermal spheroids of their dispersion.
void LensSample::surround(LensSystem& lens, render::Point centre, int size, RandomStream& random) const {
  lens.members = members_about(lens.deflector, lens.group.sigma_km_s, size, random);
  const double efficiency = galaxies_.cosmology().lensing_efficiency(lens.deflector.z, lens.source.z);
  for (const population::Member& member : lens.members) {
    render::PowerLawEllipsoid mass = member.galaxy.mass;
    mass.theta_e_arcsec = population::einstein_radius_arcsec(member.galaxy.sigma_km_s, efficiency);
    mass.slope = 2;
    mass.centre_arcsec = centre + member.offset_arcsec;
    constexpr double felt_arcsec = 0.02;
    if (mass.theta_e_arcsec > felt_arcsec) lens.scene.mass.ellipsoids.push_back(mass);
  }
}

/// Of the deflector, its members and its source, which may be a quasar in its host.
void LensSample::add_light(LensSystem& lens, bool quasar, render::Point centre, RandomStream& random) const {
  lens.scene.unlensed = early_lights(lens.deflector, centre, survey_, random);
  lens.own_lights = lens.scene.unlensed.size();
  for (render::Light& light : member_lights(lens.members, centre, survey_)) lens.scene.unlensed.push_back(std::move(light));
  if (quasar) {
    // Both together have the source's magnitude; the quasar outshines its host by up to 3 mag.
    const double ratio = std::pow(10, 0.4 * random.uniform(0, 3));
    lens.quasar_i = magnitude_of_part(lens.source.i, ratio / (1 + ratio));
    lens.source.i = magnitude_of_part(lens.source.i, 1 / (1 + ratio));
    const population::Colours colours = quasar_colours(random);
    lens.quasar_flux = fluxes(survey_.bands, survey_.output_zero_point, *lens.quasar_i, colours);
    lens.scene.point_images =
        quasar_images(lens.scene.mass, centre, lens.theta_e_arcsec, lens.source.light.centre_arcsec, *lens.quasar_i, colours, survey_);
  }
  lens.scene.sources = source_lights(lens.source, survey_, random);
}

/// At a redshift of its own, within the Einstein radius of the first; what it has in the way of mass is left out.
void LensSample::add_second_source(LensSystem& lens, const LensCandidate& candidate, RandomStream& random) const {
  const population::Population& p = survey_.population;
  const double i = std::min(galaxies_.counted_magnitude(p.source_i_brightest, p.source_i_faintest, p.source_count_slope, random), 26.0);
  population::LateType second = galaxies_.late_type(i, random);
  const double efficiency = galaxies_.cosmology().lensing_efficiency(lens.deflector.z, second.z);
  if (efficiency <= 0) return;
  const double distance = lens.theta_e_arcsec * std::sqrt(random.uniform()), angle = random.uniform(0, 2 * std::numbers::pi);
  second.light.centre_arcsec = lens.source.light.centre_arcsec + render::Point{distance * std::cos(angle), distance * std::sin(angle)};
  lens.second_z = second.z;
  for (render::Light& light : source_lights(second, survey_, random)) {
    light.deflection_factor = efficiency / candidate.efficiency;
    lens.scene.sources.push_back(std::move(light));
  }
}

bool LensSample::try_one(LensSystem& lens, LensCandidate& candidate, bool all_bands, render::Point centre, const Conditions& conditions,
                         int size, render::Renderer& renderer, RandomStream& random) const {
  const population::Population& p = survey_.population;
  render::PowerLawEllipsoid mass = candidate.deflector.mass;
  mass.centre_arcsec = centre;
  lens.shear = {random.normal(0, p.shear_scatter), random.normal(0, p.shear_scatter)};
  lens.scene.mass = {{mass}, lens.shear, candidate.halos(centre)};
  const std::size_t band = best_band(candidate, conditions);
  if (!is_resolved(p, candidate.theta_e_arcsec, candidate.source.light.effective_radius_arcsec, conditions.seeing_fwhm_arcsec[band]))
    return false;
  place_source(candidate, lens.scene.mass, centre, random);
  // Members move a group's caustics, so that it must wait for them.
  if (!candidate.in_group() && !may_be_kept(candidate, lens.scene.mass, centre, band, conditions)) return false;
  lens.deflector = candidate.deflector;
  lens.source = candidate.source;
  lens.group = candidate.group;
  lens.theta_e_arcsec = candidate.theta_e_arcsec;
  surround(lens, centre, size, random);
  if (candidate.in_group() && !may_be_kept(candidate, lens.scene.mass, centre, band, conditions)) return false;
  if (!has_images(candidate, lens.scene.mass, centre, band, conditions)) return false;
  add_light(lens, candidate.quasar, centre, random);
  if (!candidate.quasar && !promises(lens, band, conditions, size)) return false;
  const bool paired = !candidate.quasar && survey_.source_pictures.empty() && random.chance(p.source_pair_fraction);
  // A second source has no part in what is kept.
  if ((paired || !all_bands) && !shows(lens, band, conditions, size, renderer)) return false;
  if (paired) add_second_source(lens, candidate, random);
  if (!all_bands) return true;
  const render::RenderOptions options = render_options(survey_, conditions, size);
  if (paired) {
    lens.rendering = renderer.render(lens.scene, conditions.psfs, options);
  } else {
    auto seen = rendered_if_kept(lens, {lens.scene, conditions.psfs, band, band}, conditions, options, renderer);
    if (!seen) return false;
    lens.rendering = std::move(*seen);
  }
  for (std::size_t b = 0; b < survey_.bands.size(); ++b)
    lens.arc_snr.push_back(best_signal_to_noise(lens.rendering.arcs[b], lens.rendering.image[b], conditions.noise[b]));
  lens.magnification = magnifications(lens.scene, lens.source.light.effective_radius_arcsec, lens.rendering.arcs,
                                      survey_.pixel_scale_arcsec, renderer, lens.quasar_flux);
  return true;
}

LensSystem LensSample::draw(bool all_bands, render::Point centre, const Conditions& conditions, int size, render::Renderer& renderer,
                            RandomStream& random) const {
  // Of the uniform law, so that the kept lenses' radii are uniform; one that this survey hardly ever shows is given up.
  constexpr int patience = 20'000;
  double theta_e_arcsec = 0;
  LensCandidate candidate;
  for (int tries = 1; tries <= max_tries; ++tries) {
    if (tries % patience == 1) theta_e_arcsec = candidates_.draw_radius(random);
    if (!candidates_.draw(candidate, conditions, theta_e_arcsec, random)) continue;
    LensSystem lens;
    if (!try_one(lens, candidate, all_bands, centre, conditions, size, renderer, random)) continue;
    lens.tries = tries * candidates_.draws_a_try(conditions);
    return lens;
  }
  throw Error{survey_.name + ": no lens that the survey would keep in " + std::to_string(max_tries) + " tries",
              "loosen kept_snr, kept_magnification or the magnitude limits"};
}

/// A source at a distance from the axis has images up to as much farther out than the Einstein radius, or a little more where ellipticity
/// and shear help; it reaches a few of its own radii.
std::vector<double> magnifications(const render::Scene& scene, double radius_arcsec, const std::vector<render::Plane>& arcs,
                                   double pixel_scale_arcsec, render::Renderer& renderer, const std::vector<double>& point_flux) {
  const render::Point lens = scene.mass.ellipsoids.front().centre_arcsec;
  double away = 0, size = radius_arcsec, deflection = 1;
  for (const render::Light& source : scene.sources) {
    const render::Point off = source.profile.centre_arcsec - lens;
    away = std::max({away, std::hypot(off.x, off.y), (source.deflection_factor - 1) * radius_of(scene.mass)});
    deflection = std::max(deflection, source.deflection_factor);
    size = std::max(size, source.profile.effective_radius_arcsec / std::sqrt(source.profile.axis_ratio));
  }
  const double images = std::min(3 * deflection * radius_of(scene.mass), 1.4 * (radius_of(scene.mass) + away)),
               reach = images + 4 * size + 0.5 + std::max(std::abs(lens.x), std::abs(lens.y)),
               half = 0.5 * arcs.front().side * pixel_scale_arcsec;
  std::vector<double> out;
  const auto measure = [&](const std::vector<render::Plane>& all) {
    for (std::size_t b = 0; b < all.size(); ++b)
      out.push_back(rendered_magnification(all[b], source_flux(scene, b) + (point_flux.empty() ? 0 : point_flux[b])));
  };
  if (half >= reach) {
    measure(arcs);
    return out;
  }
  // The cutout would cut a part of the arcs' light off.
  render::Scene arcs_alone = scene;
  arcs_alone.unlensed.clear();
  const std::vector<render::Psf> none(arcs.size(), render::NoPsf{});
  // Pixels' means add up to the same whatever their size. In steps, so that the renderer's buffers serve again.
  const double pixel = 2 * pixel_scale_arcsec;
  const int side = 16 * static_cast<int>(std::ceil(2 * reach / pixel / 16));
  render::RenderOptions rough{.size = side, .pixel_scale_arcsec = pixel};
  rough.tolerance *= 5;  // of a sum over many pixels
  measure(renderer.render(arcs_alone, none, rough).arcs);
  return out;
}

double source_flux(const render::Scene& scene, std::size_t band) {
  double flux = 0;
  for (const render::Light& light : scene.sources) flux += light.flux[band];
  return flux;
}

}  // namespace lensfind::simulate
