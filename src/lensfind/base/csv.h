#pragma once

#include <cstdint>
#include <filesystem>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lensfind/base/csv_dialect.h"
#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// Reads a table of text row by row in bounded memory: a header that names the columns, then rows with as many fields.
/// Commas (RFC 4180), semicolons, tabs, bars or runs of blanks separate fields. Understood are quotes, doubled quotes, separators and line
/// breaks in quotes, blanks behind separators, LF, CRLF and CR, a byte-order mark, gzip, empty lines, comments (#) and the openings of
/// csv_dialect.h. Unquoted fields keep their blanks unless every separator is followed by one. Decimal commas are read as points where
/// commas do not separate fields. Throws Error with file and line.
class CsvReader {
 public:
  /// Opens the file and reads the header. Throws Error where it cannot be read, is empty, is UTF-16 or names a column twice.
  explicit CsvReader(const std::filesystem::path& path);
  /// The same from memory; `origin` names it in errors.
  CsvReader(std::string text, const std::string& origin);

  [[nodiscard]] const std::vector<std::string>& columns() const { return opening_.columns; }
  /// The units, one a column where the table states them, else empty.
  [[nodiscard]] const std::vector<std::string>& units() const { return opening_.units; }
  /// Index of the column of that name, else of one that differs in the case of letters only. Nothing where there is none.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  /// Index of a column. Throws Error that names the columns there are.
  [[nodiscard]] std::size_t column(std::string_view name) const;

  /// Goes to the next row; false at the end of the file.
  bool next();
  /// A field of this row, without quotes; valid until the next call of next().
  [[nodiscard]] std::string_view operator[](std::size_t column) const { return fields_[column]; }
  /// All fields of this row.
  [[nodiscard]] const std::vector<std::string_view>& fields() const { return fields_; }
  /// The line, counted from 1, on which this row begins.
  [[nodiscard]] std::int64_t line() const { return line_; }
  /// "PATH, line N", for errors.
  [[nodiscard]] std::string where() const;
  /// Comments below the header that have as many fields as a row. They are rows that somebody took out, or ids that begin with #.
  [[nodiscard]] std::int64_t commented_rows() const { return commented_rows_; }

 private:
  void read_header();
  bool read_record();
  void pass_comment(std::string_view line);
  bool fill();
  std::size_t record_end();

  std::filesystem::path path_;
  std::unique_ptr<std::istream> file_;
  CsvOpening opening_;
  std::string buffer_;
  std::size_t position_ = 0;  ///< of the next record in buffer_
  std::int64_t line_ = 0, next_line_ = 1, commented_rows_ = 0;
  bool ended_ = false;
  std::vector<std::string_view> fields_;
};

/// A number that fills the whole text, apart from blanks around it: decimal or scientific (also Fortran's D), `nan` and `inf` with sign
/// included. What is too small for float64 is 0, what is too large infinite. Nothing where the text is no number.
std::optional<double> parse_number(std::string_view text);
/// The same for a whole number of 64 bits.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// A field as it is written, so that it reads back letter by letter. It is in quotes where it holds a separator, a quote or a line break,
/// has blanks at an end, or begins with #. Also where it begins with =, +, - or @ and is no number, because spreadsheets take those for
/// formulas.
std::string csv_field(std::string_view text);

}  // namespace lensfind::base
