#pragma once

#include <cstdint>
#include <filesystem>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lensfind {

/// Reads a table of comma-separated values (RFC 4180) row by row in bounded memory: a header line, then rows with as many fields; quotes,
/// doubled quotes, commas and line breaks in quotes, CRLF, a byte-order mark and empty lines are understood. Throws Error with file and
/// line.
class CsvReader {
 public:
  /// Opens the file and reads the header; throws Error where it cannot be read, is empty or names a column twice.
  explicit CsvReader(const std::filesystem::path& path);
  /// The same from memory; `origin` names it in errors.
  CsvReader(std::string text, const std::string& origin);

  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  /// Index of a column, or nothing.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  /// Index of a column; throws Error that names the columns there are.
  [[nodiscard]] std::size_t column(std::string_view name) const;

  /// Goes to the next row; false at the end of the file.
  bool next();
  /// A field of this row, without quotes; valid until the next call of next().
  [[nodiscard]] std::string_view operator[](std::size_t column) const { return fields_[column]; }
  /// The line, counted from 1, on which this row begins.
  [[nodiscard]] std::int64_t line() const { return line_; }
  /// "PATH, line N", for errors.
  [[nodiscard]] std::string where() const;

 private:
  void read_header();
  bool read_record();
  bool fill();
  std::size_t record_end();
  void split(char* begin, char* end);

  std::filesystem::path path_;
  std::unique_ptr<std::istream> file_;
  std::string buffer_;
  std::size_t position_ = 0;  ///< of the next record in buffer_
  std::int64_t line_ = 0, next_line_ = 1;
  std::vector<std::string> columns_;
  std::vector<std::string_view> fields_;
};

/// A number that fills the whole text but for blanks around it: decimal or scientific, `nan` and `inf` with sign included; nothing where it
/// is none.
std::optional<double> parse_number(std::string_view text);
/// The same for a whole number of 64 bits.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// A field as it is written: in quotes where it holds a comma, a quote or a line break.
std::string csv_field(std::string_view text);

}  // namespace lensfind
