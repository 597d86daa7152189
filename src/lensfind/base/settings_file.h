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

/// `path_or_name` where it is a file, else NAME.toml of the first folder that has it; an empty path for a built-in name that no folder has.
/// Throws Error that names the nearest, or those there are.
std::filesystem::path find_settings(const SettingsKind& kind, const std::string& path_or_name,
                                    const std::vector<std::filesystem::path>& folders);

}  // namespace lensfind::base
