#pragma once

#include <string>
#include <vector>

#include "lensfind/report/chart.h"
#include "lensfind/report/report.h"

namespace lensfind::report {

/// A chart and its panels as <svg> elements.
struct DrawnChart {
  Chart chart;
  std::vector<std::string> panels;
};

/// report.html: what was tried, what came out in words, tables, figures, sliders, galleries, definitions, provenance.
std::string report_html(const ReportInput& input, const std::vector<DrawnChart>& charts);

}  // namespace lensfind::report
