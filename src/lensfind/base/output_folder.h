#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/folder_mark.h"
#include "lensfind/base/namespace.h"
#include "lensfind/base/progress.h"
#include "lensfind/base/run_lock.h"

namespace lensfind::base {

/// The folder that a command makes, OUT, and what it must know to take a name that is in use.
struct Output {
  std::filesystem::path path;
  FolderKind kind = FolderKind::model;
  std::string command;     ///< "evaluate", for the mark
  bool overwrite = false;  ///< replace what stands there
  bool resume = false;     ///< go on with what is there (only where the folder grows under its own name)
  /// What the command reads. No folder is replaced that one of these lies in, or that lies in one of these. Paths that do not exist are
  /// passed over.
  std::vector<std::filesystem::path> inputs = {};
};

/// Throws Error where what is at `out.path` may not be replaced: it is no folder, or a link; the working folder or the user's home lies in
/// it; an input lies in or above it; this program did not make it, made another kind of folder, or others added something. An empty folder
/// may be replaced.
void require_replaceable(const Output& out);

/// Throws Error where OUT exists, or with `overwrite` where it may not be replaced. To be called before long work.
void require_free(const Output& out);

/// A folder that appears under its name only when it is whole: fill `path()`, then commit(). Destroyed without commit(), it leaves nothing.
/// The constructor throws Error where OUT exists, or with `overwrite` where it may not be replaced, and where another process writes it.
/// commit() marks the folder. Whenever the program is killed, the old folder or the new one is there, whole.
class AtomicFolder {
 public:
  explicit AtomicFolder(Output out);
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return temporary_; }
  void commit();

 private:
  Output out_;
  std::optional<RunLock> lock_;
  std::filesystem::path temporary_;
};

/// A folder that grows under its own name, so that a run that was stopped or killed can go on in it. What it replaces is kept as
/// OUT.replaced until complete(). No other process writes it while this exists.
class GrowingFolder {
 public:
  /// Throws Error where OUT exists and is neither to be resumed nor replaced, or may not be replaced, and where another process writes it.
  /// Nothing is made yet.
  explicit GrowingFolder(Output out);
  /// Sets aside what is to be replaced, makes the folder where it is not there, and marks it as unfinished. Tells `progress` what the user
  /// should know.
  void begin(Progress& progress = no_progress());
  /// The folder is whole: its mark says so, and what it replaced goes.
  void complete();
  /// Removes what begin() made and puts back what it replaced.
  void give_up();

 private:
  void check() const;

  Output out_;
  std::optional<RunLock> lock_;
};

}  // namespace lensfind::base
