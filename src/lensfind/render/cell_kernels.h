#pragma once

#include <cstdint>

#include "lensfind/render/cells.h"
#include "lensfind/render/point_kernels.h"

namespace lensfind::render {

/// How cells are looked at.
struct CellView {
  const PreparedMass* mass;  ///< null: not lensed
  const PreparedSersic* light;
  float pixel_arcsec;
  int side;                    ///< of the lattice: pixel (0, 0) has its centre at -(side - 1) / 2 pixels
  float tolerance;             ///< error of a pixel, in the light's unit
  float hidden_within_arcsec;  ///< a region of the source plane narrower than this shows a source's centre by itself
  std::int32_t level;
  bool deepest;  ///< do not split further
};

/// Fills in everything but the cells. Cells are to be split where their error, bounded by how much their nodes' rules differ, is above the
/// tolerance, or where the source's centre may hide. Of the others those that hold light are kept.
void sample_cells(const CellView& view, SampledCells& cells);

}  // namespace lensfind::render
