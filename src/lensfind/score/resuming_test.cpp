#include <atomic>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/score/test_resuming.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

TEST_F(Resuming, YieldsTheSameBytes) {
  kill_after(2, false);
  EXPECT_FALSE(fs::exists(folder_ / "s.csv"));
  kill_after(2, true);
  FakeEngine engine{shape};
  RunOptions chosen = options(inputs_);
  chosen.resume = true;
  const RunSummary summary = run_score(engine, scorer_, chosen);
  EXPECT_EQ(table(), table("whole.csv"));
  EXPECT_EQ(table("s.rejected.csv"), table("whole.rejected.csv"));
  EXPECT_EQ(summary.inputs, 160);
  EXPECT_EQ(summary.rejected, 8);
  EXPECT_EQ(summary.scored, 152);
  EXPECT_LE(engine.cutouts_seen, 152 - 4 * 20);
  EXPECT_FALSE(fs::exists(folder_ / "s.csv.parts"));
}

TEST_F(Resuming, MakesADamagedChunkAnew) {
  kill_after(3, false);
  text("s.csv.parts/000000.chunk", "{}\nin/1.npy#0,3,\n");
  RunOptions chosen = options(inputs_);
  chosen.resume = true;
  run(chosen);
  EXPECT_EQ(table(), table("whole.csv"));
}

TEST_F(Resuming, TakesNoChunkOfAnotherRun) {
  scorer_.fingerprint = "another model";
  kill_after(2, false);
  fs::rename(folder_ / "s.csv.parts/000000.chunk", folder_ / "another");
  scorer_.fingerprint = "a model";
  RunOptions chosen = options(inputs_);
  chosen.overwrite = true;
  FakeEngine engine{shape};
  engine.before = [&](std::span<const float> cutouts) {
    if (cutouts[0] >= 40) throw Killed{};
  };
  EXPECT_THROW(run_score(engine, scorer_, chosen), Killed);
  // As a second process would have left it that did not know of the lock.
  fs::rename(folder_ / "another", folder_ / "s.csv.parts/000000.chunk");
  chosen.overwrite = false;
  chosen.resume = true;
  FakeEngine second{shape};
  run_score(second, scorer_, chosen);
  EXPECT_EQ(table(), table("whole.csv"));
  EXPECT_GE(second.cutouts_seen, 20);
}

TEST_F(Resuming, NeedsTheSameModelAndInputs) {
  kill_after(1, false);
  RunOptions chosen = options(inputs_);
  EXPECT_THROW(run(chosen), Error);  // neither --resume nor --overwrite
  chosen.resume = true;
  scorer_.fingerprint = "another model";
  EXPECT_THROW(run(chosen), Error);
  scorer_.fingerprint = "a model";
  cutout("in/new.npy", 1);
  EXPECT_THROW(run(chosen), Error);
  fs::remove(folder_ / "in/new.npy");
  run(chosen);
  EXPECT_EQ(table(), table("whole.csv"));
}

TEST_F(Resuming, AFinishedRunDoesNothing) {
  RunOptions chosen = options(inputs_);
  run(chosen);
  chosen.resume = true;
  chosen.top = 1;
  FakeEngine engine{shape};
  const RunSummary summary = run_score(engine, scorer_, chosen);
  EXPECT_EQ(engine.cutouts_seen, 0);
  EXPECT_EQ(summary.scored, 152);
  EXPECT_EQ(summary.top.at(0).id, "1.npy#129");
}

TEST_F(Resuming, StoppedRunsGoOn) {
  FakeEngine engine{shape};
  StopFlag stop{false};
  std::atomic<int> calls{0};
  engine.before = [&](std::span<const float>) {
    if (++calls == 10) stop = true;
  };
  RunOptions chosen = options(inputs_);
  EXPECT_THROW(run_score(engine, scorer_, chosen, no_progress(), stop), Stopped);
  chosen.resume = true;
  run(chosen);
  EXPECT_EQ(table(), table("whole.csv"));
}

TEST_F(Resuming, AFolderThatHasGoneIsNotSetAside) {
  FakeEngine engine{shape};
  std::atomic<bool> moved{false};
  engine.before = [&](std::span<const float>) {
    if (!moved.exchange(true)) fs::rename(folder_ / "in", folder_ / "away");
  };
  RunOptions chosen = options(inputs_);
  EXPECT_THROW(run_score(engine, scorer_, chosen), Error);
  fs::rename(folder_ / "away", folder_ / "in");
  chosen.resume = true;
  run(chosen);
  EXPECT_EQ(table(), table("whole.csv"));
  EXPECT_EQ(table("s.rejected.csv"), table("whole.rejected.csv"));
}

}  // namespace
}  // namespace lensfind::score
