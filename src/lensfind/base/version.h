#pragma once

#include <string>

namespace lensfind {

/// The version of lensfind: "0.1.0".
std::string version();

}  // namespace lensfind
