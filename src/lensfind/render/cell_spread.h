#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lensfind/render/cells.h"

namespace lensfind::render {

/// How the light of a point becomes pixels' values: a Gaussian about the point, separable in x and y.
struct CellSpread {
  enum class Values {
    centres,  ///< the Gaussian at the pixels' centres
    means,    ///< its means over the pixels
  };

  /// Standard deviation `sigma` in pixels: at most 0.75 on 8 pixels, at most 1.4 on 16.
  CellSpread(double sigma, Values values);

  /// Where the weights of a cell's three nodes along an axis begin. Nodes of coarse cells are at few places within a pixel, so their
  /// weights are worked out once. Smaller cells count as points at their light's centre.
  static constexpr std::size_t place(std::int32_t level, std::int32_t index) {
    return 3 * static_cast<std::size_t>((1 << level) - 1 + index);
  }
  static constexpr std::int32_t tabulated_levels = 5;
  static constexpr std::size_t greatest_width = 16;

  float sigma;
  Values values;
  int width;                   ///< pixels that a point reaches in each direction: 1 - width / 2 to width / 2 from its own
  std::vector<float> weights;  ///< (place, width), times the node's weight and the cell's side in pixels
};

/// Adds the light of the kept cells, times `flux`, to a plane. Cells whose light reaches beyond the plane's edge are left out.
void spread_cells(std::span<const SampledCells> levels, const CellSpread& spread, float flux, Plane& into);

}  // namespace lensfind::render
