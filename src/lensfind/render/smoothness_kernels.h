#pragma once

#include <span>

#include "lensfind/render/cells.h"
#include "lensfind/render/lattice.h"
#include "lensfind/render/point_kernels.h"

namespace lensfind::render {

/// Samples of a component at the pixels' centres and, where it is lensed, where its light comes from.
struct SmoothnessInput {
  const Lattice* lattice;
  const PreparedSersic* light;
  const Plane& values;
  bool lensed;
  float tolerance;  ///< for about the error that one sample makes in the mean over the pixel
  bool means;       ///< true: `smooth` becomes the pixels' means, corrected to fourth order; false: it keeps the samples
};

/// Fills columns [first, end) of a row of `smooth` and `rough`. `rough` is 1 where one sample is not enough or the source's centre may map
/// into the pixel, else 0 (at the lattice's edge and outside the columns too). Returns whether any pixel is rough.
bool examine_smoothness(const SmoothnessInput& in, int row, int first, int end, std::span<float> smooth, std::span<float> rough);

/// Marks of a row of pixels: 1 where they are rough or lie between two rough ones along x or y, else 0. Such gaps come about because
/// differences vanish where they change their sign. The rows above and below exist.
void fill_gaps(const Plane& rough, int row, std::span<float> marks);

/// Takes rough pixels' light out of columns [first, end) of a smooth row and appends a cell for each rough pixel. Means over pixels end
/// where the pixels do. Samples that are to be spread as points (`points`) do not. The light in each smooth pixel is then that of its own
/// sample and a little of those about it, also of those in rough pixels, so that sums of them end as sharply. The two rows above and below
/// exist.
void hand_over(const Plane& rough, int row, int first, int end, bool points, std::span<float> smooth, CellList& cells);

}  // namespace lensfind::render
