#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "lensfind/evaluate/selection.h"
#include "lensfind/sky/table.h"

namespace lensfind::evaluate {
namespace {

using sky::ColumnKind;
using sky::TableColumn;

/// The unit that a truth column's name carries, as FITS spells it (FITS standard 4.0, section 4.3).
std::string unit_of(const std::string& column) {
  if (column.ends_with("_arcsec")) return "arcsec";
  if (column.ends_with("_rad")) return "rad";
  return column.find("_mag_") != std::string::npos ? "mag" : "";
}

std::vector<TableColumn> columns_of(const CompletenessMap& map) {
  std::vector<TableColumn> columns;
  for (const std::string& axis : {map.x, map.y})
    for (const char* end : {"_low", "_high"}) columns.push_back({.name = axis + end, .kind = ColumnKind::real, .unit = unit_of(axis)});
  for (const char* count : {"lenses", "found"}) columns.push_back({.name = count, .kind = ColumnKind::whole});
  for (const char* fraction : {"completeness", "low", "high"}) columns.push_back({.name = fraction, .kind = ColumnKind::real});
  return columns;
}

}  // namespace

void write_completeness_fits(const std::filesystem::path& path, const CompletenessMap& map) {
  const auto table = sky::create_table(path, columns_of(map), static_cast<std::int64_t>(map.cells.size()));
  for (const CompletenessCell& cell : map.cells) {
    const auto text = [](auto number) { return fmt::format("{}", number); };
    table->add(std::array{text(cell.x_low), text(cell.x_high), text(cell.y_low), text(cell.y_high), text(cell.lenses), text(cell.found),
                          text(cell.completeness.value), text(cell.completeness.low), text(cell.completeness.high)});
  }
  table->commit();
}

}  // namespace lensfind::evaluate
