#pragma once

#include <string>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// The version of lensfind: "0.1.0".
std::string version();

}  // namespace lensfind::base
