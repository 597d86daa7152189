#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <span>
#include <vector>

#include "lensfind/render/point_kernels.h"

namespace lensfind::render {

/// Memory that begins with a cache line, so that no vector that kernels read at the start of a row lies across two lines.
template <class T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t line{64};

  LineAllocator() = default;
  template <class U>
  LineAllocator(const LineAllocator<U>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), line)); }
  void deallocate(T* memory, std::size_t) { ::operator delete(memory, line); }
  friend bool operator==(LineAllocator, LineAllocator) { return true; }
};

/// Values at the centres of a square of pixels about the origin, row by row from the bottom. Rows are padded for the kernels.
struct Plane {
  /// Takes one block more than the rows need, so that a kernel may read past the last row's end.
  explicit Plane(int pixels_a_side)
      : side{pixels_a_side},
        stride{padded(static_cast<std::size_t>(pixels_a_side))},
        values(stride * static_cast<std::size_t>(side) + kernel_block) {}

  [[nodiscard]] float& at(int row, int column) { return values[static_cast<std::size_t>(row) * stride + static_cast<std::size_t>(column)]; }
  [[nodiscard]] float at(int row, int column) const {
    return values[static_cast<std::size_t>(row) * stride + static_cast<std::size_t>(column)];
  }
  [[nodiscard]] std::span<float> row(int r) { return {values.data() + static_cast<std::size_t>(r) * stride, stride}; }
  [[nodiscard]] std::span<const float> row(int r) const { return {values.data() + static_cast<std::size_t>(r) * stride, stride}; }

  int side;
  std::size_t stride;
  std::vector<float, LineAllocator<float>> values;
};

/// Where the pixels' centres are, and where the light seen there comes from.
struct Lattice {
  /// Pixel (row j, column i) has its centre at ((i - (side - 1) / 2) pixel_arcsec, (j - (side - 1) / 2) pixel_arcsec).
  Lattice(int side, double pixel_arcsec);
  /// Fills source_x and source_y.
  void map_through(const PreparedMass& mass);

  [[nodiscard]] float coordinate(int index) const { return (static_cast<float>(index) - 0.5f * static_cast<float>(x.side - 1)) * pixel; }

  float pixel;
  Plane x, y, source_x, source_y;
};

/// Columns [first, end) of a row.
struct ColumnSpan {
  int first = 0, end = 0;
};

/// The columns that are at most `margin` from the given ones, in these rows and `margin` more on either side. Column 0 is `margin` further
/// left.
std::vector<ColumnSpan> grown(std::span<const ColumnSpan> rows, int margin);

/// Rows and columns [first, end).
struct PixelBox {
  int row_first = 0, row_end = 0, column_first = 0, column_end = 0;
  [[nodiscard]] bool empty() const { return row_first >= row_end || column_first >= column_end; }
  friend bool operator==(const PixelBox&, const PixelBox&) = default;
  /// What lies in `within` of one of its rows.
  [[nodiscard]] PixelBox row(int index, ColumnSpan within) const {
    return {index, index + 1, std::max(column_first, within.first), std::min(column_end, within.end)};
  }
  /// What lies in that row's span of one of its rows, where there are spans. Rows are `side` long.
  [[nodiscard]] PixelBox row(int index, std::span<const ColumnSpan> columns, int side) const {
    return row(index, columns.empty() ? ColumnSpan{0, side} : columns[static_cast<std::size_t>(index)]);
  }
};

}  // namespace lensfind::render
