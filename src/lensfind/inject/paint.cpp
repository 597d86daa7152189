#include "lensfind/inject/paint.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/missing.h"
#include "lensfind/image/scaling.h"
#include "lensfind/render/point_images.h"
#include "lensfind/simulate/cutout.h"
#include "lensfind/simulate/lens_sample.h"
#include "lensfind/simulate/source_lights.h"

namespace lensfind::inject {
namespace {

/// Draws for one cutout before the next is tried.
constexpr int max_tries = 20'000;
/// Einstein radius at which every candidate is taken on; smaller ones in proportion to the area behind them.
constexpr double widest_arcsec = 3;
constexpr double aperture_arcsec = 2;

double median_of_edge(image::ImageView image, int band) {
  std::vector<float> values;
  for (int k = 0; k < image.shape.width; ++k)
    values.insert(values.end(), {image.at(band, 0, k), image.at(band, image.shape.height - 1, k), image.at(band, k, 0),
                                 image.at(band, k, image.shape.width - 1)});
  std::erase_if(values, [](float value) { return std::isnan(value); });
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return static_cast<double>(*middle);
}

/// Sums of the light above the sky within a circle: of itself, of its first and of its second moments, pixels from the middle.
struct Moments {
  double light = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
};

/// An ellipse in pixels from the image's middle; its radius is the product-averaged one.
struct Aperture {
  render::Point centre;
  double radius = 3, axis_ratio = 1, angle_rad = 0;

  [[nodiscard]] bool holds(double x, double y) const {
    const double c = std::cos(angle_rad), s = std::sin(angle_rad), u = c * x + s * y, v = c * y - s * x;
    return axis_ratio * u * u + v * v / axis_ratio <= radius * radius;
  }
};

Moments moments_within(image::ImageView image, int band, const Aperture& aperture, double above) {
  const double middle = 0.5 * (image.shape.width - 1), sky = median_of_edge(image, band);
  Moments out;
  for (int row = 0; row < image.shape.height; ++row) {
    for (int column = 0; column < image.shape.width; ++column) {
      const double x = column - middle - aperture.centre.x, y = row - middle - aperture.centre.y;
      const double light = static_cast<double>(image.at(band, row, column)) - sky;
      if (!aperture.holds(x, y) || light <= above || std::isnan(light)) continue;
      out.light += light;
      out.x += light * x;
      out.y += light * y;
      out.xx += light * x * x;
      out.yy += light * y * y;
      out.xy += light * x * y;
    }
  }
  return out;
}

/// The band in which a red galaxy is measured best: i, or the reddest there is.
std::size_t deflector_band(const simulate::Survey& survey) {
  const auto i = std::find(survey.bands.begin(), survey.bands.end(), "i");
  return i == survey.bands.end() ? survey.bands.size() - 1 : static_cast<std::size_t>(i - survey.bands.begin());
}

/// The arcs as far as pixels are there to show them, and with all other light.
std::pair<render::Plane, render::Plane> on_host(const render::Plane& arcs, image::ImageView host, int band) {
  std::pair<render::Plane, render::Plane> out{arcs, arcs};
  for (int row = 0; row < arcs.side; ++row) {
    for (int column = 0; column < arcs.side; ++column) {
      const float real = host.at(band, row, column);
      if (std::isnan(real)) out.first.at(row, column) = 0;
      out.second.at(row, column) += std::isnan(real) ? 0 : real;
    }
  }
  return out;
}

render::Plane times(render::Plane plane, double factor) {
  for (float& value : plane.values) value *= static_cast<float>(factor);
  return plane;
}

void require_room(const std::optional<PaintCell>& cell, const HostCutout& host) {
  const double room = .4 * host.image.shape().width * host.sky.pixel_scale_arcsec;
  if (!cell || cell->radius_high_arcsec <= room) return;
  throw Error{fmt::format("an Einstein radius of {:.3g} arcsec has no room on {}, which is {:.3g} arcsec wide", cell->radius_high_arcsec,
                          host.name, 2.5 * room),
              fmt::format("give --grid-radius up to {:.2g}, or larger cutouts", room)};
}

}  // namespace

/// The galaxy on a host as its pixels show it.
struct Painter::Deflector {
  render::Point centre_arcsec;
  double axis_ratio = 1, angle_rad = 0;
  std::vector<double> magnitudes;  ///< a band
};

/// A lens that might be painted.
struct Painter::Candidate {
  population::EarlyType galaxy;
  population::LateType source;
  render::Scene scene;
};

Painter::Deflector Painter::look_at(const HostCutout& host) const {
  Deflector out;
  const std::size_t band = deflector_band(survey_);
  const image::ImageView image = host.image.view();
  const double scale = host.sky.pixel_scale_arcsec, noise = host.conditions.noise[band].background_rms;
  Aperture core{};
  for (int step = 0; step < 5; ++step) {
    const Moments m = moments_within(image, static_cast<int>(band), core, 2 * noise);
    if (m.light > 0) core.centre = core.centre + render::Point{m.x / m.light, m.y / m.light};
  }
  if (std::hypot(core.centre.x, core.centre.y) > 5) core.centre = {};
  out.centre_arcsec = {core.centre.x * scale, core.centre.y * scale};
  // The aperture takes the shape that it finds: a round one would make every galaxy rounder.
  Aperture shape{core.centre, 7};
  for (int step = 0; step < 8; ++step) {
    const Moments m = moments_within(image, static_cast<int>(band), shape, -1e30);
    const double mean = 0.5 * (m.xx + m.yy), stretch = std::hypot(0.5 * (m.xx - m.yy), m.xy);
    if (m.light <= 0 || mean <= stretch) break;
    shape.axis_ratio = std::clamp(std::sqrt((mean - stretch) / (mean + stretch)), 0.3, 1.0);
    shape.angle_rad = 0.5 * std::atan2(2 * m.xy, m.xx - m.yy);
  }
  out.axis_ratio = shape.axis_ratio;
  out.angle_rad = shape.angle_rad;
  for (std::size_t b = 0; b < survey_.bands.size(); ++b) {
    const double light = moments_within(image, static_cast<int>(b), Aperture{core.centre, aperture_arcsec / scale}, -1e30).light;
    const bool known = b < host.magnitudes.size() && host.magnitudes[b];
    out.magnitudes.push_back(known ? *host.magnitudes[b] : survey_.output_zero_point[b] - 2.5 * std::log10(std::max(light, noise)));
  }
  return out;
}

Painter::Painter(const simulate::PaintOptions& options, const simulate::Survey& survey)
    : hosts_{options, survey}, survey_{survey}, galaxies_{survey.population} {
  if (!options.grid_radius.empty() || !options.grid_snr.empty()) grid_.emplace(options.grid_radius, options.grid_snr);
}

/// As many as show the spread of what the galaxy may be; each may take 20,000 draws. None for stars and other objects that no deflector is
/// like.
std::vector<population::EarlyType> Painter::galaxies_like(const HostCutout& host, const Deflector& deflector, RandomStream& random) const {
  constexpr std::size_t enough = 64;
  const std::size_t band = deflector_band(survey_);
  std::vector<population::EarlyType> out;
  while (out.size() < enough) {
    const auto galaxy = galaxies_.early_type_like(survey_.bands[band], deflector.magnitudes[band], host.z, random);
    if (!galaxy) break;
    out.push_back(*galaxy);
  }
  return out;
}

std::optional<Painter::Candidate> Painter::draw(const population::EarlyType& galaxy, const Deflector& deflector,
                                                const std::optional<PaintCell>& cell, RandomStream& random) const {
  const population::Population& p = survey_.population;
  const double source_i = galaxies_.counted_magnitude(p.source_i_brightest, p.source_i_faintest, p.source_count_slope, random);
  Candidate out{galaxy, galaxies_.late_type(source_i, random), {}};
  const double efficiency = galaxies_.cosmology().lensing_efficiency(galaxy.z, out.source.z);
  if (efficiency <= 0) return std::nullopt;
  const double own = population::einstein_radius_arcsec(galaxy.sigma_km_s, efficiency);
  const double theta_e = cell ? random.uniform(cell->radius_low_arcsec, cell->radius_high_arcsec) : own;
  if (cell)
    out.galaxy.sigma_km_s *= std::sqrt(theta_e / own);
  else if (!random.chance(std::min(1.0, own * own / (widest_arcsec * widest_arcsec))))
    return std::nullopt;
  render::PowerLawEllipsoid mass = galaxy.mass;
  mass.theta_e_arcsec = theta_e;
  mass.centre_arcsec = deflector.centre_arcsec;
  mass.axis_ratio = std::clamp(deflector.axis_ratio + random.normal(0, p.light_mass_axis_ratio), p.axis_ratio_min, 1.0);
  mass.angle_rad = deflector.angle_rad + random.normal(0, p.light_mass_angle_deg * std::numbers::pi / 180);
  out.galaxy.mass = mass;
  out.scene.mass = {{mass}, {random.normal(0, p.shear_scatter), random.normal(0, p.shear_scatter)}};
  const double reach = 1.6 * theta_e;
  const render::Point position = source_position({{}, out.scene.mass.shear}, deflector.centre_arcsec) +
                                 render::Point{random.uniform(-reach, reach), random.uniform(-reach, reach)};
  const render::PointImages images = render::PointImageFinder{out.scene.mass, deflector.centre_arcsec, 3.5 * theta_e}.find(position);
  if (!images.multiple || 2 * images.magnification < p.kept_magnification) return std::nullopt;
  out.source.light.centre_arcsec = position;
  out.scene.sources = simulate::source_lights(out.source, survey_, random);
  return out;
}

bool Painter::keeps(const HostCutout& host, const Candidate& candidate, const std::vector<render::Plane>& arcs, render::Renderer& renderer,
                    simulate::ArcsTruth& truth) const {
  const population::Population& p = survey_.population;
  const double radius = candidate.source.light.effective_radius_arcsec, theta_e = candidate.galaxy.mass.theta_e_arcsec;
  std::vector<char> stands_out;
  for (std::size_t b = 0; b < arcs.size(); ++b) {
    const auto [seen, all] = on_host(arcs[b], host.image.view(), static_cast<int>(b));
    const simulate::Noise& noise = host.conditions.noise[b];
    const double seeing = host.conditions.seeing_fwhm_arcsec[b], resolution = p.kept_resolution * seeing / 2;
    truth.snr.push_back(simulate::best_signal_to_noise(seen, all, noise));
    stands_out.push_back(theta_e * theta_e > radius * radius + resolution * resolution &&
                         simulate::best_signal_to_noise(seen, all, noise, p.kept_contrast) > p.kept_snr);
  }
  if (std::none_of(stands_out.begin(), stands_out.end(), [](char yes) { return yes != 0; })) return false;
  truth.magnification = simulate::magnifications(candidate.scene, radius, arcs, host.sky.pixel_scale_arcsec, renderer);
  for (std::size_t b = 0; b < arcs.size(); ++b) {
    const double mu = truth.magnification[b];
    if (stands_out[b] && mu > p.kept_magnification && mu * radius > host.conditions.seeing_fwhm_arcsec[b]) return true;
  }
  return false;
}

/// Whether the source can be so bright that the arcs' S/N in their best band lies in the cell, and is magnified as the survey asks; then it
/// and its arcs are so bright.
bool Painter::is_brought_to(const PaintCell& cell, const HostCutout& host, Candidate& candidate, std::vector<render::Plane>& arcs,
                            render::Renderer& renderer, simulate::ArcsTruth& truth, RandomStream& random) const {
  const auto of_bands = [&](double factor) {
    std::vector<double> snr;
    for (std::size_t b = 0; b < arcs.size(); ++b) {
      const auto [seen, all] = on_host(times(arcs[b], factor), host.image.view(), static_cast<int>(b));
      snr.push_back(simulate::best_signal_to_noise(seen, all, host.conditions.noise[b]));
    }
    return snr;
  };
  const double wanted = std::exp(random.uniform(std::log(cell.snr_low), std::log(cell.snr_high)));
  const auto factor = light_factor([&](double by) { return std::ranges::max(of_bands(by)); }, wanted);
  if (!factor) return false;
  truth.snr = of_bands(*factor);
  const auto best = std::ranges::max_element(truth.snr);
  if (*best < cell.snr_low || *best >= cell.snr_high) return false;
  truth.magnification = simulate::magnifications(candidate.scene, candidate.source.light.effective_radius_arcsec, arcs,
                                                 host.sky.pixel_scale_arcsec, renderer);
  // Below it there is hardly more than one image, which nobody takes for a lens however bright it is.
  if (truth.magnification[static_cast<std::size_t>(best - truth.snr.begin())] <= survey_.population.kept_magnification) return false;
  candidate.source.i -= 2.5 * std::log10(*factor);
  for (render::Light& light : candidate.scene.sources)
    for (double& flux : light.flux) flux *= *factor;
  for (render::Plane& plane : arcs) plane = times(std::move(plane), *factor);
  return true;
}

void Painter::note(const Candidate& candidate, const Deflector& deflector, simulate::Truth& truth) const {
  const render::PowerLawEllipsoid& mass = candidate.galaxy.mass;
  const render::ExternalShear& shear = candidate.scene.mass.shear;
  truth.lens = true;
  truth.kind = "painted";
  truth.deflector = {.z = candidate.galaxy.z,
                     .sigma_v = candidate.galaxy.sigma_km_s,
                     .theta_e_arcsec = mass.theta_e_arcsec,
                     .axis_ratio = mass.axis_ratio,
                     .angle_rad = mass.angle_rad,
                     .slope = mass.slope,
                     .shear1 = shear.gamma1,
                     .shear2 = shear.gamma2,
                     .mag = deflector.magnitudes,
                     .x_arcsec = mass.centre_arcsec.x,
                     .y_arcsec = mass.centre_arcsec.y};
  truth.source.z = candidate.source.z;
  simulate::note_source(candidate.source.light, candidate.scene.sources, truth.source);
  for (const std::string& band : survey_.bands) truth.source.mag.push_back(magnitude(band, candidate.source.i, candidate.source.colours));
}

std::optional<simulate::SimulatedCutout> Painter::paint(const HostCutout& host, const std::optional<PaintCell>& cell,
                                                        render::Renderer& renderer, RandomStream& random) const {
  const Deflector deflector = look_at(host);
  const int side = host.image.shape().width;
  const std::vector<population::EarlyType> galaxies = galaxies_like(host, deflector, random);
  if (galaxies.empty()) return std::nullopt;
  for (int tries = 0; tries < max_tries; ++tries) {
    const population::EarlyType& galaxy = galaxies[static_cast<std::size_t>(random.below(galaxies.size()))];
    auto candidate = draw(galaxy, deflector, cell, random);
    if (!candidate) continue;
    render::RenderOptions options{.size = side, .pixel_scale_arcsec = host.sky.pixel_scale_arcsec};
    simulate::hide_below_noise(host.conditions.noise, options);
    render::Rendering rendering = renderer.render(candidate->scene, host.conditions.psfs, options);
    simulate::Truth truth;
    const bool kept = cell ? is_brought_to(*cell, host, *candidate, rendering.arcs, renderer, truth.arcs, random)
                           : keeps(host, *candidate, rendering.arcs, renderer, truth.arcs);
    if (!kept) continue;
    image::Image image = host.image;
    for (int b = 0; b < image.shape().bands; ++b) {
      const double gain = host.conditions.noise[static_cast<std::size_t>(b)].gain;
      for (int row = 0; row < side; ++row) {
        for (int column = 0; column < side; ++column) {
          const double electrons = gain * static_cast<double>(std::max(0.0f, rendering.arcs[static_cast<std::size_t>(b)].at(row, column)));
          image.at(b, row, column) += static_cast<float>(static_cast<double>(random.poisson(electrons)) / gain);
        }
      }
    }
    note(*candidate, deflector, truth);
    return simulate::SimulatedCutout{std::move(image), std::move(truth)};
  }
  return std::nullopt;
}

void Painter::divide(const HostNeeds& needs, std::uint64_t seed) {
  const LeftOut& out = hosts_.left_out();
  division_.emplace(
      hosts_.size(), needs, seed,
      fmt::format("{}: {} real cutouts ({} more are copies of them, {} lack pixels{})", hosts_.folder().string(), hosts_.size(), out.copies,
                  out.incomplete, out.cut_off > 0 ? fmt::format(", the sky of {} is cut off", out.cut_off) : ""));
}

std::int64_t Painter::host_count(const simulate::CutoutRequest& request) const {
  return division_ ? static_cast<std::int64_t>(division_->of(request.split, request.lens).size()) : hosts_.size();
}

std::int64_t Painter::host_index(const simulate::CutoutRequest& request, std::int64_t step) const {
  const std::int64_t at = (request.number + step) % host_count(request);
  return division_ ? division_->of(request.split, request.lens)[static_cast<std::size_t>(at)] : at;
}

simulate::SimulatedCutout Painter::make(const simulate::CutoutRequest& request, render::Renderer& renderer) const {
  const std::int64_t count = host_count(request);
  RandomStream random{request.seed, Purpose::scene, simulate::stream_item(request)};
  const auto cell = grid_ && request.lens ? std::optional{grid_->cell(request.number, request.seed)} : std::nullopt;
  for (std::int64_t step = 0; step < count; ++step) {
    const HostCutout host = hosts_.read(host_index(request, step), request.size);
    std::optional<simulate::SimulatedCutout> out;
    if (request.lens) {
      require_room(cell, host);
      out = paint(host, cell, renderer, random);
      if (!out) continue;
    } else {
      out = simulate::SimulatedCutout{host.image, {.kind = "real", .deflector = {.z = host.z, .mag = look_at(host).magnitudes}}};
    }
    out->truth.group = host.name;
    out->host = host.sky;
    simulate::note_conditions(host.conditions, out->truth.conditions);
    image::fill_missing(out->image.view());
    if (request.scaling == simulate::Scaling::minmax) image::scale_minmax(out->image.view());
    if (request.scaling == simulate::Scaling::display)
      simulate::apply_display_look(survey_.display, out->image.view(), simulate::draw_pixel_shift(survey_.display, random));
    return std::move(*out);
  }
  throw Error{fmt::format("none of the {} cutouts for lenses can be made one that the survey would keep", count),
              "give more or brighter galaxies, or loosen population.kept_snr, kept_contrast or kept_resolution with --set"};
}

}  // namespace lensfind::inject
