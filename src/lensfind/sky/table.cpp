#include "lensfind/sky/table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/text_stream.h"
#include "lensfind/image/fits.h"
#include "lensfind/sky/columns.h"
#include "lensfind/sky/table_formats.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_columns_in_note = 8;  // columns that a note lists

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

/// A number as programs write it: Fortran's exponents and blanks make a text.
bool is_real(std::string_view text) { return text.find_first_of("dD \t") == std::string_view::npos && parse_number(text).has_value(); }

std::string lower_extension(const fs::path& path) {
  std::string text = path.extension().string();
  for (char& letter : text)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + 32);
  return text;
}

}  // namespace

bool TableReader::next(std::vector<std::string>& fields) {
  std::vector<std::string_view> views;
  if (!next(views)) return false;
  fields.assign(views.begin(), views.end());
  return true;
}

std::string TableReader::place() const {
  const std::string text = where();
  const std::size_t comma = text.rfind(", ");
  return comma == std::string::npos ? text : text.substr(comma + 2);
}

void TableReader::add_column(ColumnHead head) {
  names_.push_back(head.name);
  heads_.push_back(std::move(head));
}

std::string left_out_note(const std::vector<std::string>& columns) {
  const bool many = columns.size() > max_columns_in_note;
  const auto end = many ? columns.begin() + max_columns_in_note : columns.end();
  return fmt::format("columns that hold no single number or text were left out: {}{}", fmt::join(columns.begin(), end, ", "),
                     many ? fmt::format(" and {} more", columns.size() - max_columns_in_note) : "");
}

TableFormat table_format(const fs::path& path) {
  if (image::is_fits_name(path)) return TableFormat::fits;
  const std::string suffix = lower_extension(path);
  if (suffix == ".fits" || suffix == ".fit" || suffix == ".fts") return TableFormat::fits;
  return suffix == ".parquet" || suffix == ".parq" || suffix == ".pq" ? TableFormat::parquet : TableFormat::csv;
}

TableFormat format_of_file(const fs::path& path) {
  const auto file = open_text(path);
  std::array<char, 512> head{};
  file->read(head.data(), head.size());
  std::string_view text{head.data(), static_cast<std::size_t>(file->gcount())};
  if (text.starts_with("SIMPLE  =") || text.starts_with("XTENSION=")) return TableFormat::fits;
  if (text.starts_with("PAR1")) return TableFormat::parquet;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  text.remove_prefix(std::min(first, text.size()));
  if (text.starts_with("<?xml") || text.starts_with("<VOTABLE") || text.starts_with("<!--") || text.starts_with("<!DOCTYPE"))
    return TableFormat::votable;
  const TableFormat named = table_format(path);
  if (named == TableFormat::fits) throw Error{path.string() + ": is no FITS file", "check its name; it may be damaged, or a text"};
  return named;
}

std::unique_ptr<TableReader> open_table(const fs::path& path, const TableTest& wanted) {
  if (!has_parquet() && table_format(path) == TableFormat::parquet) return open_parquet_table(path);  // which says what to do
  switch (format_of_file(path)) {
    case TableFormat::fits:
      return open_fits_table(path, wanted);
    case TableFormat::parquet:
      return open_parquet_table(path);
    case TableFormat::votable:
      return open_votable(path, wanted);
    case TableFormat::csv:
      break;
  }
  return open_text_table(path);
}

std::unique_ptr<TableWriter> create_table(const fs::path& path, std::vector<TableColumn> columns, std::int64_t rows,
                                          const std::vector<TableFact>& facts) {
  switch (table_format(path)) {
    case TableFormat::fits:
      return create_fits_table(path, std::move(columns), rows, facts);
    case TableFormat::parquet:
      return create_parquet_table(path, std::move(columns), rows, facts);
    default:
      break;
  }
  throw Error{path.string() + ": is no name of a FITS table or Parquet file", "let it end in .fits or .parquet"};
}

ColumnKinds::ColumnKinds(std::vector<std::string> names) : names_{std::move(names)}, seen_(names_.size()) {
  for (std::size_t i = 0; i < names_.size(); ++i) seen_[i].number = !is_id_name(names_[i]);
}

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
      seen.number = !digits && is_real(text);
    }
  }
}

std::vector<TableColumn> ColumnKinds::columns() const {
  std::vector<TableColumn> columns;
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const Seen& seen = seen_[i];
    TableColumn column{names_[i], ColumnKind::text, seen.width, seen.gap};
    if (seen.value && seen.whole) {
      column.kind = ColumnKind::whole;
    } else if (seen.value && seen.unsigned_whole && !seen.gap) {
      column.kind = ColumnKind::unsigned_whole;
    } else if (!seen.value || (seen.number && !seen.unsigned_whole)) {
      column.kind = ColumnKind::real;
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace lensfind::sky
