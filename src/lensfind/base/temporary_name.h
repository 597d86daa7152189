#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// The end of a temporary name: which process of which machine has made it, and 64 random bits, which nobody can guess.
std::string temporary_mark();

/// A temporary name beside `path`, `<path>.tmp-<mark>`, for what is renamed when it is whole.
std::filesystem::path temporary_beside(const std::filesystem::path& path);

/// Whether such a mark, or one of earlier versions (process and number), belongs to a process of this machine that no longer runs.
bool is_left_by_dead(std::string_view mark);

}  // namespace lensfind::base
