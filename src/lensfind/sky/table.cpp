#include "lensfind/sky/table.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/image/fits.h"
#include "lensfind/sky/table_formats.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

class CsvTable final : public TableReader {
 public:
  explicit CsvTable(const fs::path& path) : table_{path} {}
  const std::vector<std::string>& columns() const override { return table_.columns(); }
  bool next(std::vector<std::string>& fields) override {
    if (!table_.next()) return false;
    fields.resize(table_.columns().size());
    for (std::size_t i = 0; i < fields.size(); ++i) fields[i] = table_[i];
    return true;
  }

 private:
  CsvReader table_;
};

/// Whether `text` is a number of this type as it would be written, so that text and number say the same.
template <typename Number>
bool is_plain(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  char written[24];
  const auto out = std::to_chars(written, written + sizeof written, value);
  return text == std::string_view{written, static_cast<std::size_t>(out.ptr - written)};
}

}  // namespace

TableFormat table_format(const fs::path& path) {
  if (is_fits_name(path)) return TableFormat::fits;
  return path.extension() == ".parquet" ? TableFormat::parquet : TableFormat::csv;
}

std::unique_ptr<TableReader> open_table(const fs::path& path) {
  require_regular_file(path);
  switch (table_format(path)) {
    case TableFormat::fits:
      return open_fits_table(path);
    case TableFormat::parquet:
      return open_parquet_table(path);
    case TableFormat::csv:
      break;
  }
  return std::make_unique<CsvTable>(path);
}

std::unique_ptr<TableWriter> create_table(const fs::path& path, std::vector<TableColumn> columns, std::int64_t rows) {
  switch (table_format(path)) {
    case TableFormat::fits:
      return create_fits_table(path, std::move(columns), rows);
    case TableFormat::parquet:
      return create_parquet_table(path, std::move(columns), rows);
    case TableFormat::csv:
      break;
  }
  throw Error{path.string() + ": is no name of a FITS table or Parquet file", "let it end in .fits or .parquet"};
}

ColumnKinds::ColumnKinds(std::vector<std::string> names) : names_{std::move(names)}, seen_(names_.size()) {}

void ColumnKinds::add(std::span<const std::string> fields) {
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const std::string& text = fields[i];
    Seen& seen = seen_[i];
    if (text.empty()) {
      seen.gap = true;
      continue;
    }
    seen.value = true;
    seen.width = std::max(seen.width, text.size());
    if (seen.whole) seen.whole = is_plain<std::int64_t>(text);
    if (seen.unsigned_whole) seen.unsigned_whole = is_plain<std::uint64_t>(text);
    if (!seen.whole && !seen.unsigned_whole && seen.number) {
      // Whole numbers beyond 64 bits, or with leading noughts, are names: as float64 they would lose digits.
      const bool digits = std::ranges::all_of(text, [](char letter) { return letter >= '0' && letter <= '9'; });
      seen.number = !digits && parse_number(text).has_value();
    }
  }
}

std::vector<TableColumn> ColumnKinds::columns() const {
  std::vector<TableColumn> columns;
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const Seen& seen = seen_[i];
    TableColumn column{names_[i], ColumnKind::text, seen.width, seen.gap};
    if (!seen.value) {
      column.kind = ColumnKind::real;
    } else if (seen.whole) {
      column.kind = ColumnKind::whole;
    } else if (seen.unsigned_whole && !seen.gap) {
      column.kind = ColumnKind::unsigned_whole;
    } else if (seen.number && !seen.unsigned_whole) {
      column.kind = ColumnKind::real;
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace lensfind::sky
