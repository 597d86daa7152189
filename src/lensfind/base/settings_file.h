#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// Settings that are installed as TOML files and called by name: recipes, surveys, schemes of grades.
struct SettingsKind {
  const char* what;                        ///< "recipe": one of them, as errors call it
  std::vector<std::string> built_in = {};  ///< names that need no file
};

/// The names of all NAME.toml in `folders` and of what is built in, sorted, each once. Folders that are not there count as empty.
std::vector<std::string> settings_names(const SettingsKind& kind, const std::vector<std::filesystem::path>& folders);

/// A bare name, without folder and extension, is NAME.toml of the first folder that has it, whatever else of that name lies in the working
/// folder, as a program or a clone; everything else, and a name that no folder has, is a file. An empty path for a built-in name.
/// Throws Error that names the nearest, or those there are.
std::filesystem::path find_settings(const SettingsKind& kind, const std::string& path_or_name,
                                    const std::vector<std::filesystem::path>& folders);

}  // namespace lensfind::base
