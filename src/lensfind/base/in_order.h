#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// Takes tasks one by one until `take` returns nothing, works on `workers` of them at once (each worker with its own copy of `work`, which
/// may keep buffers), and gives the results in the order of their tasks. At most `window` tasks are under way or waiting to be given, so
/// memory is bounded. `take` runs in one thread at a time, `give` in the calling thread. The first exception of any of the three ends all
/// and is thrown here. Where the system starts fewer threads there are fewer workers; where it starts none the calling thread does all.
template <typename Take, typename Work, typename Give>
void in_order(int workers, std::size_t window, Take take, Work work, Give give) {
  using Task = typename std::invoke_result_t<Take>::value_type;
  using Result = std::invoke_result_t<Work, Task>;

  std::mutex turn;   // to take a task
  std::mutex mutex;  // guards all below
  std::condition_variable room, ready;
  std::int64_t taken = 0;
  std::int64_t given = 0;
  std::map<std::int64_t, Result> done;
  bool ended = false;
  std::exception_ptr failure;

  const auto end = [&](std::exception_ptr reason) {
    const std::lock_guard lock{mutex};
    ended = true;
    if (reason && !failure) failure = std::move(reason);
    room.notify_all();
    ready.notify_one();
  };
  const auto take_one = [&](std::int64_t& number) -> std::optional<Task> {
    const std::lock_guard my_turn{turn};
    {
      std::unique_lock lock{mutex};
      room.wait(lock, [&] { return ended || taken - given < static_cast<std::int64_t>(window); });
      if (ended) return {};
    }
    std::optional<Task> task = take();
    const std::lock_guard lock{mutex};
    if (task) number = taken++;
    return task;
  };
  const auto work_on = [&, work]() mutable {
    try {
      std::int64_t number = 0;
      while (std::optional<Task> task = take_one(number)) {
        Result result = work(std::move(*task));
        const std::lock_guard lock{mutex};
        done.emplace(number, std::move(result));
        if (number == given) ready.notify_one();
      }
      end(nullptr);
    } catch (...) {
      end(std::current_exception());
    }
  };

  std::vector<std::jthread> threads;
  try {
    for (int i = 0; i < workers; ++i) threads.emplace_back(work_on);
  } catch (const std::system_error&) {
    if (threads.empty()) {
      while (std::optional<Task> task = take()) give(work(std::move(*task)));
      return;
    }
  } catch (...) {  // no memory
    end(std::current_exception());
  }
  try {
    while (true) {
      std::unique_lock lock{mutex};
      ready.wait(lock, [&] { return failure || done.contains(given) || (ended && given == taken); });
      if (failure || !done.contains(given)) break;
      Result result = std::move(done.extract(given).mapped());
      lock.unlock();
      give(std::move(result));
      lock.lock();
      ++given;
      room.notify_one();
    }
  } catch (...) {
    end(std::current_exception());
  }
  threads.clear();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace lensfind::base
