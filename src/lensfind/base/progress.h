#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// How the library says how far it is. The program draws a bar, a service may log, a test may count. All calls may come from any thread.
class Progress {
 public:
  virtual ~Progress() = default;
  /// A task of `total` steps begins (total 0: unknown). The one before has ended. `unit` is what is counted ("images").
  virtual void start(const std::string& task, std::int64_t total, const std::string& unit) = 0;
  virtual void advance(std::int64_t steps) = 0;
  /// A line that belongs to the run's record (an epoch's losses).
  virtual void line(const std::string& text) = 0;
  /// Something the user should know that is no error (a file set aside, an option that has no effect).
  virtual void warn(const std::string& text) = 0;
  /// The task is complete.
  virtual void finish() = 0;
};

/// Says nothing; the default everywhere.
class NoProgress final : public Progress {
 public:
  void start(const std::string&, std::int64_t, const std::string&) override {}
  void advance(std::int64_t) override {}
  void line(const std::string&) override {}
  void warn(const std::string&) override {}
  void finish() override {}
};

/// The shared NoProgress (it has no state).
inline Progress& no_progress() {
  static NoProgress silent;
  return silent;
}

/// Becomes true when the user asks to stop (Ctrl-C). Long work looks at it between steps, leaves a state to resume from, and throws
/// Stopped.
using StopFlag = std::atomic<bool>;

/// A flag that never becomes true.
inline const StopFlag& never_stop() {
  static const StopFlag never{false};
  return never;
}

}  // namespace lensfind::base
