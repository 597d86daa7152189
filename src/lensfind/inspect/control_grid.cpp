#include "lensfind/inspect/control_grid.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "lensfind/evaluate/selection.h"
#include "lensfind/report/words.h"

namespace lensfind::inspect {
namespace {

constexpr double lenses_a_cell = 10;
constexpr std::size_t max_ranges = 4;

using Lenses = std::vector<const MergedObject*>;

Lenses lenses_with_both(const Merged& merged) {
  Lenses lenses;
  for (const MergedObject& object : merged.objects)
    if (is_control_lens(object) && std::isfinite(object.object.theta_e_arcsec) && std::isfinite(object.object.arc_snr))
      lenses.push_back(&object);
  return lenses;
}

std::vector<double> edges_of(const Lenses& lenses, double GradedObject::*property, const std::vector<double>& given) {
  if (!given.empty()) return given;
  std::vector<double> values;
  for (const MergedObject* lens : lenses) values.push_back(lens->object.*property);
  const auto ranges = static_cast<std::size_t>(std::sqrt(static_cast<double>(lenses.size()) / lenses_a_cell));
  return evaluate::equal_count_edges(values, std::clamp<std::size_t>(ranges, 1, max_ranges));
}

/// Which range holds a value; nothing outside of all.
std::optional<std::size_t> range_of(double value, const std::vector<double>& edges) {
  if (value < edges.front() || value > edges.back()) return {};
  const auto above = std::ranges::upper_bound(edges, value);
  return std::min(static_cast<std::size_t>(above - edges.begin()), edges.size() - 1) - 1;
}

std::vector<GridCompleteness> empty_cells(const GridEdges& edges, const std::string& grader) {
  std::vector<GridCompleteness> cells;
  for (std::size_t i = 0; i + 1 < edges.radius.size(); ++i)
    for (std::size_t j = 0; j + 1 < edges.snr.size(); ++j)
      cells.push_back({.grader = grader,
                       .radius_low = edges.radius[i],
                       .radius_high = edges.radius[i + 1],
                       .snr_low = edges.snr[j],
                       .snr_high = edges.snr[j + 1]});
  return cells;
}

std::vector<GridCompleteness> cells_of(const Merged& merged, const Lenses& lenses, const GridEdges& edges, const std::string& grader) {
  std::vector<GridCompleteness> cells = empty_cells(edges, grader);
  for (const MergedObject* lens : lenses) {
    const auto i = range_of(lens->object.theta_e_arcsec, edges.radius), j = range_of(lens->object.arc_snr, edges.snr);
    const auto found = found_by(*lens, grader, merged.scheme);
    if (!i || !j || !found) continue;
    GridCompleteness& cell = cells[*i * (edges.snr.size() - 1) + *j];
    ++cell.lenses;
    cell.found += *found;
  }
  for (GridCompleteness& cell : cells)
    cell.completeness = evaluate::jeffreys({static_cast<double>(cell.found), static_cast<double>(cell.lenses)});
  return cells;
}

std::string cell_html(const GridCompleteness& cell) {
  if (cell.lenses == 0) return "<td class=\"small\">none</td>";
  // A tint so weak that text on it keeps its contrast.
  return fmt::format(
      "<td style=\"background: color-mix(in srgb, var(--blue) {:.0f}%, transparent)\"><strong>{}</strong><br><span "
      "class=\"small\">{}<br>{} "
      "of {}</span></td>",
      22 * cell.completeness.value, report::value_text(cell.completeness), report::range_text(cell.completeness), cell.found, cell.lenses);
}

}  // namespace

std::vector<GridCompleteness> grid_completeness(const Merged& merged, const GridEdges& given) {
  const Lenses lenses = lenses_with_both(merged);
  if (lenses.empty()) return {};
  const GridEdges edges{edges_of(lenses, &GradedObject::theta_e_arcsec, given.radius), edges_of(lenses, &GradedObject::arc_snr, given.snr)};
  if (edges.radius.size() < 2 || edges.snr.size() < 2) return {};  // all alike
  std::vector<GridCompleteness> all = cells_of(merged, lenses, edges, all_graders);
  for (const GraderSummary& grader : merged.graders)
    for (GridCompleteness& cell : cells_of(merged, lenses, edges, grader.grader)) all.push_back(std::move(cell));
  return all;
}

ResultTable grid_table(const std::vector<GridCompleteness>& cells) {
  using Kind = ResultColumn::Kind;
  ResultTable table{.name = "control_grid", .description = "Completeness of graders over Einstein radius and signal-to-noise ratio"};
  table.columns = {{"grader", Kind::text},           {"theta_e_low", Kind::real},  {"theta_e_high", Kind::real},
                   {"arc_snr_low", Kind::real},      {"arc_snr_high", Kind::real}, {"lenses", Kind::whole},
                   {"found", Kind::whole},           {"completeness", Kind::real}, {"completeness_low", Kind::real},
                   {"completeness_high", Kind::real}};
  const auto number = [](double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : std::string{}; };
  for (const GridCompleteness& cell : cells)
    table.rows.push_back({cell.grader, number(cell.radius_low), number(cell.radius_high), number(cell.snr_low), number(cell.snr_high),
                          std::to_string(cell.lenses), std::to_string(cell.found), number(cell.completeness.value),
                          number(cell.completeness.low), number(cell.completeness.high)});
  return table;
}

std::string grid_html(const std::vector<GridCompleteness>& cells, const std::string& grader) {
  std::vector<GridCompleteness> own;
  for (const GridCompleteness& cell : cells)
    if (cell.grader == grader) own.push_back(cell);
  std::string head = "<th scope=\"col\">S/N \\ radius</th>", rows;
  std::vector<std::pair<double, double>> ratios;
  for (const GridCompleteness& cell : own) {
    if (cell.radius_low == own.front().radius_low) ratios.emplace_back(cell.snr_low, cell.snr_high);
    if (cell.snr_low == own.front().snr_low)
      head += fmt::format("<th scope=\"col\">{:.3g} to {:.3g}\u2033</th>", cell.radius_low, cell.radius_high);
  }
  for (auto ratio = ratios.rbegin(); ratio != ratios.rend(); ++ratio) {
    rows += fmt::format("<tr><th scope=\"row\">{:.3g} to {:.3g}</th>", ratio->first, ratio->second);
    for (const GridCompleteness& cell : own)
      if (cell.snr_low == ratio->first) rows += cell_html(cell);
    rows += "</tr>\n";
  }
  return "<div style=\"overflow-x: auto\"><table><thead><tr>" + head + "</tr></thead>\n<tbody>" + rows + "</tbody></table></div>\n";
}

}  // namespace lensfind::inspect
