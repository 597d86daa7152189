#include "lensfind/base/folder_lock.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lensfind/base/error.h"

namespace lensfind::base {

bool is_still_named(int descriptor, const std::filesystem::path& name) {
  struct stat held {
  }, named{};
  return ::fstat(descriptor, &held) == 0 && ::stat(name.c_str(), &named) == 0 && held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

std::optional<FolderLock> FolderLock::wait_for(const std::filesystem::path& folder) {
  FolderLock held{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (held.descriptor_ < 0 && errno == ENOENT) return {};
  if (held.descriptor_ < 0 || ::flock(held.descriptor_, LOCK_EX) != 0)
    throw Error{fmt::format("{}: cannot be locked: {}", folder.string(), std::strerror(errno)),
                "is the folder there, on a file system that has locks?"};
  if (!is_still_named(held.descriptor_, folder)) return {};
  return held;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace lensfind::base
