#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "lensfind/simulate/cell_kernels.h"
#include "lensfind/simulate/lattice.h"

namespace lensfind::simulate {

/// What becomes of samples after this: added up in the pixel that holds them, or spread smoothly over several (a Gaussian PSF's first
/// part).
enum class SampleUse { pixel_means, spreading };

/// A square of light that needs no finer sampling: 3 x 3 Gauss-Legendre nodes in cell (i, j) of the 2^level x 2^level cells of a pixel.
struct LightCell {
  std::int32_t row = 0, column = 0;  ///< the pixel
  std::int32_t level = 0, i = 0, j = 0;
  std::array<float, 9> flux{};  ///< of the nodes, along x first
};

/// Positions of Gauss-Legendre's nodes in [-1, 1]: exact to degree 5 with weights 5/18, 8/18, 5/18.
constexpr std::array<float, 3> cell_nodes{-0.7745966692f, 0, 0.7745966692f};
/// Finest cells: 2^-11 of a pixel.
constexpr int deepest_level = 11;

/// Position of a node within its pixel, -1/2 to 1/2.
constexpr float node_offset(std::int32_t level, std::int32_t index, std::size_t node) {
  return (static_cast<float>(index) + 0.5f + 0.5f * cell_nodes[node]) / static_cast<float>(1 << level) - 0.5f;
}

/// The light of one component (total flux 1 before lensing): a sample a pixel where it is smooth, cells where it is not.
struct LightSamples {
  explicit LightSamples(int side) : smooth{side} {}

  PixelBox box;                  ///< there is no light outside
  Plane smooth;                  ///< flux of the smooth pixels: means over the pixel, or points at its centre; 0 outside the box
  std::vector<LightCell> cells;  ///< the rest
};

/// How finely, both in flux a pixel of a component of total flux 1.
struct SamplingLimits {
  double tolerance = 1e-5;   ///< error of a pixel
  double negligible = 1e-7;  ///< fainter light is left out
};

/// Samples components of light on a lattice of pixels: smooth pixels once; the others through a quadtree of 3 x 3 Gauss-Legendre nodes
/// whose error is bounded by a second rule on five of them, and which is always split where the source's centre may hide in a cell. For
/// spreading, points at the centres of a smooth pixel and of those about it stand for its light (see hand_over).
class LightSampler {
 public:
  /// For lattices of `side` pixels.
  LightSampler(int side, SampleUse use);

  /// What is sampled from now on: light in the lattice's pixels, of each row in `columns`, through `mass` (through which the lattice is
  /// mapped) or, where that is null, straight. All must outlive the sampling.
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
  void keep(std::size_t cell, std::int32_t level, LightSamples& out) const;

  const Lattice* lattice_ = nullptr;
  const PreparedMass* mass_ = nullptr;
  std::span<const ColumnSpan> columns_;
  SampleUse use_;
  PixelBox box_;
  Plane values_, rough_, marks_;    ///< samples; 1 for pixels that are rough, and for those that become cells, else 0
  std::vector<char> row_is_rough_;  ///< whether any pixel of a row is
  CellList cells_, finer_;
  std::vector<float> flux_;           ///< (9, cells)
  std::vector<std::int32_t> splits_;  ///< a cell
};

}  // namespace lensfind::simulate
