#pragma once

#include <array>
#include <span>
#include <vector>

#include "lensfind/render/cells.h"
#include "lensfind/render/lattice.h"

namespace lensfind::render {

/// What becomes of samples after this: they are added up in the pixel that holds them, or spread smoothly over several (a Gaussian PSF's
/// first part).
enum class SampleUse { pixel_means, spreading };

/// The light of one component (total flux 1 before lensing): a sample a pixel where it is smooth, cells where it is not.
struct LightSamples {
  explicit LightSamples(int side) : smooth{side} {}

  /// Leaves no light.
  void clear();

  PixelBox box;                                        ///< there is no light outside of it
  Plane smooth;                                        ///< flux of the smooth pixels: means over the pixel, or points at its centre
  std::array<SampledCells, deepest_level + 1> levels;  ///< the rest: cells of each size
};

/// How finely, both in flux a pixel of a component of total flux 1.
struct SamplingLimits {
  double tolerance = 1e-5;   ///< error of a pixel
  double negligible = 1e-7;  ///< fainter light is left out
};

/// The brightness, 1/arcsec^2, up to which a source's light is left out. An arc is many pixels long: what is left out of each must be less
/// for the sum to be right.
double arcs_limit(double negligible, float pixel_arcsec);

/// Samples components of light on a lattice of pixels. Smooth pixels are sampled once. The others go through a quadtree of 3 x 3
/// Gauss-Legendre nodes, whose error a second rule on five of them bounds. The quadtree is always split where the source's centre may hide
/// in a cell. For spreading, points at the centres of a smooth pixel and of those about it stand for its light (see hand_over).
class LightSampler {
 public:
  /// For lattices of `side` pixels.
  LightSampler(int side, SampleUse use);

  /// What is sampled from now on: light in the lattice's pixels, of each row in `columns`. `mass` is the one through which the lattice is
  /// mapped; null: nothing is lensed. All must exist as long as the sampling.
  void look_through(const Lattice& lattice, std::span<const ColumnSpan> columns, const PreparedMass* mass);

  /// Overwrites `out`, whose smooth plane has the lattice's side.
  void sample(const Sersic& light, const SamplingLimits& limits, LightSamples& out);

 private:
  [[nodiscard]] PixelBox visible_box(const Sersic& light, double brightness_limit) const;
  [[nodiscard]] ColumnSpan around(int row) const;
  void sample_centres(const PreparedSersic& light);
  void close_box(const PreparedSersic& light, PixelBox lit);
  void find_rough(const PreparedSersic& light, float tolerance, LightSamples& out);
  [[nodiscard]] bool any_rough(int row, int within) const;
  void gather_cells(LightSamples& out);
  void refine(const PreparedSersic& light, double effective_radius_arcsec, float tolerance, LightSamples& out);

  const Lattice* lattice_ = nullptr;
  const PreparedMass* mass_ = nullptr;
  std::span<const ColumnSpan> columns_;
  SampleUse use_;
  PixelBox box_;
  Plane values_, rough_, marks_;    ///< samples; 1 for pixels that are rough, and for those that become cells, else 0
  std::vector<char> row_is_rough_;  ///< whether any pixel of a row is
};

}  // namespace lensfind::render
