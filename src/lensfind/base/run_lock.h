#pragma once

#include <filesystem>
#include <string>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// While it lives, no other lensfind writes the same OUT. It is a file OUT.lock beside OUT (a file or a folder that may not be there yet)
/// which the system locks (flock) and which names its holder; it goes when the lock does. The lock of a process that was killed is taken
/// over. Children that run another program do not inherit it.
class RunLock {
 public:
  /// `alone`: nobody else may hold it. `with_others`: others may that also came with others (shards of one run).
  enum class Sharing { alone, with_others };
  /// As flock(2); tests give others.
  using SystemLock = int (*)(int descriptor, int operation);

  /// Does not wait. Throws Error that names the holder ("another lensfind (process 1234 on host h) is writing OUT") where there is one, and
  /// where OUT's folder does not exist or may not be written to.
  explicit RunLock(const std::filesystem::path& out, Sharing sharing = Sharing::alone);
  RunLock(const std::filesystem::path& out, Sharing sharing, SystemLock system_lock);
  ~RunLock();
  RunLock(RunLock&& other) noexcept;
  RunLock& operator=(RunLock&&) = delete;

  /// What the user should know, or nothing: the file system has no locks, or a run on another computer left its lock behind.
  [[nodiscard]] const std::string& note() const { return note_; }

  /// OUT.lock, also for "OUT/".
  static std::filesystem::path file_of(const std::filesystem::path& out);

 private:
  void open(const std::filesystem::path& out);
  /// Locks the open file; false where it has been removed since it was opened.
  bool take(const std::filesystem::path& out, Sharing sharing, SystemLock system_lock);
  void take_without_system(const std::filesystem::path& out);
  void sign(Sharing sharing) const;
  void close() noexcept;

  std::filesystem::path file_;
  int descriptor_ = -1;
  SystemLock system_lock_;
  std::string note_;
};

}  // namespace lensfind::base
