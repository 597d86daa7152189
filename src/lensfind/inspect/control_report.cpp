#include "lensfind/inspect/control_report.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "lensfind/evaluate/selection.h"

namespace lensfind::inspect {
namespace {

using Property = double GradedObject::*;

constexpr std::pair<const char*, Property> properties[]{
    {"theta_e_arcsec", &GradedObject::theta_e_arcsec}, {"arc_snr", &GradedObject::arc_snr}, {"source_mag", &GradedObject::source_mag}};

/// Of fewer, a range says nothing.
constexpr std::size_t fewest_lenses = 5;

ControlCompleteness in_range(const Merged& merged, const std::string& grader, const char* name, Property property, double low, double high,
                             bool is_last) {
  ControlCompleteness row{.grader = grader, .property = name, .low = low, .high = high};
  for (const MergedObject& object : merged.objects) {
    const double value = object.object.*property;
    if (!is_control_lens(object) || !(value >= low) || !(is_last ? value <= high : value < high)) continue;
    if (const auto found = found_by(object, grader, merged.scheme)) {
      ++row.lenses;
      row.found += *found;
    }
  }
  row.completeness = evaluate::jeffreys({static_cast<double>(row.found), static_cast<double>(row.lenses)});
  return row;
}

}  // namespace

bool is_control_lens(const MergedObject& object) { return object.object.role != Role::candidate && object.object.truth == Label::lens; }

std::optional<bool> found_by(const MergedObject& object, const std::string& grader, const Scheme& scheme) {
  if (grader == all_graders) return scheme.find(object.grade)->label == 1;
  for (const auto& [who, grade] : object.given)
    if (who == grader) return scheme.find(grade)->label == 1;
  return {};
}

std::vector<ControlCompleteness> control_completeness(const Merged& merged, std::size_t bins) {
  std::vector<std::string> graders{all_graders};
  for (const GraderSummary& grader : merged.graders) graders.push_back(grader.grader);
  std::vector<ControlCompleteness> rows;
  for (const auto& [name, property] : properties) {
    std::vector<double> values;
    for (const MergedObject& object : merged.objects)
      if (is_control_lens(object) && std::isfinite(object.object.*property)) values.push_back(object.object.*property);
    if (values.empty()) continue;
    const std::vector<double> edges = evaluate::equal_count_edges(values, std::clamp<std::size_t>(values.size() / fewest_lenses, 1, bins));
    for (const std::string& grader : graders) {
      for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
        ControlCompleteness row = in_range(merged, grader, name, property, edges[i], edges[i + 1], i + 2 == edges.size());
        if (row.lenses > 0) rows.push_back(std::move(row));
      }
    }
  }
  return rows;
}

ResultTable control_table(const std::vector<ControlCompleteness>& rows) {
  using Kind = ResultColumn::Kind;
  ResultTable table{.name = "controls", .description = "Completeness of graders on control lenses"};
  table.columns = {{"grader", Kind::text},       {"property", Kind::text},         {"low", Kind::real},
                   {"high", Kind::real},         {"lenses", Kind::whole},          {"found", Kind::whole},
                   {"completeness", Kind::real}, {"completeness_low", Kind::real}, {"completeness_high", Kind::real}};
  for (const ControlCompleteness& row : rows)
    table.rows.push_back({row.grader, row.property, fmt::format("{:.6g}", row.low), fmt::format("{:.6g}", row.high),
                          std::to_string(row.lenses), std::to_string(row.found), fmt::format("{:.6g}", row.completeness.value),
                          fmt::format("{:.6g}", row.completeness.low), fmt::format("{:.6g}", row.completeness.high)});
  return table;
}

}  // namespace lensfind::inspect
