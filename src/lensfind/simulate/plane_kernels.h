#pragma once

#include <span>

#include "lensfind/simulate/lattice.h"
#include "lensfind/simulate/light_samples.h"

namespace lensfind::simulate {

/// Samples at the pixels' centres and where their light comes from (the pixels' own positions for light that is not lensed).
struct SmoothnessInput {
  const Plane& values;
  const Plane* source_x;
  const Plane* source_y;
  float centre_x, centre_y;  ///< of the source
};

/// For columns [first, end) of a row, two or more from the edge: `roughness`, about the error that one sample makes in the mean over the
/// pixel, and very large where the source's centre may map into it; `mean` (unless empty) of the pixel, corrected to fourth order.
void examine_smoothness(const SmoothnessInput& in, int row, int first, int end, std::span<float> mean, std::span<float> roughness);

/// Adds cells of light to a plane, each node as a circular Gaussian of deviation `sigma` pixels (at most 0.8), sampled at the centres of 8
/// x 8 pixels. Cells nearer than 4 pixels to the edge are left out.
void spread_cells(std::span<const LightCell> cells, float sigma, Plane& into);

/// Separable symmetric convolution, taps from the centre outwards; `out` is the middle of `in` and at least the taps' reach away from its
/// edge.
/// `upright`: room for the half-done rows, as large as `in`.
void convolve_separable(const Plane& in, std::span<const float> taps, Plane& upright, Plane& out);

/// out(j, i) = sum over kernel(m, n) of in(j - m + h, i - n + h), rows and columns of the kernel odd in number; `out` is the middle of `in`
/// and at least half the kernel away from its edge.
void convolve_kernel(const Plane& in, std::span<const float> kernel, int rows, int columns, Plane& out);

/// into += factor x from, within a box.
void add_scaled(const Plane& from, const PixelBox& box, float factor, Plane& into);

}  // namespace lensfind::simulate
