#include <algorithm>

#include <fmt/format.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

using Cell = CompletenessMap::Cell;

// All cells are drawn equally large, whatever their width, so that each has room for its numbers; the axes say where they end.
struct Edges {
  std::vector<double> values;

  void add(double value) {
    const auto at = std::ranges::lower_bound(values, value);
    if (at == values.end() || *at != value) values.insert(at, value);
  }
  [[nodiscard]] double position(double value) const {
    return static_cast<double>(std::ranges::lower_bound(values, value) - values.begin());
  }
  [[nodiscard]] std::string tics(const char* axis) const {
    std::string out = fmt::format("set {}tics (", axis);
    for (std::size_t i = 0; i < values.size(); ++i) out += fmt::format("{}'{:g}' {}", i ? ", " : "", values[i], i);
    return out + ")\n";
  }
};

std::string cell_labels(const Cell& cell, double x, double y, bool room) {
  const evaluate::Figure& share = cell.completeness;
  const char* ink = share.value > .6 ? "#101010" : "#fefefe";
  std::string out = fmt::format("set label '{:.2f}' at {},{} center textcolor rgb '{}' front font ',13' offset 0,{}\n", share.value, x, y,
                                ink, room ? .55 : 0);
  if (room) {
    out += fmt::format("set label '{:.2f} to {:.2f}' at {},{} center textcolor rgb '{}' front font ',9' offset 0,-0.35\n", share.low,
                       share.high, x, y, ink);
    out += fmt::format("set label 'n = {}' at {},{} center textcolor rgb '{}' front font ',9' offset 0,-1.15\n", cell.lenses, x, y, ink);
  }
  return out;
}

}  // namespace

std::optional<Chart> completeness_chart(const std::optional<CompletenessMap>& map) {
  if (!map) return std::nullopt;
  Chart chart{.name = "completeness", .title = "Which lenses are found"};
  chart.caption = fmt::format(
      "Share of lenses found at threshold {}, by two true properties (the selection function), with its 95% interval and the number of "
      "lenses in the cell. "
      "Cells without lenses stay empty.",
      map->point);
  Edges x_edges, y_edges;
  for (const Cell& cell : map->cells) {
    for (const double edge : {cell.x_low, cell.x_high}) x_edges.add(edge);
    for (const double edge : {cell.y_low, cell.y_high}) y_edges.add(edge);
  }
  CsvText csv{"x_low", "x_high", "y_low", "y_high", "lenses", "completeness", "low", "high"};
  std::vector<std::vector<double>> rows;
  std::string labels;
  for (const Cell& cell : map->cells) {
    const evaluate::Figure& share = cell.completeness;
    csv.row({cell.x_low, cell.x_high, cell.y_low, cell.y_high, cell.lenses, share.value, share.low, share.high});
    if (cell.lenses == 0) continue;
    const double x = x_edges.position(cell.x_low) + .5, y = y_edges.position(cell.y_low) + .5;
    rows.push_back({x, y, x - .5, x + .5, y - .5, y + .5, share.value});
    labels += cell_labels(cell, x, y, x_edges.values.size() <= 8 && y_edges.values.size() <= 9);
  }
  if (rows.empty()) return std::nullopt;
  chart.csv = csv.text();
  chart.data = data_block("completeness", rows);
  const std::string axes =
      fmt::format(R"(
set palette defined (0 '#440154', 0.25 '#3b528b', 0.5 '#21918c', 0.75 '#5ec962', 1 '#fde725')
set cbrange [0:1]
set cblabel 'share found'
unset grid
unset key
set style fill solid 1 noborder
set xlabel {}
set ylabel {}
set xrange [0:{}]
set yrange [0:{}]
)",
                  gnuplot_text(map->x_name), gnuplot_text(map->y_name), x_edges.values.size() - 1, y_edges.values.size() - 1);
  chart.panels.push_back({.width = 600,
                          .height = 440,
                          .commands = axes + x_edges.tics("x") + y_edges.tics("y") + labels +
                                      "plot $completeness using 1:2:3:4:5:6:7 with boxxyerror fillcolor palette notitle\n"});
  return chart;
}

}  // namespace lensfind::report
