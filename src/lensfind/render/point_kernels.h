#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lensfind/render/mass.h"
#include "lensfind/render/sersic.h"

namespace lensfind::render {

/// Arrays that the kernels read and write are as long as a whole number of these.
constexpr std::size_t kernel_block = 16;
constexpr std::size_t padded(std::size_t count) { return (count + kernel_block - 1) / kernel_block * kernel_block; }

/// A mass with everything that does not depend on the position worked out, in single precision.
struct PreparedMass {
  struct Ellipsoid {
    float cosine, sine, centre_x, centre_y, axis_ratio, amplitude, log2_scale, power;
    std::vector<float> coefficients;
  };
  struct Halo {
    float cosine, sine, centre_x, centre_y, core_square, along, across, strength;
  };
  std::vector<Ellipsoid> ellipsoids;
  std::vector<Halo> halos;
  float gamma1 = 0, gamma2 = 0;
};
/// `precision`: of deflections over theta_e.
PreparedMass prepare(const Mass& mass, double precision = 3e-7);

/// Effective radii within which PreparedSersic's reach_x and reach_y lie.
constexpr double reach_radii = 4;
/// A Sersic profile likewise: exp2(log2_centre - steepness s^power), s = (R / R_e)^2 = xx dx^2 + 2 xy dx dy + yy dy^2, for total flux 1;
/// nothing where s >= farthest.
struct PreparedSersic {
  float centre_x, centre_y, xx, xy, yy, power, steepness, log2_centre, farthest;
  /// Samples further apart than `hidden_spacing` may miss the light, which reaches about this far in x and y.
  float hidden_spacing, reach_x, reach_y;
  int square_roots;  ///< that many of s are s^power: 0 to 3 for n of 1/2, 1, 2, 4; -1: none are
};
/// `negligible_brightness`, in 1/arcsec^2: fainter light is left out.
PreparedSersic prepare(const Sersic& light, double negligible_brightness = 0);

/// Elements [first, end) of a span; nothing where first >= end.
struct Extent {
  std::size_t first = 0, end = 0;
};

/// Source positions of image positions, to about 1e-6 of theta_e. All spans are equally long, a multiple of kernel_block. Runs the widest
/// vector instructions that the processor has.
void map_to_source(const PreparedMass& mass, std::span<const float> x, std::span<const float> y, std::span<float> source_x,
                   std::span<float> source_y);
/// Brightness at each position in 1/arcsec^2, to about 3e-6 of itself. Spans as above. Returns where there is any.
Extent brightness(const PreparedSersic& light, std::span<const float> x, std::span<const float> y, std::span<float> out);

/// Of a square grid's cells (the squares between `side` x `side` points, row by row), writes to `found` the first corner of each whose
/// corners' bounding box in (x, y) holds a position. `side`: a multiple of kernel_block.
void cells_about(std::span<const float> x, std::span<const float> y, std::size_t side, float at_x, float at_y,
                 std::vector<std::uint32_t>& found);

}  // namespace lensfind::render
