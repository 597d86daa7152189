#pragma once

#include <span>

#include "lensfind/simulate/cell_kernels.h"
#include "lensfind/simulate/lattice.h"
#include "lensfind/simulate/light_samples.h"

namespace lensfind::simulate {

/// Samples at the pixels' centres and where their light comes from (the pixels' own positions for light that is not lensed).
struct SmoothnessInput {
  const Plane& values;
  const Plane* source_x;
  const Plane* source_y;
  float centre_x, centre_y;  ///< of the source
  float tolerance;           ///< for about the error that one sample makes in the mean over the pixel
  bool means;                ///< `smooth` becomes the pixels' means, corrected to fourth order; else it keeps the samples
};

/// For columns [first, end) of a row: `smooth`; and `rough`, 1 where one sample is not enough or the source's centre may map into the
/// pixel, else 0 (at the lattice's edge and outside the columns too). Returns whether any pixel is rough.
bool examine_smoothness(const SmoothnessInput& in, int row, int first, int end, std::span<float> smooth, std::span<float> rough);

/// Takes rough pixels' light out of columns [first, end) of a smooth row and appends a cell for each pixel from which some was taken: all
/// of the rough pixels', or, for a smooth passage (`blended`), the part that quadratic B-splines on the rough pixels hold at each pixel's
/// centre. The rows above and below exist.
void hand_over(const Plane& rough, int row, int first, int end, bool blended, std::span<float> smooth, CellList& cells);

/// Separable symmetric convolution, taps from the centre outwards, of the pixels in `box`: out(row - offset, column - offset). At least the
/// taps' reach away from the edge of `in`. Pixels of `out` beside the box may change too.
void convolve_separable(const Plane& in, std::span<const float> taps, const PixelBox& box, int offset, Plane& out);

/// out(j, i) = sum over kernel(m, n) of in(j - m + h, i - n + h), rows and columns of the kernel odd in number; `out` is the middle of `in`
/// and at least half the kernel away from its edge.
void convolve_kernel(const Plane& in, std::span<const float> kernel, int rows, int columns, Plane& out);

/// The same with a kernel that is the sum over terms t of along_y(t, m) along_x(t, n).
void convolve_terms(const Plane& in, std::span<const float> along_y, std::span<const float> along_x, int rows, int columns, Plane& out);

/// into += factor x from, within a box.
void add_scaled(const Plane& from, const PixelBox& box, float factor, Plane& into);

}  // namespace lensfind::simulate
