#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lensfind {

/// How a table of text is written.
struct CsvDialect {
  char separator = ',';             ///< , ; | or a tab; a blank stands for any run of blanks and tabs
  char line_end = '\n';             ///< '\r' alone in files of old Macs; "\r\n" ends with '\n'
  bool padded = false;              ///< blanks around a field that is not in quotes are no part of it
  std::vector<bool> decimal_comma;  ///< a column each: its numbers are written 0,5; empty: none is

  /// Whether `letter` parts two fields.
  [[nodiscard]] bool separates(char letter) const { return letter == separator || (separator == ' ' && letter == '\t'); }
};

/// Whether a record goes on behind the line [begin, end): a quote that a field began with is still open. `open`: one was before.
bool ends_in_quotes(const char* begin, const char* end, bool open, const CsvDialect& dialect);

/// Cuts a record into its fields and frees quoted ones of their quotes where they stand; false where text follows a closing quote.
bool split_record(char* begin, char* end, const CsvDialect& dialect, std::vector<std::string_view>& fields);

/// What stands before the first row.
struct CsvOpening {
  CsvDialect dialect;
  std::vector<std::string> columns;  ///< names, without blanks around them
  std::vector<std::string> units;    ///< one a column where the file says them (VizieR's second line, SExtractor's brackets), else empty
  std::size_t body = 0;              ///< where the first row begins
  std::int64_t lines = 0;            ///< that stand before it
};

/// Understands the beginning of a table: lines that begin with # are comments, but the last of them names the columns where the line below
/// is a row of as many fields (TOPCAT, numpy) or where the comments number the columns (SExtractor's ASCII_HEAD); a line of dashes
/// below the names, and a line of units between them (VizieR), are no rows. The separator is the one that parts names and first rows alike.
/// `text` holds whole lines, at least the header and three more, or the whole table. Nothing where there is no line but comments.
std::optional<CsvOpening> read_opening(std::string_view text);

}  // namespace lensfind
