#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

using Cell = evaluate::CompletenessCell;

// All cells are drawn equally large, whatever their width, so that each has room for its numbers; the tics say where they end.
std::string tics(const char* axis, const std::vector<double>& edges) {
  std::string out = fmt::format("set {}range [0:{}]\nset {}tics (", axis, edges.size() - 1, axis);
  for (std::size_t i = 0; i < edges.size(); ++i) out += fmt::format("{}'{:.4g}' {}", i ? ", " : "", edges[i], i);
  return out + ")\n";
}

double position(const std::vector<double>& edges, double low) {
  return static_cast<double>(std::ranges::lower_bound(edges, low) - edges.begin()) + .5;
}

std::string cell_labels(const Cell& cell, double x, double y, bool room) {
  const evaluate::Estimate& fraction = cell.completeness;
  const char* ink = fraction.value > .6 ? "#101010" : "#fefefe";
  std::string out = fmt::format("set label '{:.2f}' at {},{} center textcolor rgb '{}' front font ',13' offset 0,{}\n", fraction.value, x,
                                y, ink, room ? .55 : 0);
  if (room) {
    out += fmt::format("set label '{:.2f} to {:.2f}' at {},{} center textcolor rgb '{}' front font ',9' offset 0,-0.35\n", fraction.low,
                       fraction.high, x, y, ink);
    out += fmt::format("set label 'n = {}' at {},{} center textcolor rgb '{}' front font ',9' offset 0,-1.15\n", cell.lenses, x, y, ink);
  }
  return out;
}

}  // namespace

std::string column_words(const std::string& column) {
  if (column == "theta_e_arcsec") return "Einstein radius (arcsec)";
  if (column == "arc_snr") return "signal-to-noise of the arcs";
  for (const auto& [prefix, words, unit] :
       {std::array{"source_mag_", "magnitude of the source, ", " (mag)"},
        std::array{"lens_mag_", "magnitude of the lens galaxy, ", " (mag)"}, std::array{"arc_snr_", "signal-to-noise of the arcs, ", ""},
        std::array{"magnification_", "magnification, ", ""}})
    if (column.starts_with(prefix)) return words + column.substr(std::string_view{prefix}.size()) + unit;
  std::string words = column;
  std::string unit;
  for (const auto& [suffix, name] : {std::array{"_arcsec", " (arcsec)"}, std::array{"_rad", " (rad)"}})
    if (words.ends_with(suffix)) {
      words.resize(words.size() - std::string_view{suffix}.size());
      unit = name;
    }
  std::ranges::replace(words, '_', ' ');
  return words + unit;
}

std::optional<Chart> completeness_chart(const std::optional<SelectionFunction>& selection) {
  if (!selection || !selection->completeness) return std::nullopt;
  const evaluate::CompletenessMap& map = *selection->completeness;
  Chart chart{.name = "completeness", .title = "Which lenses are found"};
  chart.caption = fmt::format(
      "Fraction of lenses found at threshold {}, by two true properties (the selection function), with its 95% interval and the number of "
      "lenses in the cell. Cells without lenses "
      "stay empty. Cells are drawn equally large, whatever their width.",
      selection->point);
  CsvText csv{map.x + "_low", map.x + "_high", map.y + "_low", map.y + "_high", "lenses", "found", "completeness", "low", "high"};
  std::vector<std::vector<double>> rows;
  std::string labels;
  for (const Cell& cell : map.cells) {
    const evaluate::Estimate& fraction = cell.completeness;
    csv.row({cell.x_low, cell.x_high, cell.y_low, cell.y_high, cell.lenses, cell.found, fraction.value, fraction.low, fraction.high});
    if (cell.lenses == 0) continue;
    const double x = position(map.x_edges, cell.x_low), y = position(map.y_edges, cell.y_low);
    rows.push_back({x, y, x - .5, x + .5, y - .5, y + .5, fraction.value});
    labels += cell_labels(cell, x, y, map.x_edges.size() <= 8 && map.y_edges.size() <= 9);
  }
  if (rows.empty()) return std::nullopt;
  chart.csv = csv.text();
  chart.data = data_block("completeness", rows);
  const std::string axes = fmt::format(R"(
set palette defined (0 '#440154', 0.25 '#3b528b', 0.5 '#21918c', 0.75 '#5ec962', 1 '#fde725')
set cbrange [0:1]
set cblabel 'fraction found'
unset grid
unset key
set style fill solid 1 noborder
set xlabel {} noenhanced
set ylabel {} noenhanced
)",
                                       gnuplot_text(column_words(map.x)), gnuplot_text(column_words(map.y)));
  chart.panels.push_back({.width = 600,
                          .height = 440,
                          .commands = axes + tics("x", map.x_edges) + tics("y", map.y_edges) + labels +
                                      "plot $completeness using 1:2:3:4:5:6:7 with boxxyerror fillcolor palette notitle\n"});
  return chart;
}

}  // namespace lensfind::report
