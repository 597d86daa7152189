#include "lensfind/base/utf8.h"

#include <cstddef>

#include <fmt/format.h>

namespace lensfind::base {
namespace {

unsigned byte_at(std::string_view text, std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; }

/// The range that the second byte of a sequence has to lie in, by its first: no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool is_second(unsigned first, unsigned second) {
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  return second >= low && second <= high;
}

/// Bytes of the well-formed letter that begins at `i`; 0: there is none.
std::size_t letter_length(std::string_view text, std::size_t i) {
  const unsigned first = byte_at(text, i);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  if (length == 0 || !is_second(first, byte_at(text, i + 1))) return 0;
  for (std::size_t k = 2; k < length; ++k) {
    if ((byte_at(text, i + k) & 0xC0U) != 0x80U) return 0;
  }
  return length;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = letter_length(text, i);
    out += length > 0 ? text.substr(i, length) : std::string_view{"\xEF\xBF\xBD"};
    i += length > 0 ? length : 1;
  }
  return out;
}

std::string terminal_text(std::string_view text) {
  const std::string valid = valid_utf8(text);
  std::string out;
  out.reserve(valid.size());
  for (std::size_t i = 0; i < valid.size();) {
    const std::size_t length = letter_length(valid, i);
    const unsigned first = byte_at(valid, i), second = byte_at(valid, i + 1);
    // U+0080 to U+009F, of two bytes, begin escape sequences too.
    const unsigned code = length == 1 ? first : first == 0xC2 ? second : 0x100;
    const bool control = (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0);
    out += control ? fmt::format("\\x{:02X}", code) : valid.substr(i, length);
    i += length;
  }
  return out;
}

}  // namespace lensfind::base
