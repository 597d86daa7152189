#pragma once

#include <string>
#include <string_view>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// A text whose letters of ASCII between `first` and `last` are moved by `step` in the alphabet; others stay.
inline std::string moved_letters(std::string_view text, char first, char last, int step) {
  std::string out{text};
  for (char& letter : out)
    if (letter >= first && letter <= last) letter = static_cast<char>(letter + step);
  return out;
}

/// A text with the capitals of ASCII made small; other letters stay.
inline std::string lower_case(std::string_view text) { return moved_letters(text, 'A', 'Z', 'a' - 'A'); }
/// A text with the small letters of ASCII made capitals; other letters stay.
inline std::string upper_case(std::string_view text) { return moved_letters(text, 'a', 'z', 'A' - 'a'); }

}  // namespace lensfind::base
