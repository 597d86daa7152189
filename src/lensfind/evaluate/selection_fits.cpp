#include <array>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include <fitsio.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/evaluate/selection.h"
#include "lensfind/image/fits_planes.h"

namespace lensfind::evaluate {
namespace {

/// The unit that a truth column's name carries, as FITS spells it (FITS standard 4.0, section 4.3).
std::string unit_of(const std::string& column) {
  if (column.ends_with("_arcsec")) return "arcsec";
  if (column.ends_with("_rad")) return "rad";
  return column.find("_mag_") != std::string::npos ? "mag" : "";
}

struct TableColumn {
  std::string name, form, unit;
};

void create_table(fitsfile* file, LONGLONG rows, std::vector<TableColumn>& columns, int* status) {
  std::vector<char*> names, forms, units;
  for (TableColumn& column : columns) {
    names.push_back(column.name.data());
    forms.push_back(column.form.data());
    units.push_back(column.unit.data());
  }
  fits_create_tbl(file, BINARY_TBL, rows, static_cast<int>(columns.size()), names.data(), forms.data(), units.data(), "COMPLETENESS",
                  status);
}

void write_cells(fitsfile* file, const std::vector<CompletenessCell>& cells, int* status) {
  const auto write = [&](int column, int type, const auto& value_of) {
    std::vector<decltype(value_of(cells.front()))> values;
    for (const CompletenessCell& cell : cells) values.push_back(value_of(cell));
    fits_write_col(file, type, column, 1, 1, static_cast<LONGLONG>(values.size()), values.data(), status);
  };
  write(1, TDOUBLE, [](const CompletenessCell& c) { return c.x_low; });
  write(2, TDOUBLE, [](const CompletenessCell& c) { return c.x_high; });
  write(3, TDOUBLE, [](const CompletenessCell& c) { return c.y_low; });
  write(4, TDOUBLE, [](const CompletenessCell& c) { return c.y_high; });
  write(5, TLONGLONG, [](const CompletenessCell& c) { return static_cast<LONGLONG>(c.lenses); });
  write(6, TLONGLONG, [](const CompletenessCell& c) { return static_cast<LONGLONG>(c.found); });
  write(7, TDOUBLE, [](const CompletenessCell& c) { return c.completeness.value; });
  write(8, TDOUBLE, [](const CompletenessCell& c) { return c.completeness.low; });
  write(9, TDOUBLE, [](const CompletenessCell& c) { return c.completeness.high; });
}

}  // namespace

void write_completeness_fits(const std::filesystem::path& path, const CompletenessMap& map) {
  const auto turn = turn_at_cfitsio();
  // Written in memory first, so that the file on disk appears whole or not at all.
  std::size_t size = 0;
  void* memory = nullptr;
  fitsfile* file = nullptr;
  int status = 0;
  fits_create_memfile(&file, &memory, &size, 2880, std::realloc, &status);
  // It moves as it grows, so it is freed by its last address, and after CFITSIO has let go of it.
  const auto free_memory = [](void** address) { std::free(*address); };
  const std::unique_ptr<void*, decltype(free_memory)> memory_owner{&memory};
  const FitsFile owner{file};
  check_fits(status, path.string());

  std::vector<TableColumn> columns;
  for (const std::string& axis : {map.x, map.y})
    for (const char* end : {"_low", "_high"}) columns.push_back({axis + end, "D", unit_of(axis)});
  for (const char* count : {"lenses", "found"}) columns.push_back({count, "K", ""});
  for (const char* share : {"completeness", "low", "high"}) columns.push_back({share, "D", ""});
  create_table(file, static_cast<LONGLONG>(map.cells.size()), columns, &status);
  write_cells(file, map.cells, &status);
  fits_flush_file(file, &status);
  LONGLONG end = 0;
  fits_get_hduaddrll(file, nullptr, nullptr, &end, &status);
  check_fits(status, path.string());
  write_file(path, std::string_view{static_cast<const char*>(memory), static_cast<std::size_t>(end)});
}

}  // namespace lensfind::evaluate
