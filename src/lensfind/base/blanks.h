#pragma once

#include <string_view>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// A space or a tab.
constexpr bool is_blank(char letter) { return letter == ' ' || letter == '\t'; }

/// A text without the blanks at its ends.
constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace lensfind::base
