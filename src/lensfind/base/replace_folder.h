#pragma once

#include <filesystem>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// The name under which a folder waits until its successor is whole: OUT.replaced.
std::filesystem::path replaced_name(const std::filesystem::path& out);

/// Renames OUT to OUT.replaced. Throws Error where that name is in use by what this program did not make.
void set_aside(const std::filesystem::path& out);

/// Puts back OUT.replaced where OUT is gone: a program was then killed between two renames.
void put_back_replaced(const std::filesystem::path& out);

/// Removes OUT.replaced where this program made it and OUT exists.
void remove_replaced(const std::filesystem::path& out);

/// Gives the folder `fresh` the name `out`, which should be free. Throws Error where it no longer is.
void give_name(const std::filesystem::path& fresh, const std::filesystem::path& out);

/// Gives `fresh` the name `out` in place of the folder that has it. This is one step where the file system can do that (renameat2, Linux).
/// Elsewhere the old one is OUT.replaced for a moment. Then the old one is removed.
void replace_folder(const std::filesystem::path& fresh, const std::filesystem::path& out);

}  // namespace lensfind::base
