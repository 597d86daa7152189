#include <fmt/format.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {

std::optional<Chart> completeness_chart(const std::optional<CompletenessMap>& map) {
  if (!map || map->cells.empty()) return std::nullopt;
  Chart chart{.name = "completeness", .title = "Which lenses are found"};
  chart.caption = fmt::format(
      "Share of lenses found at threshold {}, by two true properties (the selection function). Each cell states the share, its 95% "
      "interval, and found of all; "
      "cells without lenses stay empty.",
      map->point);
  CsvText csv{"x_low", "x_high", "y_low", "y_high", "lenses", "completeness", "low", "high"};
  std::vector<std::vector<double>> rows;
  std::string labels;
  for (const CompletenessMap::Cell& cell : map->cells) {
    const evaluate::Figure& share = cell.completeness;
    csv.row({cell.x_low, cell.x_high, cell.y_low, cell.y_high, cell.lenses, share.value, share.low, share.high});
    if (cell.lenses == 0) continue;
    const double x = (cell.x_low + cell.x_high) / 2, y = (cell.y_low + cell.y_high) / 2;
    rows.push_back({x, y, cell.x_low, cell.x_high, cell.y_low, cell.y_high, share.value});
    const char* ink = share.value > .6 ? "#101010" : "#fefefe";
    labels += fmt::format(
        "set label {} at {},{} center tc rgb '{}' front font ',12' offset 0,0.45\nset label {} at {},{} center tc rgb '{}' front font ',9' "
        "offset 0,-0.45\n",
        gnuplot_text(fmt::format("{:.2f}", share.value)), x, y, ink,
        gnuplot_text(fmt::format("{:.2f}-{:.2f} of {}", share.low, share.high, cell.lenses)), x, y, ink);
  }
  if (rows.empty()) return std::nullopt;
  chart.csv = csv.text();
  chart.data = data_block("completeness", rows);
  chart.panels.push_back(
      {.width = 560,
       .height = 440,
       .commands = fmt::format(
           "set palette viridis\nset cbrange [0:1]\nset cblabel 'share found'\nunset grid\nunset key\nset style fill solid 1 noborder\n"
           "set xlabel {}\nset ylabel {}\nset autoscale xfix\nset autoscale yfix\n{}plot $completeness using 1:2:3:4:5:6:7 with boxxyerror "
           "fc palette notitle\n",
           gnuplot_text(map->x_name), gnuplot_text(map->y_name), labels)});
  return chart;
}

}  // namespace lensfind::report
