#pragma once

#include <string>
#include <string_view>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// Throws Error, with `origin` and the line, where a TOML text is longer than 4 MiB, a key has more than 16 parts (`a.b.c`) or brackets are
/// nested more than 32 deep. Parsers of TOML go one call deeper with each, until the stack ends. Files of settings need 3 or 4.
void check_toml_limits(std::string_view text, const std::string& origin);

}  // namespace lensfind::base
