#pragma once

#include <cstdint>
#include <vector>

#include "lensfind/render/lattice.h"

namespace lensfind::render {

/// Square cells of the image plane of which only the corners are mapped to the source plane: tells in which of them light from somewhere
/// may be seen. In each row, rays are followed from the first to the last of them. The largest mass is the first ellipsoid.
class CoarseCells {
 public:
  struct Grid {
    Point corner_arcsec;  ///< the least x and y
    double step_arcsec;   ///< side of a cell
    int cells;            ///< along each side
  };

  /// `bend_arcsec`: within a cell away from all masses' centres the map strays by so much from its corners'.
  CoarseCells(const Mass& mass, const PreparedMass& prepared, const Grid& grid, double bend_arcsec);

  /// Lets cells reach as far again as the second derivatives of the deflections may bend the map within them: with no other bend, light is
  /// nowhere left out.
  void allow_for_curvature(const Mass& mass);
  /// Marks the cells in which light may be seen that comes from a box about a place in the source plane, half of whose sides are given.
  /// Cells about the main mass's centre, where the map turns over, are always marked.
  void mark(Point at, double reach_x_arcsec, double reach_y_arcsec);
  /// Row times cells a side plus column of the marked ones, in that order.
  [[nodiscard]] std::vector<std::uint32_t> marked() const;
  /// Columns [first, end) of the marked cells in a row; from the first to the last.
  [[nodiscard]] ColumnSpan marked_in(int row) const;

 private:
  void span_corners(const PreparedMass& prepared, double bend_arcsec);
  void widen_about(const Mass& mass);
  void widen(std::size_t cell, float by);

  Grid grid_;
  std::size_t stride_;                            ///< of a row
  std::vector<float> left_, right_, low_, high_;  ///< a cell: of the source plane that may be seen in it
  std::vector<std::int32_t> marks_;               ///< a cell: not 0 where it is marked
};

/// Half the sides of the box about its centre that holds all that is not left out of a profile.
Point reach_of(const PreparedSersic& light);

}  // namespace lensfind::render
