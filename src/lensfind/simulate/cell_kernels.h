#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lensfind/simulate/point_kernels.h"

namespace lensfind::simulate {

/// Square cells of one size: cell (i, j) of the 2^level x 2^level cells of pixel (row, column). The vectors are longer than there are
/// cells.
struct CellList {
  std::size_t count = 0;
  std::vector<std::int32_t> row, column, i, j;

  void make_room(std::size_t more);
  /// Where make_room was called for it.
  void push(std::int32_t of_row, std::int32_t of_column, std::int32_t of_i, std::int32_t of_j);
};

/// How cells are looked at.
struct CellView {
  const PreparedMass* mass;  ///< null: not lensed
  const PreparedSersic* light;
  float pixel_arcsec;
  int side;                    ///< of the lattice: pixel (0, 0) has its centre at -(side - 1) / 2 pixels
  float tolerance;             ///< error of a pixel, in the light's unit
  float hidden_within_arcsec;  ///< a region of the source plane narrower than this shows a source's centre by itself
  std::int32_t level;
  bool deepest;  ///< split no more
};

/// Flux of 3 x 3 Gauss-Legendre nodes, node k of cell c at k x padded(count) + c, as shares of the pixel's brightness (brightness x the
/// cell's share of the pixel x the node's weight); and 1 for cells that want splitting, else 0: where a second rule on five of the nodes
/// differs by more than the tolerance, or where the source's centre may hide.
void sample_cells(const CellView& view, const CellList& cells, std::vector<float>& flux, std::vector<std::int32_t>& splits);

}  // namespace lensfind::simulate
