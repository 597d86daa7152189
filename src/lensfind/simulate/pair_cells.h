#pragma once

#include <vector>

#include "lensfind/simulate/source_cells.h"
#include "lensfind/simulate/target_cells.h"

namespace lensfind::simulate {

/// Galaxies as deflectors with sources behind them, drawn by their laws times the square of the greatest D_ls / D_s of the source's cell,
/// but for pairs of cells none of whose Einstein radii reaches a limit. Immutable; draws from any thread.
class PairCells {
 public:
  /// Of one least Einstein radius.
  struct Level {
    double least_radius_arcsec = 0;
    double weight = 0;         ///< what it draws from over all targets' cells with all sources infinitely far behind them
    std::vector<double> sums;  ///< a cell of targets, cumulative
    std::vector<int> guide;    ///< where the search for a draw begins, for each of equal steps of the sum
    std::vector<short> steps;  ///< a cell of targets: how many of the farthest cells of sources
  };
  struct Pair {
    TargetCells::Galaxy galaxy;
    SourceCells::Source source;
  };

  /// Levels about `least_radius_arcsec`, and one without a limit. Both must exist as long as this.
  PairCells(const TargetCells& targets, const SourceCells& sources, double least_radius_arcsec);

  /// The level of the greatest limit that is not above this one.
  [[nodiscard]] const Level& level_of(double least_radius_arcsec) const;
  [[nodiscard]] Pair draw(const Level& level, RandomStream& random) const;

 private:
  [[nodiscard]] Level level(double least_radius_arcsec) const;

  const TargetCells& targets_;
  const SourceCells& sources_;
  std::vector<int> rows_;      ///< a cell of targets: of the sources'
  std::vector<Level> levels_;  ///< the greatest limit first, none at the end
};

}  // namespace lensfind::simulate
