#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// Whether an open file still stands under its name: between opening and locking it, its holder may have removed it.
bool is_still_named(int descriptor, const std::filesystem::path& name);

/// While it lives, no other process holds the lock of the same folder; a killed one loses it. For folders that several processes share for
/// moments; for an output that one process writes see run_lock.h.
class FolderLock {
 public:
  /// Waits for the lock. Nothing where the folder has gone. Throws Error where it cannot be opened or locked.
  static std::optional<FolderLock> wait_for(const std::filesystem::path& folder);

  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
  FolderLock& operator=(FolderLock&&) = delete;

 private:
  explicit FolderLock(int descriptor) : descriptor_{descriptor} {}

  int descriptor_;
};

}  // namespace lensfind::base
