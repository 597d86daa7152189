#pragma once

#include <string>
#include <string_view>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// The text with each byte that is no part of well-formed UTF-8 (RFC 3629) replaced by U+FFFD, as browsers show it: names of files are any
/// bytes, pages and figures must be UTF-8.
std::string valid_utf8(std::string_view text);

/// The text as a terminal may be shown it: as valid_utf8(), with every control character but line feed and tab written out (`\x1B`), so
/// that a name of a file neither moves the cursor nor changes what stands on the screen.
std::string terminal_text(std::string_view text);

}  // namespace lensfind::base
