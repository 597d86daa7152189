#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// What a folder of this program holds. A folder of one kind never takes the place of another kind's.
enum class FolderKind { model, evaluation, comparison, simulated_set, rendered_images, demo, candidates, grades, subjects, pretraining };

/// "a model", "an evaluation", ...
std::string_view folder_kind_name(FolderKind kind);

/// Leaves the file `.lensfind` in `folder`. It says that `lensfind COMMAND` of this version made the folder, and of which kind it is. A
/// `whole` folder's mark also names what is in it, so that what others add later is recognised as theirs. Throws Error where it cannot be
/// written.
void mark_folder(const std::filesystem::path& folder, FolderKind kind, const std::string& command, bool whole);

/// The kind of a folder that this program made: by its mark, or by the files at its top where a version before 0.2 left no mark. Nothing
/// for any other folder.
std::optional<FolderKind> kind_of_folder(const std::filesystem::path& folder);

/// Whether a folder of this program was finished. Where no mark says so, it counts as finished.
bool is_whole_folder(const std::filesystem::path& folder);

/// The first entry, by name, in a folder of this program that the program did not make. Empty where there is none. Folders of this program
/// inside it are looked through too.
std::filesystem::path foreign_entry(const std::filesystem::path& folder);

}  // namespace lensfind::base
