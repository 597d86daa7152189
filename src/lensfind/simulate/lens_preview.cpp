#include "lensfind/simulate/lens_preview.h"

#include <algorithm>
#include <cmath>

#include "lensfind/image/vectorised.h"
#include "lensfind/render/coarse_cells.h"
#include "lensfind/render/plane_kernels.h"
#include "lensfind/render/psf.h"
#include "lensfind/simulate/conditions.h"

namespace lensfind::simulate {
namespace {

/// Pixels a side that hold the arcs: images lie within two Einstein radii of the deflector, and hardly farther from it than the Einstein
/// radius and the source together.
int pixels_needed(const render::Scene& scene, const PreviewOptions& options, double theta_e) {
  const render::Sersic& source = scene.sources.front().profile;
  const render::Point centre = scene.mass.ellipsoids.front().centre_arcsec;
  const render::Point off = source.centre_arcsec - centre;
  const double half = std::min(2 * theta_e, 1.25 * (theta_e + std::hypot(off.x, off.y))) + 2 * source.effective_radius_arcsec +
                      options.seeing_fwhm_arcsec + std::max(std::abs(centre.x), std::abs(centre.y));
  return std::min(options.size, 2 * static_cast<int>(std::ceil(half / options.pixel_scale_arcsec)));
}

/// Two standard deviations and a half: a quick look may miss the wings.
std::vector<float> short_taps(double sigma) {
  return render::gaussian_taps(std::hypot(sigma, 0.29), static_cast<int>(std::ceil(2.5 * sigma)));
}

/// Light fainter than 2^-octaves_seen of a component's centre is left out.
constexpr double octaves_seen = 12;

/// None narrower than samples so far apart can show.
render::PreparedSersic prepared_for(render::Sersic profile, double spacing) {
  profile.effective_radius_arcsec = std::max(profile.effective_radius_arcsec, 0.75 * spacing);
  render::PreparedSersic out = render::prepare(profile);
  out.farthest = static_cast<float>(std::pow(octaves_seen / static_cast<double>(out.steepness), 1 / static_cast<double>(out.power)));
  return out;
}

/// Adds a component's brightness, times a factor, at some places.
void add_brightness(const render::PreparedSersic& light, std::span<const float> x, std::span<const float> y, float factor,
                    std::span<float> one, std::span<float> sum) {
  const render::Extent lit = brightness(light, x, y, one);
  image::vectorised([&] {
    for (std::size_t k = lit.first; k < lit.end; ++k) sum[k] += factor * one[k];
  });
}

/// The square that is looked at: the pixels that hold the arcs in the middle of those whose light reaches them, which are some whole cells.
struct View {
  static constexpr int pixels_a_cell = 4;

  View(int pixels, int margin_pixels, double pixel_arcsec)
      : size{pixels},
        margin{margin_pixels},
        cells{(size + 2 * margin + pixels_a_cell - 1) / pixels_a_cell},
        pixel{pixel_arcsec},
        corner{-0.5 * (size + 2 * margin) * pixel} {}

  int size, margin, cells;
  double pixel, corner;  ///< arcsec; the least x and y

  [[nodiscard]] int side() const { return cells * pixels_a_cell; }
};

/// The sources' light in a view's pixels, without a PSF.
struct Arcs {
  render::Plane pixels;
  double flux = 0;
  int row_first, row_end;  ///< there is none in other rows

  explicit Arcs(int side) : pixels{side}, row_first{side}, row_end{0} {}
};

/// Samples of the image plane in the marked cells, in lines along x, and where their light comes from.
class ArcSamples {
 public:
  ArcSamples(const View& view, int finer, std::span<const std::uint32_t> cells)
      : view_{view},
        finer_{finer},
        cells_{cells},
        line_{static_cast<std::size_t>(View::pixels_a_cell * finer)},
        count_{cells.size() * line_ * line_},
        memory_(6 * count_) {}

  /// `fine`: arcsec between samples.
  void map(const render::PreparedMass& mass, double fine) {
    const auto step = static_cast<float>(fine);
    const auto m = static_cast<int>(line_);
    float *x = part(0).data(), *y = part(1).data();
    for (const std::uint32_t cell : cells_) {
      const auto number = static_cast<int>(cell);
      const double left = view_.corner + fine * (number % view_.cells * m + 0.5),
                   low = view_.corner + fine * (number / view_.cells * m + 0.5);
      for (int row = 0; row < m; ++row) {
        const float here = static_cast<float>(low) + step * static_cast<float>(row);
        for (int column = 0; column < m; ++column) {
          *x++ = static_cast<float>(left) + step * static_cast<float>(column);
          *y++ = here;
        }
      }
    }
    map_to_source(mass, part(0), part(1), part(2), part(3));
  }
  void add(const render::PreparedSersic& light, double factor) {
    add_brightness(light, part(2), part(3), static_cast<float>(factor), part(4), part(5));
  }
  [[nodiscard]] Arcs arcs() {
    Arcs out{view_.side()};
    const float* light = part(5).data();
    for (const std::uint32_t cell : cells_) {
      const auto number = static_cast<int>(cell);
      const int first_row = number / view_.cells * View::pixels_a_cell, first_column = number % view_.cells * View::pixels_a_cell;
      float all = 0;
      for (std::size_t row = 0; row < line_; ++row) {
        float* to = out.pixels.row(first_row + static_cast<int>(row) / finer_).data() + first_column;
        for (std::size_t column = 0; column < line_; ++column, ++light) {
          to[column / static_cast<std::size_t>(finer_)] += *light;
          all += *light;
        }
      }
      if (all == 0) continue;
      out.flux += static_cast<double>(all);
      out.row_first = std::min(out.row_first, first_row);
      out.row_end = std::max(out.row_end, first_row + View::pixels_a_cell);
    }
    return out;
  }

 private:
  std::span<float> part(std::size_t k) { return std::span{memory_}.subspan(k * count_, count_); }

  const View& view_;
  int finer_;
  std::span<const std::uint32_t> cells_;
  std::size_t line_, count_;   ///< samples a side of a cell; of all
  std::vector<float> memory_;  ///< x, y, source x, source y, one component's light, all light
};

/// Samples only where the sources' light may be seen.
Arcs arcs_in(const View& view, const render::Scene& scene, int finer, double theta_e) {
  const render::PreparedMass mass = prepare(scene.mass, 1e-4);
  const double step = view.pixel * View::pixels_a_cell, fine = view.pixel / finer;
  // An isothermal sphere's map bends by step^2 / (8 r) over a cell.
  render::CoarseCells cells{scene.mass, mass, {{view.corner, view.corner}, step, view.cells}, step * std::min(0.3, step / (3 * theta_e))};
  std::vector<render::PreparedSersic> lights;
  for (const render::Light& source : scene.sources) {
    lights.push_back(prepared_for(source.profile, fine));
    const render::Point reach = render::reach_of(lights.back());
    cells.mark(source.profile.centre_arcsec, reach.x, reach.y);
  }
  const std::vector<std::uint32_t> marked = cells.marked();
  ArcSamples samples{view, finer, marked};
  samples.map(mass, fine);
  for (std::size_t k = 0; k < lights.size(); ++k) samples.add(lights[k], scene.sources[k].flux.front() * fine * fine);
  return samples.arcs();
}

/// Unlensed light in some of a view's rows, a sample a pixel.
render::Plane light_in(const View& view, const std::vector<render::Light>& lights, int row_first, int row_end, double negligible) {
  render::Plane out{view.side()};
  std::vector<float> memory(3 * out.stride);
  const std::span<float> x{memory.data(), out.stride}, y{memory.data() + out.stride, out.stride},
      one{memory.data() + 2 * out.stride, out.stride};
  const auto place = [&](int pixel) { return static_cast<float>(view.corner + view.pixel * (pixel + 0.5)); };
  for (std::size_t k = 0; k < x.size(); ++k) x[k] = place(static_cast<int>(k));
  for (const render::Light& light : lights) {
    const double factor = light.flux.front() * view.pixel * view.pixel;
    render::Sersic profile = light.profile;
    profile.effective_radius_arcsec = std::max(profile.effective_radius_arcsec, 0.75 * view.pixel);
    const render::PreparedSersic prepared = prepare(profile, negligible / std::abs(factor));
    for (int row = row_first; row < row_end; ++row) {
      std::ranges::fill(y, place(row));
      add_brightness(prepared, x, y, static_cast<float>(factor), one, out.row(row));
    }
  }
  return out;
}

}  // namespace

Preview preview_lens(const render::Scene& scene, const PreviewOptions& options) {
  const double theta_e = options.theta_e_arcsec > 0 ? options.theta_e_arcsec : scene.mass.ellipsoids.front().theta_e_arcsec;
  const std::vector<float> taps = short_taps(render::sigma_of_fwhm(options.seeing_fwhm_arcsec) / options.pixel_scale_arcsec);
  const View view{pixels_needed(scene, options, theta_e), static_cast<int>(taps.size()), options.pixel_scale_arcsec};
  const Arcs sharp = arcs_in(view, scene, options.finer, theta_e);
  double flux = 0;
  for (const render::Light& source : scene.sources) flux += source.flux.front();
  Preview out{.magnification = sharp.flux / flux};
  if (out.magnification < options.min_magnification) return out;
  const int reach = static_cast<int>(taps.size()) - 1, end = view.margin + view.size;
  const render::PixelBox box{std::max(view.margin, sharp.row_first - reach), std::min(end, sharp.row_end + reach), view.margin, end};
  render::Plane arcs{view.size}, light{view.size};
  if (box.empty()) return out;
  convolve_separable(sharp.pixels, taps, box, {}, view.margin, arcs);
  const Noise noise{options.background_rms, options.gain, {}};
  out.signal_to_noise = best_signal_to_noise(arcs, arcs, noise);
  if (out.signal_to_noise < options.min_snr) return out;
  const render::Plane unlensed = light_in(view, scene.unlensed, box.row_first - reach, box.row_end + reach, 0.01 * options.background_rms);
  convolve_separable(unlensed, taps, box, {}, view.margin, light);
  add_scaled(arcs, {0, view.size, 0, view.size}, 1, light);
  out.signal_to_noise = best_signal_to_noise(arcs, light, noise, options.contrast);
  return out;
}

}  // namespace lensfind::simulate
