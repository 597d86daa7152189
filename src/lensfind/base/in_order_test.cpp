#include "lensfind/base/in_order.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <stdexcept>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lensfind::base {
namespace {

auto numbers(int count) {
  return [next = 0, count]() mutable -> std::optional<int> {
    if (next == count) return {};
    return next++;
  };
}

/// Later tasks are done first.
int slow_if_early(int number) {
  std::this_thread::sleep_for(std::chrono::microseconds{number % 7 == 0 ? 900 : 10});
  return number;
}

TEST(InOrder, GivesResultsInTheOrderOfTheirTasks) {
  std::vector<int> given;
  in_order(6, 12, numbers(500), slow_if_early, [&](int number) { given.push_back(number); });
  ASSERT_EQ(given.size(), 500u);
  EXPECT_TRUE(std::ranges::is_sorted(given));
}

TEST(InOrder, KeepsAtMostTheWindowUnderWay) {
  std::atomic<int> under_way{0};
  std::atomic<int> max{0};
  const auto take = [&, next = 0]() mutable -> std::optional<int> {
    if (next == 200) return {};
    const int now = ++under_way;
    if (now > max) max = now;
    return next++;
  };
  in_order(6, 9, take, slow_if_early, [&](int) { --under_way; });
  EXPECT_LE(max, 9);
  EXPECT_GT(max, 1);
}

TEST(InOrder, EndsWithoutTasks) {
  in_order(3, 3, numbers(0), slow_if_early, [](int) { FAIL(); });
}

/// The status with which a child process ends in which no thread, or only a few, can be started.
int in_scarcity(rlim_t more_bytes, const std::function<bool()>& works) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(20);  // a deadlock is a failure
    std::ifstream sizes{"/proc/self/statm"};
    rlim_t pages = 0;
    sizes >> pages;
    const rlim_t max = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + more_bytes;
    const rlimit limit{max, max};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) ::_exit(2);
    ::_exit(works() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(InOrder, WorksWithAsFewThreadsAsTheSystemStarts) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitisers need all addresses";
#endif
  const auto works = [] {
    int given = 0;
    in_order(
        500, 1000, numbers(3000), [](int number) { return number; }, [&](int number) { given += number == given; });
    return given == 3000;
  };
  constexpr rlim_t stack = rlim_t{8} << 20;
  EXPECT_EQ(in_scarcity(stack / 2, works), 0);   // none: a thread takes 8 MiB of addresses
  EXPECT_EQ(in_scarcity(12 * stack, works), 0);  // about ten
}

TEST(InOrder, ThrowsWhatAnyPartThrows) {
  const auto fail = [](auto&&...) -> int { throw std::runtime_error{"broken"}; };
  const auto fail_to_take = []() -> std::optional<int> { throw std::runtime_error{"broken"}; };
  EXPECT_THROW(in_order(3, 3, fail_to_take, slow_if_early, [](int) {}), std::runtime_error);
  EXPECT_THROW(in_order(3, 3, numbers(9), fail, [](int) {}), std::runtime_error);
  EXPECT_THROW(in_order(3, 3, numbers(90), slow_if_early, fail), std::runtime_error);
}

}  // namespace
}  // namespace lensfind::base
