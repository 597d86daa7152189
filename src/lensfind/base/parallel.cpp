#include "lensfind/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include "lensfind/base/error.h"

namespace lensfind::base {

void parallel_for(std::int64_t count, int threads, const std::function<void(std::int64_t)>& work, Progress& progress,
                  const StopFlag& stop) {
  constexpr std::int64_t grain = 64;  // few enough that progress is seen and a stop is quick
  tbb::task_arena arena{threads > 0 ? threads : tbb::task_arena::automatic};
  arena.execute([&] {
    tbb::parallel_for(tbb::blocked_range<std::int64_t>{0, count, grain}, [&](const tbb::blocked_range<std::int64_t>& block) {
      for (std::int64_t begin = block.begin(); begin < block.end(); begin += grain) {
        if (stop) throw Stopped{"stopped while reading", "run it again"};
        const std::int64_t end = std::min(begin + grain, block.end());
        for (std::int64_t i = begin; i < end; ++i) work(i);
        progress.advance(end - begin);
      }
    });
  });
}

int threads_that_start(int wanted) {
  std::atomic<bool> end{false};
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(std::max(0, wanted)));
  try {
    while (std::ssize(threads) < wanted) threads.emplace_back([&end] { end.wait(false); });
  } catch (const std::system_error&) {
    // These are all.
  }
  end = true;
  end.notify_all();
  for (std::thread& thread : threads) thread.join();
  return static_cast<int>(threads.size());
}

}  // namespace lensfind::base
