#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lensfind/base/csv_record.h"
#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// What stands before the first row.
struct CsvOpening {
  CsvDialect dialect;
  std::vector<std::string> columns;  ///< names, without blanks around them
  std::vector<std::string> units;    ///< the units, one a column where the file states them (VizieR's second line, SExtractor's brackets),
                                     ///< else empty
  std::size_t body = 0;              ///< where the first row begins
  std::int64_t lines = 0;            ///< how many lines stand before it
};

/// Understands the beginning of a table. Lines that begin with # are comments. The last of them names the columns where the line below is a
/// row of as many fields (TOPCAT, numpy), or where the comments number the columns (SExtractor's ASCII_HEAD). A line of dashes below the
/// names, and a line of units between them (VizieR), are no rows. The separator is the one that separates names and first rows alike.
/// `text` holds whole lines, at least the header and three more, or the whole table. Nothing where there is neither a row nor a header.
std::optional<CsvOpening> read_opening(std::string_view text);

}  // namespace lensfind::base
