#pragma once

#include <filesystem>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// An empty folder of its own under the system's temporary one (TMPDIR, or where that is missing /tmp or /var/tmp). It is removed with
/// everything in it. Clears away those of runs that were killed.
class TemporaryFolder {
 public:
  /// Throws Error where none can be made.
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace lensfind::base
