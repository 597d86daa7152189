#include "lensfind/sky/votable_field.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/sky/table_formats.h"

namespace lensfind::sky {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool is_text(const VotableField& field) { return field.datatype == "char" || field.datatype == "unicodeChar"; }

/// The bits of a value and a letter that stands for its kind.
struct Datatype {
  std::string_view name;
  std::size_t bits;
  char kind;
};
constexpr std::array<Datatype, 12> datatypes{{{"boolean", 8, 'L'},
                                              {"bit", 1, 'X'},
                                              {"unsignedByte", 8, 'B'},
                                              {"short", 16, 'I'},
                                              {"int", 32, 'J'},
                                              {"long", 64, 'K'},
                                              {"char", 8, 'A'},
                                              {"unicodeChar", 16, 'U'},
                                              {"float", 32, 'E'},
                                              {"double", 64, 'D'},
                                              {"floatComplex", 64, 'C'},
                                              {"doubleComplex", 128, 'M'}}};

/// The number whose bytes stand here with the most significant first.
template <typename Number>
Number big_endian(std::span<const unsigned char> bytes) {
  std::array<unsigned char, sizeof(Number)> turned;
  std::reverse_copy(bytes.begin(), bytes.begin() + sizeof(Number), turned.begin());
  return std::bit_cast<Number>(turned);
}

void append_utf8(std::string& text, unsigned letter) {
  if (letter < 0x80) {
    text += static_cast<char>(letter);
  } else if (letter < 0x800) {
    text += static_cast<char>(0xC0 | letter >> 6);
    text += static_cast<char>(0x80 | (letter & 0x3F));
  } else {
    text += static_cast<char>(0xE0 | letter >> 12);
    text += static_cast<char>(0x80 | (letter >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (letter & 0x3F));
  }
}

std::string letters_of(std::span<const unsigned char> bytes) {
  std::string text{bytes.begin(), std::find(bytes.begin(), bytes.end(), 0)};
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string wide_letters_of(std::span<const unsigned char> bytes) {
  std::string text;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const unsigned letter = static_cast<unsigned>(bytes[i]) << 8 | bytes[i + 1];
    if (letter == 0) break;
    append_utf8(text, letter);
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string truth_of(char letter) {
  if (letter == 'T' || letter == 't' || letter == '1') return "1";
  return letter == 'F' || letter == 'f' || letter == '0' ? "0" : "";
}

template <typename Number>
std::string real_text(Number number) {
  return std::isnan(number) ? std::string{} : fmt::format("{}", number);
}

}  // namespace

bool VotableField::is_single() const {
  if (is_text(*this)) return arraysize.find('x') == std::string::npos;
  return (arraysize.empty() || arraysize == "1") && datatype != "floatComplex" && datatype != "doubleComplex";
}

std::string VotableField::value_of_text(std::string_view text) const {
  if (is_text(*this)) return std::string{text};
  text = trimmed(text);
  if (text.empty() || text == null || text == "NaN" || text == "nan") return {};
  if (datatype == "boolean") return truth_of(text.front());
  if (text.starts_with("0x") || text.starts_with("0X")) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), number, 16);
    if (error == std::errc{} && end == text.data() + text.size()) return fmt::format("{}", number);
  }
  return std::string{text};
}

VotableBinary::VotableBinary(std::vector<VotableField> fields, bool with_nulls, std::string origin)
    : fields_{std::move(fields)}, with_nulls_{with_nulls}, origin_{std::move(origin)} {
  for (const VotableField& field : fields_) cells_.push_back(cell_of(field, origin_));
}

VotableBinary::Cell VotableBinary::cell_of(const VotableField& field, const std::string& origin) {
  const auto type = std::ranges::find(datatypes, field.datatype, &Datatype::name);
  if (type == datatypes.end())
    throw Error{fmt::format("{}: the datatype `{}` of {} is not known", origin, field.datatype, field.name), "is it a whole VOTable?"};
  Cell cell{.bits = type->bits, .kind = type->kind};
  std::string_view size = field.arraysize;
  if (size.ends_with('*')) {
    cell.variable = true;
    return cell;
  }
  while (!size.empty()) {
    const std::size_t cross = std::min(size.find('x'), size.size());
    const auto count = parse_integer(size.substr(0, cross));
    if (!count || *count < 0 || static_cast<std::size_t>(*count) > max_row_bytes ||
        cell.count * static_cast<std::size_t>(*count) > max_row_bytes)
      throw Error{fmt::format("{}: the arraysize `{}` of {} is not known", origin, field.arraysize, field.name), "is it a whole VOTable?"};
    cell.count *= static_cast<std::size_t>(*count);
    size.remove_prefix(std::min(cross + 1, size.size()));
  }
  return cell;
}

void VotableBinary::add(std::string_view base64) {
  if (at_ > max_row_bytes / 64) {
    bytes_.erase(0, at_);
    at_ = 0;
  }
  for (const char letter : base64) {
    unsigned value = 0;
    if (letter >= 'A' && letter <= 'Z') {
      value = static_cast<unsigned>(letter - 'A');
    } else if (letter >= 'a' && letter <= 'z') {
      value = static_cast<unsigned>(letter - 'a') + 26;
    } else if (letter >= '0' && letter <= '9') {
      value = static_cast<unsigned>(letter - '0') + 52;
    } else if (letter == '+' || letter == '/') {
      value = letter == '+' ? 62 : 63;
    } else {
      continue;  // line breaks, and = at the end
    }
    pending_ = (pending_ << 6 | value) & 0xFFFF;
    pending_bits_ += 6;
    if (pending_bits_ < 8) continue;
    pending_bits_ -= 8;
    bytes_ += static_cast<char>(pending_ >> pending_bits_ & 0xFF);
  }
}

std::optional<std::span<const unsigned char>> VotableBinary::take(const Cell& cell, std::size_t& at) const {
  const auto* bytes = reinterpret_cast<const unsigned char*>(bytes_.data());
  std::size_t count = cell.count;
  std::size_t begin = at;
  if (cell.variable) {
    if (bytes_.size() - begin < 4) return {};
    count = big_endian<std::uint32_t>({bytes + begin, 4});
    begin += 4;
  }
  const std::size_t length = (count * cell.bits + 7) / 8;
  if (length > max_row_bytes || begin - at_ > max_row_bytes)
    throw Error{fmt::format("{}: a row of its table has more than 64 MiB", origin_), "is it a whole VOTable?"};
  if (bytes_.size() - begin < length) return {};
  at = begin + length;
  return std::span{bytes + begin, length};
}

std::string VotableBinary::text_of(const Cell& cell, const VotableField& field, std::span<const unsigned char> bytes) {
  if (!field.is_single() || bytes.empty()) return {};
  std::string text;
  switch (cell.kind) {
    case 'A':
      return letters_of(bytes);
    case 'U':
      return wide_letters_of(bytes);
    case 'L':
      return truth_of(static_cast<char>(bytes[0]));
    case 'X':
      return bytes[0] != 0 ? "1" : "0";  // the first bit by the standard, the fifth by astropy
    case 'E':
      return real_text(big_endian<float>(bytes));
    case 'D':
      return real_text(big_endian<double>(bytes));
    case 'B':
      text = fmt::format("{}", bytes[0]);
      break;
    case 'I':
      text = fmt::format("{}", big_endian<std::int16_t>(bytes));
      break;
    case 'J':
      text = fmt::format("{}", big_endian<std::int32_t>(bytes));
      break;
    default:
      text = fmt::format("{}", big_endian<std::int64_t>(bytes));
      break;
  }
  return text == field.null ? std::string{} : text;
}

std::optional<std::vector<std::string>> VotableBinary::next() {
  std::size_t at = at_;
  const std::size_t flags = with_nulls_ ? (fields_.size() + 7) / 8 : 0;
  if (fields_.empty() || bytes_.size() - at < std::max<std::size_t>(flags, 1)) return {};
  const std::size_t nulls = at;
  at += flags;
  std::vector<std::string> row;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const auto bytes = take(cells_[i], at);
    if (!bytes) return {};
    const bool is_null = with_nulls_ && (static_cast<unsigned char>(bytes_[nulls + i / 8]) & (0x80U >> i % 8)) != 0;
    row.push_back(is_null ? std::string{} : text_of(cells_[i], fields_[i], *bytes));
  }
  if (at == at_) return {};  // fields of no bytes make no rows
  at_ = at;
  return row;
}

}  // namespace lensfind::sky
