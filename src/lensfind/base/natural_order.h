#pragma once

#include <string_view>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// Whether `a` comes before `b` as people order names: digits by their number ("2" before "10"), all else by bytes. It is a strict order of
/// all texts.
bool natural_less(std::string_view a, std::string_view b);

}  // namespace lensfind::base
