#include "lensfind/score/in_order.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>

#include <gtest/gtest.h>

namespace lensfind::score {
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
  std::atomic<int> most{0};
  const auto take = [&, next = 0]() mutable -> std::optional<int> {
    if (next == 200) return {};
    const int now = ++under_way;
    if (now > most) most = now;
    return next++;
  };
  in_order(6, 9, take, slow_if_early, [&](int) { --under_way; });
  EXPECT_LE(most, 9);
  EXPECT_GT(most, 1);
}

TEST(InOrder, EndsWithoutTasks) {
  in_order(3, 3, numbers(0), slow_if_early, [](int) { FAIL(); });
}

TEST(InOrder, ThrowsWhatAnyPartThrows) {
  const auto fail = [](auto&&...) -> int { throw std::runtime_error{"broken"}; };
  const auto fail_to_take = []() -> std::optional<int> { throw std::runtime_error{"broken"}; };
  EXPECT_THROW(in_order(3, 3, fail_to_take, slow_if_early, [](int) {}), std::runtime_error);
  EXPECT_THROW(in_order(3, 3, numbers(9), fail, [](int) {}), std::runtime_error);
  EXPECT_THROW(in_order(3, 3, numbers(90), slow_if_early, fail), std::runtime_error);
}

}  // namespace
}  // namespace lensfind::score
