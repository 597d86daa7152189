#include "lensfind/base/settings_file.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"

namespace lensfind::base {

namespace fs = std::filesystem;

std::vector<std::string> settings_names(const SettingsKind& kind, const std::vector<fs::path>& folders) {
  std::set<std::string> names{kind.built_in.begin(), kind.built_in.end()};
  for (const fs::path& folder : folders) {
    std::error_code absent;
    for (const fs::directory_entry& entry : fs::directory_iterator{folder, absent})
      if (entry.path().extension() == ".toml") names.insert(entry.path().stem().string());
  }
  return {names.begin(), names.end()};
}

fs::path find_settings(const SettingsKind& kind, const std::string& path_or_name, const std::vector<fs::path>& folders) {
  std::error_code absent;
  const fs::path path = path_or_name;
  const bool is_path = path.has_parent_path() || path.has_extension();
  if (is_path && fs::is_regular_file(path, absent)) return path;
  for (const fs::path& folder : folders)
    if (fs::path file = folder / (path_or_name + ".toml"); fs::is_regular_file(file, absent)) return file;
  if (std::ranges::find(kind.built_in, path_or_name) != kind.built_in.end()) return {};
  if (fs::is_regular_file(path, absent)) return path;
  const std::vector<std::string> names = settings_names(kind, folders);
  const std::string near = nearest_name(path_or_name, names);
  throw Error{fmt::format("{}: neither a {}'s file nor the name of an installed {}", path_or_name, kind.what, kind.what),
              !near.empty()   ? fmt::format("did you mean `{}`? installed are {}", near, fmt::join(names, ", "))
              : names.empty() ? fmt::format("give the path of a {}'s .toml file", kind.what)
                              : fmt::format("installed are {}", fmt::join(names, ", "))};
}

}  // namespace lensfind::base
