#pragma once

#include <string_view>
#include <vector>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// How a table of text is written.
struct CsvDialect {
  char separator = ',';             ///< , ; | or a tab; a blank stands for any run of blanks and tabs
  char line_end = '\n';             ///< `\r` alone in files of old Macs; `\r\n` ends with `\n`
  bool padded = false;              ///< blanks around a field that is not in quotes are no part of it
  std::vector<bool> decimal_comma;  ///< of each column: whether its numbers are written 0,5; empty: none is

  /// Whether `letter` separates two fields.
  [[nodiscard]] bool separates(char letter) const { return letter == separator || (separator == ' ' && letter == '\t'); }
};

/// Whether a record goes on behind the line [begin, end), because a quote with which a field began is still open. `open`: one was open
/// before.
bool ends_in_quotes(const char* begin, const char* end, bool open, const CsvDialect& dialect);

/// Cuts a record into its fields and removes the quotes of quoted ones in place. False where text follows a closing quote.
bool split_record(char* begin, char* end, const CsvDialect& dialect, std::vector<std::string_view>& fields);

}  // namespace lensfind::base
