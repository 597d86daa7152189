#include "lensfind/base/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind {

TemporaryFolder::TemporaryFolder() {
  constexpr const char* hint = "set TMPDIR to a folder that can be written";
  std::error_code missing;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(missing);
  if (missing) throw Error{"no folder for temporary files: " + missing.message(), hint};
  std::string name = (parent / "lensfind-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw Error{fmt::format("{}: {}", name, std::strerror(errno)), hint};
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace lensfind
