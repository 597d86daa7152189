#include "lensfind/base/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>

#include "lensfind/base/error.h"
#include "lensfind/base/temporary_name.h"

namespace lensfind::base {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "lensfind-";

/// Where such folders may lie, best first: a TMPDIR that is gone (of a job that has ended) should stop no work.
std::vector<fs::path> places() {
  std::vector<fs::path> all;
  for (const char* variable : {"TMPDIR", "TMP", "TEMP"}) {
    const char* named = std::getenv(variable);
    if (named != nullptr && *named != '\0') all.emplace_back(named);
  }
  for (const char* usual : {"/tmp", "/var/tmp"}) all.emplace_back(usual);
  return all;
}

/// What killed runs left.
void clear(const fs::path& place) {
  std::error_code status, ignored;
  for (fs::directory_iterator entry{place, status}; !status && entry != fs::directory_iterator{}; entry.increment(status)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(prefix) && is_left_by_dead(std::string_view{name}.substr(prefix.size()))) fs::remove_all(entry->path(), ignored);
  }
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string first_fault;
  for (const fs::path& place : places()) {
    const fs::path folder = place / (std::string{prefix} + temporary_mark());
    if (::mkdir(folder.c_str(), 0700) == 0) {
      path_ = folder;
      clear(place);
      return;
    }
    if (first_fault.empty()) first_fault = fmt::format("{}: {}", place.string(), std::strerror(errno));
  }
  throw Error{"no folder for temporary files: " + first_fault, "set TMPDIR to a folder that can be written"};
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace lensfind::base
