#pragma once

#include <cmath>
#include <span>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lensfind/score/test_run.h"

namespace lensfind::score {

/// Breaks off after some calls of the engine, as a kill would.
struct Killed {};

class Resuming : public Run {
 protected:
  void SetUp() override {
    Run::SetUp();
    stack("in/1.npy", 130, 0);
    for (int i = 0; i < 30; ++i) cutout("in/b/" + std::to_string(i) + ".npy", i % 4 == 0 ? std::nanf("") : static_cast<float>(i));
    inputs_ = {folder_ / "in"};
    RunOptions whole = options(inputs_);
    whole.out = folder_ / "whole.csv";
    run(whole);
  }
  /// Kills a run when it has finished `chunks` more chunks.
  void kill_after(int chunks, bool resume) {
    FakeEngine engine{shape};
    const auto finished = [&] {
      int count = 0;
      while (std::filesystem::exists(folder_ / "s.csv.parts" / fmt::format("{:06}.chunk", count))) ++count;
      return count;
    };
    const int wanted = finished() + chunks;
    engine.before = [&](std::span<const float> cutouts) {
      // Pixels tell the place in the list; a chunk is written when the next one begins.
      if (cutouts[0] < static_cast<float>(20 * wanted + 8)) return;
      while (finished() < wanted) std::this_thread::yield();
      throw Killed{};
    };
    RunOptions chosen = options(inputs_);
    chosen.resume = resume;
    EXPECT_THROW(run_score(engine, scorer_, chosen), Killed);
  }

  std::vector<std::filesystem::path> inputs_;
};

}  // namespace lensfind::score
