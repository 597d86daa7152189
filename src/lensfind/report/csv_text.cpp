#include "lensfind/report/csv_text.h"

#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/csv.h"

namespace lensfind::report {

CsvCell::CsvCell(std::string_view text) : text_{csv_field(text)} {}

CsvCell::CsvCell(double number) : text_{std::isfinite(number) ? fmt::format("{}", number) : std::string{}} {}

void CsvText::row(std::initializer_list<CsvCell> cells) {
  bool first = true;
  for (const CsvCell& cell : cells) {
    if (!first) text_ += ',';
    text_ += cell.text();
    first = false;
  }
  text_ += '\n';
}

}  // namespace lensfind::report
