#include "lensfind/simulate/render.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <optional>

#include "lensfind/simulate/cell_spread.h"
#include "lensfind/simulate/light_samples.h"
#include "lensfind/simulate/plane_kernels.h"

namespace lensfind::simulate {
namespace {

/// Of the Gaussian with which light is spread that several bands share, pixels, and how far it reaches.
constexpr double shared_sigma = 0.75;
constexpr int spread_reach = 4;

/// How one band's Gaussian PSF is applied to samples of light.
struct GaussianBand {
  std::vector<float> taps;              ///< of the convolution with the pixel and the PSF, or what the spreading leaves of it
  std::optional<CellSpread> of_points;  ///< too narrow for shared spreading: points of light become the pixels' means by themselves
};

/// How the PSFs of all bands are applied to one set of samples.
struct Plan {
  SampleUse use = SampleUse::pixel_means;
  int factor = 1;                       ///< fine pixels a pixel, in each direction
  int margin = 0;                       ///< fine pixels beyond the cutout
  std::vector<GaussianBand> gaussians;  ///< a band, where all are
  std::vector<float> spread_taps;
};

bool all_gaussian(std::span<const Psf> psfs) {
  return std::all_of(psfs.begin(), psfs.end(), [](const Psf& psf) { return std::holds_alternative<GaussianPsf>(psf); });
}

double sigma_pixels(const Psf& psf, double pixel_scale) { return sigma_of_fwhm(std::get<GaussianPsf>(psf).fwhm_arcsec) / pixel_scale; }

/// `sigma`: in fine pixels. A shared Gaussian of 0.75 pixels holds next to nothing beyond the frequencies that pixels can hold, once the
/// rest of a wide PSF has damped it too.
GaussianBand gaussian_band(double sigma) {
  constexpr double narrowest_shared = 1.4;
  if (sigma < narrowest_shared) return {pixel_gaussian_taps(sigma), CellSpread{sigma, CellSpread::Values::means}};
  return {pixel_gaussian_taps(std::sqrt(sigma * sigma - shared_sigma * shared_sigma)), std::nullopt};
}

/// Gaussians in all bands. Smooth light, and the passage from it to points, need a lattice no coarser than the deviation of the narrowest.
Plan gaussian_plan(std::span<const Psf> psfs, double pixel_scale) {
  constexpr double narrowest_smooth = 1;
  std::vector<double> sigmas;
  for (const Psf& psf : psfs) sigmas.push_back(sigma_pixels(psf, pixel_scale));
  const auto [narrowest, widest] = std::minmax_element(sigmas.begin(), sigmas.end());
  Plan plan{.use = SampleUse::spreading, .factor = std::max(1, static_cast<int>(std::ceil(narrowest_smooth / *narrowest)))};
  for (const double sigma : sigmas) plan.gaussians.push_back(gaussian_band(sigma * plan.factor));
  plan.spread_taps = gaussian_taps(shared_sigma, spread_reach);
  plan.margin = static_cast<int>(std::ceil(4.5 * *widest * plan.factor)) + 1 + spread_reach;
  // In steps, so that scenes of about the same seeing share their buffers; a whole number of the cutout's pixels.
  const int step = 4 * plan.factor;
  plan.margin = (plan.margin + step - 1) / step * step;
  return plan;
}

/// Anything else: means over the pixels, as measured PSFs expect.
Plan pixel_plan(std::span<const Psf> psfs, double pixel_scale) {
  Plan plan{.margin = 2};
  for (const Psf& psf : psfs) {
    if (const auto* image = std::get_if<ImagePsf>(&psf)) plan.margin = std::max(plan.margin, std::max(image->rows, image->columns) / 2 + 2);
    if (std::holds_alternative<GaussianPsf>(psf))
      plan.margin = std::max(plan.margin, static_cast<int>(pixel_gaussian_taps(sigma_pixels(psf, pixel_scale)).size()) + 2);
  }
  return plan;
}

/// Where a Gaussian stands beside images, it becomes one.
ImagePsf as_image(const GaussianPsf& psf, double pixel_scale) {
  const std::vector<float> taps = pixel_gaussian_taps(sigma_of_fwhm(psf.fwhm_arcsec) / pixel_scale);
  const int half = static_cast<int>(taps.size()) - 1, side = 2 * half + 1;
  ImagePsf out{side, side, {}, {}, {}};
  for (int row = -half; row <= half; ++row) {
    for (int column = -half; column <= half; ++column)
      out.kernel.push_back(taps[static_cast<std::size_t>(std::abs(row))] * taps[static_cast<std::size_t>(std::abs(column))]);
  }
  return out;
}

/// Radius of a disc as large as the PSF's core.
double psf_radius(const Psf& psf, double pixel_scale) {
  if (const auto* gaussian = std::get_if<GaussianPsf>(&psf)) return std::max(0.6 * gaussian->fwhm_arcsec, 0.5 * pixel_scale);
  if (const auto* image = std::get_if<ImagePsf>(&psf)) {
    const float peak = *std::max_element(image->kernel.begin(), image->kernel.end());
    return pixel_scale * std::sqrt(1 / (std::numbers::pi * static_cast<double>(peak)));
  }
  return 0.5 * pixel_scale;
}

/// The place in a square of that side about the origin that is nearest to another.
Point nearest_within(double side, Point to) {
  return {std::clamp(to.x, -0.5 * side, 0.5 * side), std::clamp(to.y, -0.5 * side, 0.5 * side)};
}

/// Flux of the brightest pixel after the PSF in each band, roughly: it only scales tolerances. A source counts as magnified twice, light
/// beside the cutout as bright as it is at the edge.
std::vector<double> rough_peaks(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options) {
  const double pixel = options.pixel_scale_arcsec;
  std::vector<double> radii, peaks(psfs.size(), 0.0);
  for (const Psf& psf : psfs) radii.push_back(psf_radius(psf, pixel));
  const double narrowest = *std::min_element(radii.begin(), radii.end());
  const auto share_of_disc = [&](double radius) { return std::min(1.0, pixel * pixel / (std::numbers::pi * radius * radius)); };
  const auto look_at = [&](const Light& light, double share, double most) {
    for (std::size_t b = 0; b < peaks.size(); ++b)
      peaks[b] = std::max(peaks[b], light.flux[b] * std::min(most, share * share_of_disc(radii[b])));
  };
  for (const Light& light : scene.unlensed) {
    const Point centre = light.profile.centre_arcsec, nearest = nearest_within(options.size * pixel, centre);
    const bool inside = nearest.x == centre.x && nearest.y == centre.y;
    look_at(light, light_within(light.profile, narrowest), inside ? 1 : brightness(light.profile, nearest) * pixel * pixel);
  }
  for (const Light& light : scene.sources) look_at(light, 2 * light_within(light.profile, narrowest / 2), 1);
  return peaks;
}

/// What each band allows in a fine pixel.
struct BandLimits {
  std::vector<double> tolerance, negligible;

  BandLimits(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options, int factor) {
    const std::vector<double> peaks = rough_peaks(scene, psfs, options);
    for (std::size_t b = 0; b < psfs.size(); ++b) {
      const double peak = peaks[b] / (factor * factor);
      double error = options.tolerance * peak;
      if (!options.tolerable_flux.empty()) error = std::min(error, options.tolerable_flux[b] / (factor * factor));
      // The PSF averages the errors of the pixels that it covers.
      tolerance.push_back(error * psf_radius(psfs[b], options.pixel_scale_arcsec) / options.pixel_scale_arcsec * factor);
      negligible.push_back(options.negligible_flux.empty() ? 1e-5 * peak
                                                           : std::min(5e-4 * peak, options.negligible_flux[b] / (factor * factor)));
    }
  }

  /// For a component of these fluxes, as a share of its total flux, in its most demanding band.
  [[nodiscard]] SamplingLimits of(const Light& light) const {
    SamplingLimits out{std::numeric_limits<double>::max(), std::numeric_limits<double>::max()};
    for (std::size_t b = 0; b < tolerance.size(); ++b) {
      // A component may take light away (the hole of a ring).
      const double flux = std::abs(light.flux[b]);
      if (flux == 0) continue;
      out.tolerance = std::min(out.tolerance, tolerance[b] / flux);
      out.negligible = std::min(out.negligible, negligible[b] / flux);
    }
    return out;
  }
};

/// Adds each cell to its pixel.
void drop_cells(std::span<const SampledCells> levels, Plane& into) {
  for (const SampledCells& level : levels) {
    for (std::size_t k = 0; k < level.kept.count; ++k) {
      const auto c = static_cast<std::size_t>(level.kept.index[k]);
      into.at(level.cells.row[c], level.cells.column[c]) += level.light[c];
    }
  }
}

/// into += the middle of `from`, `margin` pixels away from its edge.
void add_middle(const Plane& from, int margin, Plane& into) {
  for (int row = 0; row < into.side; ++row) {
    const std::span<const float> added =
        from.row(row + margin).subspan(static_cast<std::size_t>(margin), static_cast<std::size_t>(into.side));
    std::transform(added.begin(), added.end(), into.row(row).begin(), into.row(row).begin(), std::plus<>{});
  }
}

/// Of the pixels in `box` that lie in `columns`.
void fill_with_zero(Plane& plane, const PixelBox& box, std::span<const ColumnSpan> columns) {
  for (int row = box.row_first; row < box.row_end; ++row) {
    const PixelBox here = box.row(row, columns, plane.side);
    if (!here.empty()) std::fill(plane.row(row).begin() + here.column_first, plane.row(row).begin() + here.column_end, 0.0f);
  }
}

PixelBox grown(const PixelBox& box, int by, int side) {
  return {std::max(0, box.row_first - by), std::min(side, box.row_end + by), std::max(0, box.column_first - by),
          std::min(side, box.column_end + by)};
}

}  // namespace

/// Everything whose size depends on the lattice alone.
struct Renderer::Buffers {
  Buffers(const Plan& of, int side, double pixel_arcsec, std::size_t bands)
      : plan{of},
        lattice{side, pixel_arcsec},
        sampler{side, of.use},
        samples{side},
        component{of.use == SampleUse::spreading ? side : 1},
        blurred{of.use == SampleUse::spreading ? side - 2 * of.margin : 1},
        shared_spread{shared_sigma, CellSpread::Values::centres},
        bands_lit(bands, Plane{side}),
        points_seen(bands, Plane{of.use == SampleUse::spreading ? side : 1}) {}

  void clear();
  /// From now on only light that reaches these pixels of the cutout matters; none: all.
  void look_at(std::span<const ColumnSpan> pixels);
  /// Adds all components to bands_lit.
  void sample(const std::vector<Light>& lights, const PreparedMass* mass, const BandLimits& limits);
  void add(const Light& light);
  PixelBox spread_samples();
  [[nodiscard]] Plane observe(std::size_t band, const Psf& psf, double pixel_scale);
  [[nodiscard]] std::vector<Plane> observe_all(std::span<const Psf> psfs, double pixel_scale);

  Plan plan;
  Lattice lattice;
  LightSampler sampler;
  LightSamples samples;
  Plane component;  ///< one, after its spreading
  Plane blurred;    ///< a band in fine pixels
  CellSpread shared_spread;
  std::vector<ColumnSpan> seen;     ///< a row of the lattice
  std::vector<ColumnSpan> columns;  ///< likewise: of the light that reaches them
  std::vector<Plane> bands_lit;     ///< to be convolved
  std::vector<Plane> points_seen;   ///< of narrow Gaussians: points of light as they are seen
};

/// Of what is looked at.
void Renderer::Buffers::clear() {
  const PixelBox all{0, lattice.x.side, 0, lattice.x.side};
  for (Plane& plane : bands_lit) fill_with_zero(plane, all, columns);
  for (std::size_t b = 0; b < plan.gaussians.size(); ++b) {
    if (plan.gaussians[b].of_points) fill_with_zero(points_seen[b], all, columns);
  }
}

void Renderer::Buffers::look_at(std::span<const ColumnSpan> pixels) {
  const int side = lattice.x.side, size = side - 2 * plan.margin;
  if (pixels.empty() || plan.factor > 1) {
    seen.assign(static_cast<std::size_t>(side), {plan.margin, plan.margin + size});
    columns.assign(static_cast<std::size_t>(side), {0, side});
  } else {
    seen.assign(static_cast<std::size_t>(side), {});
    std::transform(pixels.begin(), pixels.end(), seen.begin() + plan.margin, [this](ColumnSpan row) {
      return ColumnSpan{row.first + plan.margin, row.end + plan.margin};
    });
    columns = grown(pixels, plan.margin);
  }
}

void Renderer::Buffers::sample(const std::vector<Light>& lights, const PreparedMass* mass, const BandLimits& limits) {
  sampler.look_through(lattice, columns, mass);
  for (const Light& light : lights) {
    if (light.image) {
      sample_image(*light.image, light.profile, lattice, mass, samples);
    } else {
      sampler.sample(light.profile, limits.of(light), samples);
    }
    if (!samples.box.empty()) add(light);
  }
}

void Renderer::Buffers::add(const Light& light) {
  if (plan.use == SampleUse::pixel_means) {
    drop_cells(samples.levels, samples.smooth);
    for (std::size_t b = 0; b < light.flux.size(); ++b)
      add_scaled(samples.smooth, samples.box, columns, static_cast<float>(light.flux[b]), bands_lit[b]);
    return;
  }
  const PixelBox reached = spread_samples();
  for (std::size_t b = 0; b < light.flux.size(); ++b) {
    const auto flux = static_cast<float>(light.flux[b]);
    if (flux == 0) continue;
    if (const auto& spread = plan.gaussians[b].of_points) {
      add_scaled(samples.smooth, samples.box, columns, flux, bands_lit[b]);
      spread_cells(samples.levels, *spread, flux, points_seen[b]);
    } else {
      add_scaled(component, reached, columns, flux, bands_lit[b]);
    }
  }
}

/// Makes `component`, where any band wants it. Returns where there is light.
PixelBox Renderer::Buffers::spread_samples() {
  if (std::all_of(plan.gaussians.begin(), plan.gaussians.end(), [](const GaussianBand& band) { return band.of_points.has_value(); }))
    return {};
  const int side = component.side;
  const PixelBox reached = grown(samples.box, spread_reach, side);
  fill_with_zero(component, reached, columns);
  const PixelBox inner{std::max(spread_reach, reached.row_first), std::min(side - spread_reach, reached.row_end),
                       std::max(spread_reach, reached.column_first), std::min(side - spread_reach, reached.column_end)};
  convolve_separable(samples.smooth, plan.spread_taps, inner, columns, 0, component);
  spread_cells(samples.levels, shared_spread, 1, component);
  return reached;
}

Plane Renderer::Buffers::observe(std::size_t band, const Psf& psf, double pixel_scale) {
  const Plane& all = bands_lit[band];
  if (plan.use == SampleUse::spreading) {
    const int end = plan.margin + blurred.side;
    convolve_separable(all, plan.gaussians[band].taps, {plan.margin, end, plan.margin, end}, seen, plan.margin, blurred);
    if (plan.gaussians[band].of_points) add_middle(points_seen[band], plan.margin, blurred);
    return plan.factor == 1 ? blurred : bin(blurred, plan.factor, 0);
  }
  if (const auto* image = std::get_if<ImagePsf>(&psf)) return convolve_image(all, *image, plan.margin);
  if (const auto* gaussian = std::get_if<GaussianPsf>(&psf)) return convolve_image(all, as_image(*gaussian, pixel_scale), plan.margin);
  return bin(all, 1, plan.margin);
}

std::vector<Plane> Renderer::Buffers::observe_all(std::span<const Psf> psfs, double pixel_scale) {
  std::vector<Plane> out;
  out.reserve(psfs.size());
  for (std::size_t b = 0; b < psfs.size(); ++b) out.push_back(observe(b, psfs[b], pixel_scale));
  return out;
}

Renderer::Renderer() = default;
Renderer::~Renderer() = default;
Renderer::Renderer(Renderer&&) noexcept = default;

Renderer::Buffers& Renderer::buffers_for(std::span<const Psf> psfs, const RenderOptions& options) {
  constexpr std::size_t kept = 12;
  const Plan plan = all_gaussian(psfs) ? gaussian_plan(psfs, options.pixel_scale_arcsec) : pixel_plan(psfs, options.pixel_scale_arcsec);
  const int side = plan.factor * options.size + 2 * plan.margin;
  const double pixel = options.pixel_scale_arcsec / plan.factor;
  auto found = std::find_if(buffers_.begin(), buffers_.end(), [&](const auto& have) {
    return have->lattice.x.side == side && have->bands_lit.size() == psfs.size() && have->lattice.pixel == static_cast<float>(pixel) &&
           have->plan.use == plan.use && have->plan.margin == plan.margin;
  });
  if (found == buffers_.end()) {
    if (buffers_.size() == kept) buffers_.erase(buffers_.begin());
    buffers_.push_back(std::make_unique<Buffers>(plan, side, pixel, psfs.size()));
  } else {
    std::rotate(found, found + 1, buffers_.end());
  }
  buffers_.back()->plan = plan;
  return *buffers_.back();
}

Rendering Renderer::render(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options) {
  Buffers& work = buffers_for(psfs, options);
  const BandLimits limits{scene, psfs, options, work.plan.factor};
  const double pixel = options.pixel_scale_arcsec;
  Rendering out;
  work.look_at(options.seen);
  work.clear();
  work.sample(scene.unlensed, nullptr, limits);
  const bool arcs_apart = options.separate_arcs && !scene.sources.empty();
  if (arcs_apart) {
    out.image = work.observe_all(psfs, pixel);
    work.clear();
  }
  if (!scene.sources.empty()) {
    const PreparedMass mass = prepare(scene.mass);
    work.lattice.map_through(mass);
    work.sample(scene.sources, &mass, limits);
  }
  if (!arcs_apart) {
    out.image = work.observe_all(psfs, pixel);
    return out;
  }
  out.arcs = work.observe_all(psfs, pixel);
  for (std::size_t b = 0; b < psfs.size(); ++b) add_scaled(out.arcs[b], {0, options.size, 0, options.size}, {}, 1, out.image[b]);
  return out;
}

Rendering render(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options) {
  return Renderer{}.render(scene, psfs, options);
}

}  // namespace lensfind::simulate
