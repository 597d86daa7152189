#pragma once

#include <cstdint>
#include <string>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// "1,234,567".
std::string with_commas(std::int64_t number);
/// The same of a number that is written already, in decimal digits with or without a sign and a fraction: "-1,234.5".
std::string with_commas(std::string digits);

}  // namespace lensfind::base
