#include "lensfind/inspect/whole_way.h"

#include <cmath>

#include <fmt/format.h>

namespace lensfind::inspect {

std::unordered_map<std::string, bool> accepted_by_people(const Merged& merged) {
  std::unordered_map<std::string, bool> out;
  for (const MergedObject& object : merged.objects) out[object.object.id] = merged.scheme.find(object.grade)->label == 1;
  return out;
}

ResultTable whole_way_table(const std::vector<evaluate::WholeWay>& rows) {
  using Kind = ResultColumn::Kind;
  ResultTable table{.name = "whole_way", .description = "Completeness of finder and people together"};
  table.columns = {{"property", Kind::text}, {"low", Kind::real}, {"high", Kind::real}};
  for (const char* name : {"lenses", "found", "graded", "accepted"}) table.columns.push_back({name, Kind::whole});
  for (const char* name : {"finder", "people", "completeness"})
    for (const char* end : {"", "_low", "_high"}) table.columns.push_back({std::string{name} + end, Kind::real});
  const auto number = [](double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : std::string{}; };
  for (const evaluate::WholeWay& row : rows) {
    const bool all = row.property == "all";
    std::vector<std::string> fields{row.property, all ? "" : number(row.low), all ? "" : number(row.high)};
    for (const int counted : {row.lenses, row.found, row.graded, row.accepted}) fields.push_back(std::to_string(counted));
    for (const evaluate::Estimate& figure : {row.finder, row.people, row.together})
      for (const double value : {figure.value, figure.low, figure.high}) fields.push_back(number(value));
    table.rows.push_back(std::move(fields));
  }
  return table;
}

}  // namespace lensfind::inspect
