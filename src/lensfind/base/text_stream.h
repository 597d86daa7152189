#pragma once

#include <filesystem>
#include <istream>
#include <memory>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// Opens a file for reading, and unpacks it where its first two bytes say gzip. A stream that was damaged or cut short goes bad(). Throws
/// Error where it cannot be opened or is no regular file.
std::unique_ptr<std::istream> open_text(const std::filesystem::path& path);

}  // namespace lensfind::base
