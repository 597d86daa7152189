#include "lensfind/base/number_text.h"

#include <algorithm>

namespace lensfind::base {

std::string with_commas(std::int64_t number) { return with_commas(std::to_string(number)); }

std::string with_commas(std::string digits) {
  const std::size_t whole = std::min(digits.find('.'), digits.size());
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = whole; at > first + 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

}  // namespace lensfind::base
