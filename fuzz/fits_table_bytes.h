#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// A FITS table made from a fuzzer's bytes: the cards that every table must have are there and fit each other, so that short inputs come as
/// far as reading rows; forms, names, scales, null values and the data are the fuzzer's.
class FitsTableBytes {
 public:
  FitsTableBytes(const std::uint8_t* data, std::size_t size) : left_{reinterpret_cast<const char*>(data), size} {}

  std::string file() {
    const bool ascii = take() % 4 == 0;
    const std::size_t rows = take();
    const std::size_t columns = 1 + take() % 6;
    std::string fields;
    std::size_t row_bytes = 0;
    for (std::size_t column = 1; column <= columns; ++column)
      fields += ascii ? text_column(column, row_bytes) : column_of(column, row_bytes);
    // One in eight lies about the length of its rows.
    if (take() % 8 == 0) row_bytes += take() - 128U;
    const std::string head = card("XTENSION", ascii ? "'TABLE   '" : "'BINTABLE'") + card("BITPIX", "8") + card("NAXIS", "2") +
                             card("NAXIS1", std::to_string(row_bytes)) + card("NAXIS2", std::to_string(rows)) +
                             card("PCOUNT", std::to_string(take() % 4 == 0 ? take() : 0U)) + card("GCOUNT", "1") +
                             card("TFIELDS", std::to_string(columns));
    const std::string first = card("SIMPLE", "T") + card("BITPIX", "8") + card("NAXIS", "0") + card("EXTEND", "T");
    return blocks(first + end_, ' ') + blocks(head + fields + end_, ' ') + blocks(std::string{left_}, '\0');
  }

 private:
  struct Form {
    const char* text;
    std::size_t bytes;  ///< of one value
  };

  unsigned take() {
    if (left_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    return byte;
  }
  std::string take_text(std::size_t max) {
    std::string text{left_.substr(0, take() % (max + 1))};
    left_.remove_prefix(std::min(text.size(), left_.size()));
    for (char& letter : text) letter = static_cast<char>(' ' + static_cast<unsigned char>(letter) % 95);
    return text;
  }
  static std::string card(const std::string& keyword, const std::string& value) {
    std::string text = keyword;
    text.resize(8, ' ');
    text += "= " + value;
    text.resize(80, ' ');
    return text;
  }
  static std::string blocks(std::string bytes, char padding) {
    bytes.resize((bytes.size() + 2879) / 2880 * 2880, padding);
    return bytes;
  }

  std::string column_of(std::size_t column, std::size_t& row_bytes) {
    static constexpr std::array<Form, 12> forms{
        {{"D", 8}, {"E", 4}, {"K", 8}, {"J", 4}, {"I", 2}, {"B", 1}, {"L", 1}, {"A", 1}, {"X", 1}, {"C", 8}, {"M", 16}, {"PE(9)", 8}}};
    const Form& form = forms[take() % forms.size()];
    const unsigned repeat = take() % 3 == 0 ? take() : 1;
    row_bytes += repeat * form.bytes;
    return described(column, "'" + std::to_string(repeat) + form.text + "'");
  }
  std::string text_column(std::size_t column, std::size_t& row_bytes) {
    static constexpr std::array forms{"A", "I", "F", "E", "D"};
    const char* form = forms[take() % forms.size()];
    const unsigned width = take() % 32;
    const std::string place = card("TBCOL" + std::to_string(column), std::to_string(row_bytes + 1));
    row_bytes += width;
    return place + described(column, std::string{"'"} + form + std::to_string(width) + (form[0] >= 'D' && form[0] <= 'F' ? ".3'" : "'"));
  }
  std::string described(std::size_t column, const std::string& form) {
    static constexpr std::array names{"ra", "DEC", "id", "ALPHA_J2000", "dej2000", "name"};
    const std::string number = std::to_string(column);
    const unsigned name = take();
    std::string cards = card("TFORM" + number, form);
    cards += card("TTYPE" + number, name < 240 ? std::string{"'"} + names[name % names.size()] + "'" : "'" + take_text(20));
    const unsigned more = take();
    if (more % 8 == 1) cards += card("TSCAL" + number, take_text(20));
    if (more % 8 == 2) cards += card("TZERO" + number, more < 128 ? "2147483648" : "9223372036854775808");
    if (more % 8 == 3) cards += card("TNULL" + number, take_text(10));
    if (more % 8 == 4) cards += card(take_text(8), take_text(70));
    return cards;
  }

  static inline const std::string end_ = "END" + std::string(77, ' ');
  std::string_view left_;
};
