#include "lensfind/simulate/cutout.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/image/scaling.h"
#include "lensfind/image/vectorised.h"
#include "lensfind/render/sersic.h"
#include "lensfind/simulate/neighbours.h"
#include "lensfind/simulate/nonlens_sample.h"
#include "lensfind/simulate/source_lights.h"

namespace lensfind::simulate {

struct CutoutMaker::Parts {
  explicit Parts(Survey of)
      : survey{std::move(of)},
        galaxies{survey.population},
        lenses{galaxies, survey},
        nonlenses{galaxies, lenses, survey},
        neighbours{galaxies, survey} {}

  Survey survey;
  population::GalaxySample galaxies;
  LensSample lenses;
  NonLensSample nonlenses;
  NeighbourSample neighbours;
};

namespace {

struct Target {
  std::vector<render::Plane> planes;  ///< a band, without noise
  Truth truth;
};

/// The square that is rendered, and which of its pixels are looked at (none: all).
struct Frame {
  int size;
  std::vector<render::ColumnSpan> seen;

  [[nodiscard]] render::RenderOptions options(const Survey& survey, const Conditions& conditions) const {
    render::RenderOptions out = render_options(survey, conditions, size);
    out.seen = seen;
    return out;
  }
};

/// Correlated noise brings a pixel's photons into the pixels around it.
std::vector<render::ColumnSpan> noise_reaches(const std::vector<render::ColumnSpan>& pixels, const Conditions& conditions) {
  int reach = 1;
  for (const Noise& noise : conditions.noise) reach = std::max(reach, static_cast<int>(noise.kernel.size()) - 1);
  const std::vector<render::ColumnSpan> all = grown(pixels, reach);
  std::vector<render::ColumnSpan> out(all.begin() + reach, all.end() - reach);
  for (render::ColumnSpan& row : out) row = {std::max(0, row.first - reach), std::min(static_cast<int>(pixels.size()), row.end - reach)};
  return out;
}

/// Between objects lies less than nothing.
void take_sky(double excess_rms, const std::vector<Noise>& noise, std::vector<render::Plane>& planes) {
  if (excess_rms == 0) return;
  for (std::size_t b = 0; b < planes.size(); ++b) {
    const auto excess = static_cast<float>(excess_rms * noise[b].pixel_rms());
    for (float& value : planes[b].values) value -= excess;
  }
}

void add_neighbours(const std::vector<render::Light>& lights, const Survey& survey, const Conditions& conditions, const Frame& frame,
                    render::Renderer& renderer, std::vector<render::Plane>& planes) {
  if (lights.empty()) return;
  render::Scene scene;
  scene.unlensed = lights;
  const render::Rendering rendering = renderer.render(scene, conditions.psfs, frame.options(survey, conditions));
  for (std::size_t b = 0; b < planes.size(); ++b) {
    for (std::size_t k = 0; k < planes[b].values.size(); ++k) planes[b].values[k] += rendering.image[b].values[k];
  }
}

DeflectorTruth deflector_truth(const LensSystem& lens) {
  const render::PowerLawEllipsoid& mass = lens.deflector.mass;
  const render::Sersic& light = lens.deflector.light;
  return {.z = lens.deflector.z,
          .sigma_v = lens.deflector.sigma_km_s,
          .theta_e_arcsec = lens.theta_e_arcsec,
          .axis_ratio = mass.axis_ratio,
          .angle_rad = mass.angle_rad,
          .slope = mass.slope,
          .shear1 = lens.shear.gamma1,
          .shear2 = lens.shear.gamma2,
          .effective_radius_arcsec = light.effective_radius_arcsec,
          .sersic_index = light.index,
          .light_axis_ratio = light.axis_ratio,
          .light_angle_rad = light.angle_rad};
}

GroupTruth environment_truth(const LensSystem& lens) {
  GroupTruth out{.members = static_cast<int>(lens.members.size())};
  if (lens.group.sigma_km_s > 0) {
    const render::CoredHalo& halo = lens.scene.mass.halos.front();
    out.sigma_v = lens.group.sigma_km_s;
    out.galaxy_theta_e_arcsec = lens.deflector.mass.theta_e_arcsec;
    out.halo_theta_e_arcsec = halo.strength_arcsec;
    out.halo_core_arcsec = halo.core_arcsec;
    out.halo_ellipticity = halo.ellipticity;
  }
  return out;
}

/// What a scene is drawn for, and what it is seen under: a scene that is seen again was chosen by the conditions of the first time.
struct Views {
  const Conditions& chosen_by;
  const Conditions& seen_under;
  RandomStream* again = nullptr;  ///< what differs the second time; null: this is the first
};

/// The same deflector before another galaxy of the same magnitude at the same place.
void change_source(LensSystem& lens, const population::GalaxySample& galaxies, const Survey& survey, RandomStream& random) {
  population::LateType source = galaxies.late_type(lens.source.i, lens.source.z, random);
  source.light.centre_arcsec = lens.source.light.centre_arcsec;
  lens.scene.sources = source_lights(source, survey, random);
  lens.scene.point_images.clear();
}

Target lens_target(const LensSample& lenses, const population::GalaxySample& galaxies, const std::vector<render::Light>& neighbours,
                   const Survey& survey, render::Point centre, const Views& views, const Frame& frame, bool hide_source,
                   render::Renderer& renderer, RandomStream& random) {
  const Conditions& conditions = views.seen_under;
  LensSystem lens = lenses.draw(centre, views.chosen_by, frame.size, renderer, random);
  // The truth is that of the first view.
  const std::vector<render::Light> first_sources = lens.scene.sources;
  if (views.again) {
    change_source(lens, galaxies, survey, *views.again);
    lens.rendering = renderer.render(lens.scene, conditions.psfs, frame.options(survey, conditions));
  }
  Target out{lens.rendering.image, {}};
  Truth& t = out.truth;
  t.lens = true;
  t.kind = "lens";
  t.deflector = deflector_truth(lens);
  t.environment = environment_truth(lens);
  t.source.z = lens.source.z;
  t.source.quasar_i = lens.quasar_i;
  t.source.second_z = lens.second_z;
  note_source(lens.source.light, first_sources, t.source);
  t.arcs = {.magnification = lens.magnification, .snr = lens.arc_snr};
  for (std::size_t b = 0; b < survey.bands.size(); ++b) {
    t.deflector.mag.push_back(magnitude(survey.bands[b], lens.deflector.i, lens.deflector.colours));
    t.source.mag.push_back(magnitude(survey.bands[b], lens.source.i, lens.source.colours));
    if (!hide_source) continue;
    for (std::size_t k = 0; k < out.planes[b].values.size(); ++k) out.planes[b].values[k] -= lens.rendering.arcs[b].values[k];
  }
  add_neighbours(neighbours, survey, conditions, frame, renderer, out.planes);
  return out;
}

Target nonlens_target(const NonLensSample& nonlenses, const std::vector<render::Light>& neighbours, const Survey& survey,
                      render::Point centre, const Views& views, const Frame& frame, render::Renderer& renderer, RandomStream& random) {
  const Conditions& conditions = views.seen_under;
  const NonLens galaxy = nonlenses.draw(centre, views.chosen_by, frame.size, renderer, random);
  render::Scene scene;
  scene.unlensed = galaxy.lights;
  scene.unlensed.insert(scene.unlensed.end(), galaxy.around.begin(), galaxy.around.end());
  scene.unlensed.insert(scene.unlensed.end(), neighbours.begin(), neighbours.end());
  Target out{renderer.render(scene, conditions.psfs, frame.options(survey, conditions)).image, {}};
  Truth& t = out.truth;
  t.kind = galaxy.kind;
  t.deflector.z = galaxy.z;
  if (galaxy.sigma_km_s > 0) t.deflector.sigma_v = galaxy.sigma_km_s;
  if (galaxy.group_sigma_km_s > 0) t.environment.sigma_v = galaxy.group_sigma_km_s;
  t.environment.members = galaxy.members;
  t.deflector.axis_ratio = galaxy.axis_ratio;
  t.deflector.angle_rad = galaxy.angle_rad;
  t.deflector.effective_radius_arcsec = galaxy.effective_radius_arcsec;
  t.deflector.mag = galaxy.magnitudes;
  return out;
}

/// How far a PSF carries what can be seen, pixels.
double psf_reach(const render::Psf& psf, double pixel_scale) {
  if (const auto* gaussian = std::get_if<render::GaussianPsf>(&psf))
    return 4.5 * render::sigma_of_fwhm(gaussian->fwhm_arcsec) / pixel_scale + 1;
  if (const auto* moffat = std::get_if<render::MoffatPsf>(&psf))
    return render::moffat_reach(moffat->beta) * moffat->fwhm_arcsec / pixel_scale + 1;
  if (const auto* image = std::get_if<render::ImagePsf>(&psf)) return 0.5 * std::max(image->rows, image->columns) + 1;
  return 1;
}

/// Whether any of a light's brightness above the limits of `options` can fall into the square that TurnedSquare cuts out.
bool reaches_square(const render::Light& light, const render::RenderOptions& options, std::span<const render::Psf> psfs, double angle_rad,
                    int size) {
  const double pixel = options.pixel_scale_arcsec, c = std::cos(angle_rad), s = std::sin(angle_rad);
  const render::Point at = light.profile.centre_arcsec;
  const double outside = std::max(std::abs(c * at.x + s * at.y), std::abs(c * at.y - s * at.x)) / pixel - 0.5 * size - 1;
  if (outside <= 0) return true;
  for (std::size_t b = 0; b < psfs.size(); ++b) {
    if (light.flux[b] == 0) continue;
    const double limit = options.negligible_flux[b] / (std::abs(light.flux[b]) * pixel * pixel);
    const double reach = radius_at_brightness(light.profile, limit) / (std::sqrt(light.profile.axis_ratio) * pixel);
    if (outside < reach + psf_reach(psfs[b], pixel)) return true;
  }
  return false;
}

image::Image image_of(const std::vector<render::Plane>& planes) {
  const int side = planes.front().side;
  image::Image out{image::ImageShape{static_cast<int>(planes.size()), side, side}};
  for (std::size_t b = 0; b < planes.size(); ++b) {
    for (int row = 0; row < side; ++row) {
      const std::span<const float> from = planes[b].row(row).first(static_cast<std::size_t>(side));
      std::copy(from.begin(), from.end(), out.band(static_cast<int>(b)).begin() + row * side);
    }
  }
  return out;
}

/// What was not rendered holds what the buffer held before; faults of the sky look at every pixel.
void blank_unseen(image::MutableImageView image, std::span<const render::ColumnSpan> seen) {
  if (seen.empty()) return;
  for (int band = 0; band < image.shape.bands; ++band) {
    for (int row = 0; row < image.shape.height; ++row) {
      const auto [begin, end] = seen[static_cast<std::size_t>(row)];
      for (int column = 0; column < image.shape.width; ++column) {
        if (column < begin || column >= end) image.at(band, row, column) = 0;
      }
    }
  }
}

/// Of the processing's streams, those that decide on faults: a bit that no item has.
constexpr std::uint64_t fault_stream = std::uint64_t{1} << 59;

/// Likewise the noise and faults of a scene that is seen again.
constexpr std::uint64_t second_view_stream = std::uint64_t{1} << 58;

/// One band's PSF 1.3 to 2 times as wide; images of PSFs stay as they are.
void worsen_seeing(const Survey& survey, Conditions& conditions, RandomStream& random) {
  const auto band = static_cast<std::size_t>(random.below(survey.bands.size()));
  const double times = random.uniform(1.3, 2);
  if (!survey.psf_kernels.empty()) return;
  conditions.seeing_fwhm_arcsec[band] *= times;
  conditions.psfs[band] = rendered_psf(survey, band, conditions.seeing_fwhm_arcsec[band]);
}

/// What a cutout is taken under, and whether its seeing is a fault.
struct Taken {
  Conditions conditions;
  bool poor = false;
};

Taken take(const Survey& survey, RandomStream& random, RandomStream& spoiling) {
  Taken out{draw_conditions(survey, random), spoiling.chance(survey.faults.poor_seeing)};
  if (out.poor) worsen_seeing(survey, out.conditions, spoiling);
  return out;
}

/// A band as the DeepLense set's few broken ones: only the values 0, 0.5 and 1 are left.
void break_band(std::span<float> band) {
  for (float& value : band) value = std::round(2 * value) / 2;
}

}  // namespace

TurnedSquare::TurnedSquare(int side, double angle_rad, int from_side)
    : side_{side}, taken_(static_cast<std::size_t>(from_side), {from_side, 0}) {
  const double c = std::cos(angle_rad), s = std::sin(angle_rad), middle = 0.5 * (side - 1), from_middle = 0.5 * (from_side - 1);
  const auto nearest = [last = from_side - 1.0](double at) { return static_cast<int>(std::min(std::max(0.0, at + 0.5), last)); };
  const auto count = static_cast<std::size_t>(side);
  std::vector<int> from_row(count), from_column(count);
  from_.reserve(count * count);
  for (int row = 0; row < side; ++row) {
    image::vectorised([&] {
      for (std::size_t k = 0; k < count; ++k) {
        const double y = row - middle, x = static_cast<double>(static_cast<int>(k)) - middle;
        from_row[k] = nearest(from_middle + c * y + s * x);
        from_column[k] = nearest(from_middle + c * x - s * y);
      }
    });
    for (std::size_t k = 0; k < count; ++k) {
      from_.push_back(static_cast<std::size_t>(from_row[k] * from_side + from_column[k]));
      render::ColumnSpan& here = taken_[static_cast<std::size_t>(from_row[k])];
      here = {std::min(here.first, from_column[k]), std::max(here.end, from_column[k] + 1)};
    }
  }
}

image::Image TurnedSquare::of(image::ImageView image) const {
  image::Image out{image::ImageShape{image.shape.bands, side_, side_}};
  const std::size_t in_band = taken_.size() * taken_.size();
  for (int b = 0; b < image.shape.bands; ++b) {
    const std::span<const float> band = image.values().subspan(static_cast<std::size_t>(b) * in_band, in_band);
    std::transform(from_.begin(), from_.end(), out.band(b).begin(), [&](std::size_t at) { return band[at]; });
  }
  return out;
}

void note_source(const render::Sersic& body, const std::vector<render::Light>& components, SourceTruth& source) {
  source.x_arcsec = body.centre_arcsec.x;
  source.y_arcsec = body.centre_arcsec.y;
  source.radius_arcsec = body.effective_radius_arcsec;
  if (components.front().image) {
    source.image = components.front().image->name;
    source.angle_rad = components.front().profile.angle_rad;
    return;
  }
  source.sersic_index = body.index;
  source.axis_ratio = body.axis_ratio;
  source.angle_rad = body.angle_rad;
  const double first = components.front().deflection_factor;
  source.knots = std::ranges::count(components, first, &render::Light::deflection_factor) - 1;
}

void note_conditions(const Conditions& conditions, ConditionsTruth& truth) {
  truth.seeing_fwhm_arcsec = conditions.seeing_fwhm_arcsec;
  for (const Noise& noise : conditions.noise) {
    truth.background_rms.push_back(noise.pixel_rms());
    truth.gain.push_back(noise.gain);
  }
}

std::uint64_t stream_item(const CutoutRequest& request) {
  const std::uint64_t part = (request.split == Split::test ? 2u : 0u) + (request.lens ? 1u : 0u);
  return (part << 60) | static_cast<std::uint64_t>(request.number);
}

CutoutMaker::CutoutMaker(Survey survey) : parts_{std::make_unique<const Parts>(std::move(survey))} {}
CutoutMaker::~CutoutMaker() = default;
CutoutMaker::CutoutMaker(CutoutMaker&&) noexcept = default;

SimulatedCutout CutoutMaker::make(const CutoutRequest& request, render::Renderer& renderer) const {
  const Survey& survey = parts_->survey;
  const std::uint64_t item = stream_item(request);
  RandomStream scene{request.seed, Purpose::scene, item}, around{request.seed, Purpose::neighbours, item},
      noise{request.seed, Purpose::noise, item}, processing{request.seed, Purpose::processing, item};
  const bool turn = survey.train_rotated && request.scaling == Scaling::minmax && request.split == Split::train;
  // A turned square must be full in its corners.
  const int side = turn ? 2 * static_cast<int>(std::ceil(request.size * std::numbers::sqrt2 / 2 + 1)) + request.size % 2 : request.size;
  const double reach = survey.centre_offset_pixels * survey.pixel_scale_arcsec;
  const render::Point centre{scene.uniform(-reach, reach), scene.uniform(-reach, reach)};
  RandomStream spoiling{request.seed, Purpose::processing, item | fault_stream};
  Taken taken = take(survey, scene, spoiling);
  const Conditions chosen_by = taken.conditions;
  RandomStream again{request.seed, Purpose::second_view, item};
  const std::uint64_t view = request.seen_again ? item | second_view_stream : item;
  if (request.seen_again) {
    spoiling = RandomStream{request.seed, Purpose::processing, view | fault_stream};
    taken = take(survey, again, spoiling);
  }
  const Conditions& conditions = taken.conditions;
  const bool poor = taken.poor;
  const Views views{chosen_by, conditions, request.seen_again ? &again : nullptr};
  const double rotated_rad = turn ? processing.uniform(0, 2 * std::numbers::pi) : 0;
  std::optional<TurnedSquare> square;
  if (turn) square.emplace(request.size, rotated_rad, side);
  const Frame frame{side, square ? noise_reaches(square->taken(), conditions) : std::vector<render::ColumnSpan>{}};
  Neighbours neighbours = parts_->neighbours.draw(side, around);
  if (turn) {
    const render::RenderOptions options = render_options(survey, conditions, side);
    std::erase_if(neighbours.lights,
                  [&](const render::Light& light) { return !reaches_square(light, options, conditions.psfs, rotated_rad, request.size); });
  }
  Target target = request.lens ? lens_target(parts_->lenses, parts_->galaxies, neighbours.lights, survey, centre, views, frame,
                                             request.hide_source, renderer, scene)
                               : nonlens_target(parts_->nonlenses, neighbours.lights, survey, centre, views, frame, renderer, scene);
  target.truth.neighbours = neighbours.within;
  target.truth.deflector.x_arcsec = centre.x;
  target.truth.deflector.y_arcsec = centre.y;
  for (std::size_t b = 0; b < target.planes.size(); ++b)
    add_noise(conditions.noise[b], {request.seed, view, static_cast<int>(b)}, target.planes[b], frame.seen);
  take_sky(survey.sky_excess_rms, conditions.noise, target.planes);
  note_conditions(conditions, target.truth.conditions);
  image::Image image = image_of(target.planes);
  blank_unseen(image.view(), frame.seen);
  const std::vector<std::string> faults = add_faults(survey.faults, image.view(), target.truth.conditions.background_rms, spoiling);
  target.truth.processing.artefact =
      fmt::format("{}{}{}", poor ? "poor_seeing" : "", poor && !faults.empty() ? "+" : "", fmt::join(faults, "+"));
  for (std::size_t b = 0; b < survey.saturation.size(); ++b) saturate(image.view(), static_cast<int>(b), survey.saturation[b]);
  if (square) {
    target.truth.processing.rotated_rad = rotated_rad;
    image = square->of(image.view());
  }
  if (request.scaling == Scaling::minmax) {
    image::scale_minmax(image.view());
    if (request.split == Split::train && processing.chance(survey.broken_band_rate)) {
      const int band = static_cast<int>(processing.below(survey.bands.size()));
      target.truth.processing.broken_band = band;
      break_band(image.band(band));
    }
  } else if (request.scaling == Scaling::display) {
    apply_display_look(survey.display, image.view(), draw_pixel_shift(survey.display, processing));
  }
  return {std::move(image), std::move(target.truth)};
}

SimulatedCutout simulate_cutout(const Survey& survey, const CutoutRequest& request) {
  render::Renderer renderer;
  return CutoutMaker{survey_of_scaling(survey, request.scaling)}.make(request, renderer);
}

}  // namespace lensfind::simulate
