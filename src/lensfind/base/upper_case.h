#pragma once

#include <string>
#include <string_view>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// A text with the small letters of ASCII made capitals; other letters stay.
inline std::string upper_case(std::string_view text) {
  std::string out{text};
  for (char& letter : out)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  return out;
}

}  // namespace lensfind::base
