#pragma once

#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/inspect/control_report.h"

namespace lensfind::inspect {

/// Edges of the cells of Einstein radius (arcsec) and S/N; none: as many lenses between each two, and about ten in a cell.
struct GridEdges {
  std::vector<double> radius = {}, snr = {};

  static void describe(auto& field) {
    field(&GridEdges::radius, "grid_radius", any().taking("R,R,..."),
          "edges in Einstein radius (arcsec) of the cells for which control_grid.csv gives completeness (default: as many control lenses "
          "between each two)");
    field(&GridEdges::snr, "grid_snr", any().taking("S,S,..."), "edges of these cells in the signal-to-noise ratio of the arcs");
  }
};

/// How many of the control lenses in one cell of Einstein radius and S/N a grader finds.
struct GridCompleteness {
  std::string grader;  ///< "all": the graders together, by the median grade
  double radius_low = 0, radius_high = 0, snr_low = 0, snr_high = 0;
  int lenses = 0, found = 0;        ///< found: those whose grade counts as a lens
  evaluate::Estimate completeness;  ///< Jeffreys
};

/// Completeness of each grader over both properties at once, cells in the order of radius, then S/N, those without a graded lens too. The
/// same cells for all graders. Nothing where no control lens has both. A last range holds its upper edge.
std::vector<GridCompleteness> grid_completeness(const Merged& merged, const GridEdges& edges = {});

/// The same as a table:
/// grader,theta_e_low,theta_e_high,arc_snr_low,arc_snr_high,lenses,found,completeness,completeness_low,completeness_high.
ResultTable grid_table(const std::vector<GridCompleteness>& cells);

/// One grader's cells as an HTML table: Einstein radius across, S/N upwards.
std::string grid_html(const std::vector<GridCompleteness>& cells, const std::string& grader);

}  // namespace lensfind::inspect
