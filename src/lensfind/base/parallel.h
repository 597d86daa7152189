#pragma once

#include <cstdint>
#include <functional>

#include "lensfind/base/namespace.h"
#include "lensfind/base/progress.h"

namespace lensfind::base {

/// Calls work(i) for i = 0 .. count - 1 on `threads` threads (0: all cores), in any order. Throws what `work` throws first, and Stopped
/// when the user ends it.
void parallel_for(std::int64_t count, int threads, const std::function<void(std::int64_t)>& work, Progress& progress = no_progress(),
                  const StopFlag& stop = never_stop());

/// How many of `wanted` threads the system starts at once. It starts fewer where it allows no more (`ulimit -u`) or memory is short. They
/// end again.
int threads_that_start(int wanted);

}  // namespace lensfind::base
