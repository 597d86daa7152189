#include "lensfind/render/lattice.h"

#include <limits>

namespace lensfind::render {

Lattice::Lattice(int side, double pixel_arcsec)
    : pixel{static_cast<float>(pixel_arcsec)}, x{side}, y{side}, source_x{side}, source_y{side} {
  for (int row = 0; row < side; ++row) {
    for (std::size_t column = 0; column < x.stride; ++column) {
      x.row(row)[column] = coordinate(static_cast<int>(column));
      y.row(row)[column] = coordinate(row);
    }
  }
}

std::vector<ColumnSpan> grown(std::span<const ColumnSpan> rows, int margin) {
  const auto count = static_cast<int>(rows.size());
  std::vector<ColumnSpan> out;
  for (int row = -margin; row < count + margin; ++row) {
    ColumnSpan all{std::numeric_limits<int>::max(), 0};
    for (int near = std::max(0, row - margin); near < std::min(count, row + margin + 1); ++near) {
      const ColumnSpan here = rows[static_cast<std::size_t>(near)];
      if (here.first < here.end) all = {std::min(all.first, here.first), std::max(all.end, here.end + 2 * margin)};
    }
    out.push_back(all.end == 0 ? ColumnSpan{} : all);
  }
  return out;
}

void Lattice::map_through(const PreparedMass& mass) { map_to_source(mass, x.values, y.values, source_x.values, source_y.values); }

}  // namespace lensfind::render
