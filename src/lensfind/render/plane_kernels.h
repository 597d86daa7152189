#pragma once

#include <span>
#include <vector>

#include "lensfind/render/lattice.h"

namespace lensfind::render {

/// Separable symmetric convolution, out(row - offset, column - offset), of the pixels in `box` that lie in `columns` (a row of `in`; empty:
/// all). Taps go from the centre outwards. Pixels are at least the taps' reach away from the edge of `in`. Pixels of `out` beside them may
/// change too.
void convolve_separable(const Plane& in, std::span<const float> taps, const PixelBox& box, std::span<const ColumnSpan> columns, int offset,
                        Plane& out);

/// The sum of several such convolutions, one for each of `terms`, whose reaches do not fall. Only the pixels of `out` that lie in both
/// `box` and `columns` change. Pixels are at least the widest reach and two blocks away from the last row of `in`.
void convolve_gaussians(const Plane& in, std::span<const std::vector<float>> terms, const PixelBox& box,
                        std::span<const ColumnSpan> columns, int offset, Plane& out);

/// out(j, i) = sum over kernel(m, n) of in(j - m + h, i - n + h). The kernel has odd numbers of rows and columns. `out` is the middle of
/// `in`, at least half the kernel away from its edge.
void convolve_kernel(const Plane& in, std::span<const float> kernel, int rows, int columns, Plane& out);

/// The same with a kernel that is the sum over terms t of along_y(t, m) along_x(t, n).
void convolve_terms(const Plane& in, std::span<const float> along_y, std::span<const float> along_x, int rows, int columns, Plane& out);

/// A plane that takes a part of another's light.
struct Share {
  float factor;
  Plane* into;
};

/// into += factor x from for each plane, of the pixels in `box` that lie in `columns` (a row of `from`; empty: all).
void add_fractions(const Plane& from, const PixelBox& box, std::span<const ColumnSpan> columns, std::span<const Share> fractions);
/// The same for one plane, all of the box.
void add_scaled(const Plane& from, const PixelBox& box, float factor, Plane& into);

}  // namespace lensfind::render
