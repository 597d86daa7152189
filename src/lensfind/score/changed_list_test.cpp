#include <atomic>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include "lensfind/base/error.h"
#include "lensfind/score/test_run.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

/// Lists of inputs that change, and machines that fail, while a run goes on.
class ChangedList : public Run {
 protected:
  /// A run in which `change` happens once, at the first call of the engine.
  RunSummary run_with(const std::function<void()>& change, const RunOptions& chosen) {
    FakeEngine engine{shape};
    std::atomic<bool> happened{false};
    engine.before = [&](std::span<const float>) {
      if (!happened.exchange(true)) change();
    };
    return run_score(engine, scorer_, chosen);
  }
  /// `change` stops the run; after `mend` it goes on to the table that an unbroken one writes.
  void expect_resumable(const std::function<void()>& change, const std::function<void()>& mend, const fs::path& input) {
    RunOptions whole = options({input});
    whole.out = folder_ / "whole.csv";
    whole.chunk = 1000;
    run(whole);
    RunOptions chosen = whole;
    chosen.out = folder_ / "s.csv";
    EXPECT_THROW(run_with(change, chosen), Error);
    EXPECT_FALSE(fs::exists(folder_ / "s.csv"));
    mend();
    chosen.resume = true;
    run(chosen);
    EXPECT_EQ(table(), table("whole.csv"));
    EXPECT_EQ(table("s.rejected.csv"), table("whole.rejected.csv"));
  }
  void many_stacks(int count) const {
    for (int i = 0; i < count; ++i) stack(fmt::format("in/{}.npy", 1000 + i), 2, static_cast<float>(10 * i));
  }
};

TEST_F(ChangedList, AStackThatGoesDoesNotCountAsOneOfItsImages) {
  for (int i = 0; i < 60; ++i) stack(fmt::format("in/{}.npy", 100 + i), 40, static_cast<float>(100 * i));
  const fs::path last = folder_ / "in/159.npy";
  expect_resumable([&] { fs::rename(last, folder_ / "kept"); }, [&] { fs::rename(folder_ / "kept", last); }, folder_ / "in");
}

TEST_F(ChangedList, AListThatIsRewrittenStopsTheRun) {
  for (int i = 0; i < 40; ++i) cutout(fmt::format("in/{}.npy", i), static_cast<float>(i));
  std::string shorter, longer;
  for (int i = 0; i < 20'000; ++i) {  // more than is read ahead; all but the first are not there and set aside
    longer += fmt::format("in/{}.npy\n", i);
    if (i == 14'999) shorter = longer;
  }
  text("list.txt", longer);
  expect_resumable([&] { text("list.txt", shorter); }, [&] { text("list.txt", longer); }, folder_ / "list.txt");
}

TEST_F(ChangedList, NoImageIsLostWhereFewFilesCanBeOpen) {
  many_stacks(300);
  RunOptions whole = options({folder_ / "in"});
  whole.out = folder_ / "whole.csv";
  run(whole);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit few{48, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &few);
  RunOptions chosen = options({folder_ / "in"});
  chosen.readers = 40;
  const RunSummary summary = run(chosen);
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(summary.scored, 600);
  EXPECT_EQ(summary.rejected, 0);
  EXPECT_EQ(table(), table("whole.csv"));
}

}  // namespace
}  // namespace lensfind::score
