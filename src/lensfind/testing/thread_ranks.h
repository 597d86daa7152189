#pragma once

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "lensfind/base/ranks.h"

namespace lensfind::test {

/// What ranks that are threads of a test share.
struct ThreadJob {
  explicit ThreadJob(int ranks) : all{ranks}, values(static_cast<std::size_t>(ranks)) {}

  std::barrier<> all;
  std::atomic<std::int64_t> counter{0};
  std::atomic<int> messages{0};  ///< how many sums were made
  std::vector<std::vector<float>> values;
};

class ThreadRanks final : public Ranks {
 public:
  ThreadRanks(int rank, ThreadJob& job) : rank_{rank}, job_{job} {}
  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int count() const override { return static_cast<int>(job_.values.size()); }
  std::int64_t take() override { return job_.counter++; }
  void wait_for_all() override { job_.all.arrive_and_wait(); }
  void sum(std::span<float> values) override {
    job_.values[static_cast<std::size_t>(rank_)].assign(values.begin(), values.end());
    if (rank_ == 0) ++job_.messages;
    wait_for_all();
    std::ranges::fill(values, 0.F);
    for (const std::vector<float>& part : job_.values)
      for (std::size_t i = 0; i < values.size(); ++i) values[i] += part.at(i);
    wait_for_all();
  }

 private:
  int rank_;
  ThreadJob& job_;
};

/// Runs `work` in so many ranks at once; returns how many sums they made together.
inline int run_ranks(int count, const std::function<void(Ranks&)>& work) {
  ThreadJob job{count};
  std::vector<std::jthread> threads;
  for (int rank = 0; rank < count; ++rank) {
    threads.emplace_back([&, rank] {
      ThreadRanks ranks{rank, job};
      work(ranks);
    });
  }
  threads.clear();
  return job.messages;
}

}  // namespace lensfind::test
