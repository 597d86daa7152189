#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "lensfind/render/lattice.h"

namespace lensfind::render {

/// Positions and weights of Gauss-Legendre's three nodes in [-1, 1]: exact to degree 5.
constexpr std::array<float, 3> cell_nodes{-0.7745966692f, 0, 0.7745966692f};
constexpr std::array<float, 3> cell_weights{5.0f / 18, 8.0f / 18, 5.0f / 18};
/// Finest cells: 2^-11 of a pixel.
constexpr int deepest_level = 11;

/// Position of a node within its pixel, -1/2 to 1/2.
constexpr float node_offset(std::int32_t level, std::int32_t index, std::size_t node) {
  return (static_cast<float>(index) + 0.5f + 0.5f * cell_nodes[node]) / static_cast<float>(1 << level) - 0.5f;
}

template <class T>
using LineVector = std::vector<T, LineAllocator<T>>;

/// Square cells of one size: cell (i, j) of the 2^level x 2^level cells of pixel (row, column). The vectors are longer than there are
/// cells, because kernels read and write whole blocks.
struct CellList {
  std::size_t count = 0;
  LineVector<std::int32_t> row, column, i, j;

  void make_room(std::size_t more);
  /// To be called after make_room.
  void push(std::int32_t of_row, std::int32_t of_column, std::int32_t of_i, std::int32_t of_j);
};

/// Some of the cells of a list, by their indices. Again longer than there are cells.
struct CellChoice {
  std::size_t count = 0;
  LineVector<std::int32_t> index;
};

/// Cells of one size with their light at 3 x 3 Gauss-Legendre nodes.
struct SampledCells {
  CellList cells;
  LineVector<float> brightness;  ///< at node k (along x first) of cell c, flux a pixel: at k x padded(cells.count) + c
  LineVector<float> light;       ///< of each cell: the flux that its nodes make
  CellChoice kept;               ///< those whose light counts
  CellChoice split;              ///< those that are to be sampled more finely

  void clear();
  /// Makes room for the results of all cells.
  void make_room();
  /// Appends the four quarters of each cell that is to be split.
  void quarter(CellList& finer) const;
};

}  // namespace lensfind::render
