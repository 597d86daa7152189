#include "lensfind/render/render.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/render/band_limits.h"
#include "lensfind/render/cell_spread.h"
#include "lensfind/render/light_samples.h"
#include "lensfind/render/lit_columns.h"
#include "lensfind/render/plane_kernels.h"
#include "lensfind/render/psf_plan.h"

namespace lensfind::render {
namespace {

/// Where a Gaussian or a Moffat stands beside images, it becomes a sum of products that is applied to pixels.
ImagePsf as_image(const Psf& psf, double pixel_scale) {
  const auto* moffat = std::get_if<MoffatPsf>(&psf);
  const double fwhm = (moffat ? moffat->fwhm_arcsec : std::get<GaussianPsf>(psf).fwhm_arcsec) / pixel_scale,
               reach = moffat ? moffat_reach(moffat->beta) * fwhm : 4.5 * sigma_of_fwhm(fwhm);
  const std::vector<GaussianTerm> terms = moffat ? moffat->terms : std::vector<GaussianTerm>{{1, sigma_of_fwhm(1)}};
  const int half = static_cast<int>(std::ceil(reach));
  ImagePsf out{2 * half + 1, 2 * half + 1, {}, {}, {}};
  for (const GaussianTerm& term : terms) {
    // Pixels' means have the pixel in them.
    const std::vector<float> taps = gaussian_taps(term.sigma * fwhm, half);
    for (int k = -half; k <= half; ++k) {
      const float tap = taps[static_cast<std::size_t>(std::abs(k))];
      out.along_y.push_back(static_cast<float>(term.weight) * tap);
      out.along_x.push_back(tap);
    }
  }
  return out;
}

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

bool arcs_are_apart(const Scene& scene, const RenderOptions& options) {
  return options.separate_arcs && !(scene.sources.empty() && scene.point_images.empty());
}

PixelBox common(const PixelBox& a, const PixelBox& b) {
  return {std::max(a.row_first, b.row_first), std::min(a.row_end, b.row_end), std::max(a.column_first, b.column_first),
          std::min(a.column_end, b.column_end)};
}

/// What holds both; an empty one holds nothing.
PixelBox around(const PixelBox& a, const PixelBox& b) {
  if (a.empty()) return b;
  return {std::min(a.row_first, b.row_first), std::max(a.row_end, b.row_end), std::min(a.column_first, b.column_first),
          std::max(a.column_end, b.column_end)};
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
  void sample(std::span<const Light> lights, const PreparedMass* mass, const BandLimits& limits, std::span<const ColumnSpan> within);
  void sample_sources(const Scene& scene, double tolerance, const BandLimits& limits);
  void add(const Light& light);
  PixelBox spread_samples();
  void convolve_lit(const Plane& in, std::span<const std::vector<float>> taps, std::span<const ColumnSpan> pixels, int margin, Plane& out);
  void add_binned(const Plane& all, const GaussianBand& band, Plane& out);
  [[nodiscard]] Plane observe(std::size_t band, const Psf& psf, double pixel_scale);

  Plan plan;
  Lattice lattice;
  LightSampler sampler;
  LightSamples samples;
  Plane component;          ///< one, after its spreading
  Plane blurred;            ///< a band in fine pixels
  Plane before_binning{1};  ///< a band's light for its wide terms
  CellSpread shared_spread;
  std::vector<ColumnSpan> seen;     ///< a row of the lattice
  std::vector<ColumnSpan> columns;  ///< likewise: of the light that reaches them
  std::vector<Plane> bands_lit;     ///< to be convolved
  PixelBox lit;                     ///< no light in them lies beyond
  std::vector<Plane> points_seen;   ///< of narrow Gaussians: points of light as they are seen
};

/// Of what is looked at.
void Renderer::Buffers::clear() {
  const PixelBox all{0, lattice.x.side, 0, lattice.x.side};
  lit = {};
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

void Renderer::Buffers::sample(std::span<const Light> lights, const PreparedMass* mass, const BandLimits& limits,
                               std::span<const ColumnSpan> within) {
  sampler.look_through(lattice, within, mass);
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
  std::vector<Share> of_samples, of_spread;  // planes that take the samples as they are, or after their spreading
  for (std::size_t b = 0; b < light.flux.size(); ++b) {
    const auto flux = static_cast<float>(light.flux[b]);
    if (flux == 0) continue;
    const bool spread = plan.use == SampleUse::spreading && !plan.gaussians[b].of_points;
    (spread ? of_spread : of_samples).push_back({flux, &bands_lit[b]});
    if (plan.use == SampleUse::spreading && !spread) spread_cells(samples.levels, *plan.gaussians[b].of_points, flux, points_seen[b]);
  }
  if (plan.use == SampleUse::pixel_means) drop_cells(samples.levels, samples.smooth);
  if (!of_samples.empty()) lit = around(lit, samples.box);
  add_fractions(samples.smooth, samples.box, columns, of_samples);
  if (of_spread.empty()) return;
  const PixelBox reached = spread_samples();
  lit = around(lit, reached);
  add_fractions(component, reached, columns, of_spread);
}

/// Makes `component`. Returns where there is light.
PixelBox Renderer::Buffers::spread_samples() {
  const int side = component.side;
  const PixelBox reached = grown(samples.box, spread_reach, side),
                 inside{spread_reach, side - spread_reach, spread_reach, side - spread_reach};
  const PixelBox convolved = common(reached, inside);
  if (convolved != reached) fill_with_zero(component, reached, columns);
  convolve_separable(samples.smooth, plan.spread_taps, convolved, columns, 0, component);
  spread_cells(samples.levels, shared_spread, 1, component);
  return reached;
}

/// Makes all of `out`, whose first pixel is that many away from the edge of `in`.
void Renderer::Buffers::convolve_lit(const Plane& in, std::span<const std::vector<float>> taps, std::span<const ColumnSpan> pixels,
                                     int margin, Plane& out) {
  const int end = margin + out.side;
  const PixelBox whole{margin, end, margin, end},
      reached = lit.empty() ? lit : common(grown(lit, static_cast<int>(taps.back().size()) - 1, in.side), whole);
  if (reached != whole) std::ranges::fill(out.values, 0.0f);
  if (!reached.empty()) convolve_gaussians(in, taps, reached, pixels, margin, out);
}

/// Adds the wide terms of a band: blurred enough for whole pixels first, and then in those.
void Renderer::Buffers::add_binned(const Plane& all, const GaussianBand& band, Plane& out) {
  // One pixel more than they reach, for what reads over the end of a row.
  const int around_out = static_cast<int>(band.after_binning.back().size()), side = out.side + 2 * around_out;
  if (before_binning.side != side * plan.factor) before_binning = Plane{side * plan.factor};
  convolve_lit(all, {&band.before_binning, 1}, {}, plan.margin - around_out * plan.factor, before_binning);
  const Plane binned = bin(before_binning, plan.factor, 0);
  Plane wide{out.side};
  const int end = around_out + out.side;
  convolve_gaussians(binned, band.after_binning, {around_out, end, around_out, end}, {}, around_out, wide);
  add_scaled(wide, {0, out.side, 0, out.side}, 1, out);
}

Plane Renderer::Buffers::observe(std::size_t band, const Psf& psf, double pixel_scale) {
  const Plane& all = bands_lit[band];
  if (plan.use == SampleUse::spreading) {
    const GaussianBand& gaussians = plan.gaussians[band];
    if (!gaussians.taps.empty()) {
      convolve_lit(all, gaussians.taps, seen, plan.margin, blurred);
    } else {
      std::ranges::fill(blurred.values, 0.0f);
    }
    if (gaussians.of_points) add_middle(points_seen[band], plan.margin, blurred);
    if (plan.factor == 1) return blurred;
    Plane out = bin(blurred, plan.factor, 0);
    if (!gaussians.after_binning.empty()) add_binned(all, gaussians, out);
    return out;
  }
  if (const auto* image = std::get_if<ImagePsf>(&psf)) return convolve_image(all, *image, plan.margin);
  if (std::holds_alternative<NoPsf>(psf)) return bin(all, 1, plan.margin);
  return convolve_image(all, as_image(psf, pixel_scale), plan.margin);
}

Renderer::Renderer() = default;
Renderer::~Renderer() = default;
Renderer::Renderer(Renderer&&) noexcept = default;

Renderer::Buffers& Renderer::buffers_for(std::span<const Psf> psfs, const RenderOptions& options) {
  constexpr std::size_t kept = 12;
  const Plan plan = plan_of(psfs, options.pixel_scale_arcsec);
  const int side = plan.factor * options.size + 2 * plan.margin;
  constexpr int max_points = 20'000;
  if (side > max_points) {
    throw Error{fmt::format("{} pixels of {} arcsec take a lattice of {} x {} points under these PSFs", options.size,
                            options.pixel_scale_arcsec, side, side),
                "give PSFs of 0.25 to 50 pixels, or fewer pixels"};
  }
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

/// The sources, whose light may come from several distances, and images of points.
void Renderer::Buffers::sample_sources(const Scene& scene, double tolerance, const BandLimits& limits) {
  // Light that is displaced by so little changes pixels by far less than the tolerance.
  const double precision = std::max(3e-7, 3e-3 * tolerance);
  for (auto from = scene.sources.begin(); from != scene.sources.end();) {
    const double factor = from->deflection_factor;
    const auto to = std::find_if(from, scene.sources.end(), [&](const Light& light) { return light.deflection_factor != factor; });
    const Mass at = factor == 1 ? scene.mass : scaled(scene.mass, factor);
    const PreparedMass mass = prepare(at, precision);
    if (std::any_of(from, to, [](const Light& light) { return light.image != nullptr; })) {
      lattice.map_through(mass);
      sample({from, to}, &mass, limits, columns);
    } else {
      const std::vector<ColumnSpan> lit_by = lit_columns(lattice, at, mass, {from, to}, limits, columns, 4 * plan.factor);
      map_through(mass, lit_by, lattice);
      sample({from, to}, &mass, limits, lit_by);
    }
    from = to;
  }
  sample(scene.point_images, nullptr, limits, columns);
}

Rendering Renderer::render(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options) {
  return *render_judged(scene, psfs, options, nullptr);
}

std::optional<Rendering> Renderer::render_if(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options,
                                             const ArcsJudge& judge) {
  if (!arcs_are_apart(scene, options)) {
    throw Error{"a scene's arcs are to be judged, but are not rendered by themselves",
                "give it sources or images of points, and leave separate_arcs on; else call render"};
  }
  if (judge.band >= psfs.size()) {
    throw Error{fmt::format("arcs are to be judged in band {} of {}", judge.band, psfs.size()), "bands are counted from 0"};
  }
  return render_judged(scene, psfs, options, &judge);
}

std::optional<Rendering> Renderer::render_judged(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options,
                                                 const ArcsJudge* judge) {
  Buffers& work = buffers_for(psfs, options);
  const BandLimits limits{scene, psfs, options, work.plan.factor};
  const double pixel = options.pixel_scale_arcsec;
  const bool arcs_apart = arcs_are_apart(scene, options);
  Rendering out;
  work.look_at(options.seen);
  work.clear();
  work.sample_sources(scene, options.tolerance, limits);
  if (arcs_apart) {
    out.arcs.assign(psfs.size(), Plane{0});
    const std::size_t first = judge ? judge->band : 0;
    for (std::size_t k = 0; k < psfs.size(); ++k) {
      const std::size_t band = (first + k) % psfs.size();
      out.arcs[band] = work.observe(band, psfs[band], pixel);
      if (k == 0 && judge && !judge->goes_on(out.arcs[band])) return std::nullopt;
    }
    work.clear();
  }
  work.sample(scene.unlensed, nullptr, limits, work.columns);
  for (std::size_t b = 0; b < psfs.size(); ++b) {
    out.image.push_back(work.observe(b, psfs[b], pixel));
    if (arcs_apart) add_scaled(out.arcs[b], {0, options.size, 0, options.size}, 1, out.image[b]);
  }
  return out;
}

Rendering render(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options) {
  return Renderer{}.render(scene, psfs, options);
}

}  // namespace lensfind::render
