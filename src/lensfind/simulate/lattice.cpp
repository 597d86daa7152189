#include "lensfind/simulate/lattice.h"

namespace lensfind::simulate {

Lattice::Lattice(int side, double pixel_arcsec)
    : pixel{static_cast<float>(pixel_arcsec)}, x{side}, y{side}, source_x{side}, source_y{side} {
  for (int row = 0; row < side; ++row) {
    for (std::size_t column = 0; column < x.stride; ++column) {
      x.row(row)[column] = coordinate(static_cast<int>(column));
      y.row(row)[column] = coordinate(row);
    }
  }
}

void Lattice::map_through(const PreparedMass& mass) { map_to_source(mass, x.values, y.values, source_x.values, source_y.values); }

}  // namespace lensfind::simulate
