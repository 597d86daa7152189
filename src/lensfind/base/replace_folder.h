#pragma once

#include <filesystem>

namespace lensfind {

/// The name under which a folder waits until its successor is whole: OUT.replaced.
std::filesystem::path replaced_name(const std::filesystem::path& out);

/// Renames OUT to OUT.replaced. Throws Error where that name is in use by what this program did not make.
void set_aside(const std::filesystem::path& out);

/// Where OUT is gone and OUT.replaced stands, a program was killed between two renames: puts it back.
void put_back_replaced(const std::filesystem::path& out);

/// Removes OUT.replaced where this program made it and OUT stands.
void remove_replaced(const std::filesystem::path& out);

/// Gives the folder `fresh` the name `out`, which is free. Throws Error where it no longer is.
void give_name(const std::filesystem::path& fresh, const std::filesystem::path& out);

/// Gives `fresh` the name `out` in place of the folder that has it, in one step where the file system can (renameat2, Linux); elsewhere the
/// old one is OUT.replaced for a moment. Then removes the old one.
void replace_folder(const std::filesystem::path& fresh, const std::filesystem::path& out);

}  // namespace lensfind
