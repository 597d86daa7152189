#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace lensfind::report {

/// One cell of a CSV line: a text, or a number written so that it reads back exactly. A number that is not finite is an empty cell.
class CsvCell {
 public:
  CsvCell(const char* text) : CsvCell(std::string_view{text}) {}
  CsvCell(const std::string& text) : CsvCell(std::string_view{text}) {}
  /// A text with a comma, a quote or a line break is quoted (RFC 4180).
  CsvCell(std::string_view text);
  CsvCell(double number);
  CsvCell(std::integral auto number) : text_{std::to_string(number)} {}

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// A CSV file as it grows.
class CsvText {
 public:
  explicit CsvText(std::initializer_list<CsvCell> header) { row(header); }
  void row(std::initializer_list<CsvCell> cells);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace lensfind::report
