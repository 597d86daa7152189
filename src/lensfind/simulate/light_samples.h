#pragma once

#include <vector>

#include "lensfind/simulate/lattice.h"

namespace lensfind::simulate {

/// What becomes of samples after this: added up in the pixel that holds them, or spread smoothly over several (a Gaussian PSF's first
/// part).
enum class SampleUse { pixel_means, spreading };

/// The light of one component (total flux 1 before lensing) as weighted points: one a pixel where it is smooth, many where it is not.
struct LightSamples {
  explicit LightSamples(int side) : smooth{side} {}

  PixelBox box;                   ///< there is no light outside
  Plane smooth;                   ///< flux of the smooth pixels: means over the pixel, or points at its centre
  std::vector<float> x, y, flux;  ///< points of the rest, arcsec; flux padded with zeros for the kernels
};

/// How finely, both in flux a pixel of a component of total flux 1.
struct SamplingLimits {
  double tolerance = 1e-5;   ///< error of a pixel
  double negligible = 1e-7;  ///< fainter light is left out
};

/// Samples components of light on a lattice of pixels: smooth pixels once; the others through a quadtree of 3 x 3 Gauss-Legendre nodes
/// whose error is bounded by a second rule on five of them, and which is always split where the source's centre may hide in a cell. For
/// spreading, a smooth partition of unity goes over from one kind of sample to the other: a sum over pixels is exact to all orders only
/// where nothing begins or ends.
class LightSampler {
 public:
  /// For lattices of `side` pixels.
  LightSampler(int side, SampleUse use);

  /// What is sampled from now on: light in the lattice's pixels, through `mass` (through which the lattice is mapped) or, where that is
  /// null, straight. Both must outlive the sampling.
  void look_through(const Lattice& lattice, const PreparedMass* mass);

  /// Overwrites `out`, whose smooth plane has the lattice's side.
  void sample(const Sersic& light, const SamplingLimits& limits, LightSamples& out);

 private:
  struct Cell {
    float x, y;           ///< centre
    int row, column;      ///< the pixel it is part of
    bool inside = false;  ///< only rough pixels around: all of its light goes to points
  };

  [[nodiscard]] PixelBox visible_box(const Sersic& light, double brightness_limit) const;
  void sample_centres(const PreparedSersic& light);
  void find_rough(const Sersic& light, float tolerance, LightSamples& out);
  void mark_rough(int row, int column, LightSamples& out);
  void blend(LightSamples& out);
  void refine(const Sersic& light, const PreparedSersic& prepared, float tolerance, LightSamples& out);
  void place_nodes(float half_side);
  [[nodiscard]] bool hides_centre(std::size_t cell, const Sersic& light) const;
  void keep(std::size_t cell, float area, LightSamples& out) const;
  [[nodiscard]] float share(const Cell& cell, float x, float y) const;

  const Lattice* lattice_ = nullptr;
  const PreparedMass* mass_ = nullptr;
  SampleUse use_;
  PixelBox box_, rough_box_;
  Plane values_, rough_;          ///< samples; 1 for rough pixels, else 0
  std::vector<float> roughness_;  ///< of a row's pixels
  std::vector<Cell> cells_, finer_;
  std::size_t stride_ = 0;                                  ///< of the nodes' arrays: cells, padded
  std::vector<float> x_, y_, source_x_, source_y_, value_;  ///< (9, cells)
};

}  // namespace lensfind::simulate
