#pragma once

#include <string_view>
#include <vector>

namespace lensfind {

/// How a table of text is written.
struct CsvDialect {
  char separator = ',';             ///< , ; | or a tab; a blank stands for any run of blanks and tabs
  char line_end = '\n';             ///< `\r` alone in files of old Macs; `\r\n` ends with `\n`
  bool padded = false;              ///< blanks around a field that is not in quotes are no part of it
  std::vector<bool> decimal_comma;  ///< a column each: its numbers are written 0,5; empty: none is

  /// Whether `letter` parts two fields.
  [[nodiscard]] bool separates(char letter) const { return letter == separator || (separator == ' ' && letter == '\t'); }
};

/// Whether a record goes on behind the line [begin, end): a quote that a field began with is still open. `open`: one was before.
bool ends_in_quotes(const char* begin, const char* end, bool open, const CsvDialect& dialect);

/// Cuts a record into its fields and frees quoted ones of their quotes where they stand; false where text follows a closing quote.
bool split_record(char* begin, char* end, const CsvDialect& dialect, std::vector<std::string_view>& fields);

}  // namespace lensfind
