#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "lensfind/render/psf.h"
#include "lensfind/render/scene.h"

namespace lensfind::render {

/// Pixels of a cutout and how finely its light is integrated.
struct RenderOptions {
  int size = 64;
  double pixel_scale_arcsec = 0.2;
  double tolerance = 9e-4;    ///< error over the brightest pixel after the PSF
  bool separate_arcs = true;  ///< the sources' light alone too
  /// a band: what may be left out of a pixel (a small part of the noise), 5e-4 of the brightest at most; empty: 1e-5 of the brightest.
  std::vector<double> negligible_flux;
  std::vector<ColumnSpan> seen;        ///< a row: the columns that are needed, pixels beside them mean nothing; empty: all
  std::vector<double> tolerable_flux;  ///< a band: limits the error where `tolerance` of the brightest pixel is more; empty: no limit
};

/// Noiseless cutouts, flux a pixel.
struct Rendering {
  std::vector<Plane> image;  ///< a band: all light
  std::vector<Plane> arcs;   ///< a band: the sources' light alone; empty without sources or where it is not asked for
};

/// What says, after a look at the sources' light alone in one band, whether the rest is worth rendering.
struct ArcsJudge {
  std::size_t band = 0;
  std::function<bool(const Plane& arcs)> goes_on;
};

/// Renders scenes and keeps its memory from one to the next. Each thread needs its own.
class Renderer {
 public:
  Renderer();
  ~Renderer();
  Renderer(Renderer&&) noexcept;

  /// A scene in as many bands as there are PSFs. Light from beyond the edge that the PSF brings in is included. Throws Error where the PSFs
  /// are so narrow or wide that the lattice would have over 20,000 points a side.
  Rendering render(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options);

  /// The same, where the judge goes on; nothing where it does not. Throws Error too where there is nothing to judge: the scene has no
  /// sources, `separate_arcs` is off, or the judge's band is none.
  std::optional<Rendering> render_if(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options, const ArcsJudge& judge);

 private:
  struct Buffers;
  Buffers& buffers_for(std::span<const Psf> psfs, const RenderOptions& options);
  std::optional<Rendering> render_judged(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options,
                                         const ArcsJudge* judge);

  std::vector<std::unique_ptr<Buffers>> buffers_;  ///< a few sizes, the last used at the end
};

/// The same for a single scene.
Rendering render(const Scene& scene, std::span<const Psf> psfs, const RenderOptions& options);

}  // namespace lensfind::render
