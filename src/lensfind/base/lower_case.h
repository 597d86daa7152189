#pragma once

#include <string>
#include <string_view>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// A text with the capitals of ASCII made small; other letters stay.
inline std::string lower_case(std::string_view text) {
  std::string out{text};
  for (char& letter : out)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return out;
}

}  // namespace lensfind::base
