#include <atomic>
#include <cstdlib>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/score/test_resuming.h"
#include "lensfind/testing/thread_ranks.h"

namespace lensfind::score {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

TEST_F(Resuming, ShardsMakeTheSameTableTogether) {
  for (const int index : {2, 0, 1}) {
    FakeEngine engine{shape};
    RunOptions chosen = options(inputs_);
    chosen.shard = {index, 3};
    const RunSummary summary = run_score(engine, scorer_, chosen);
    EXPECT_EQ(summary.complete, index == 1);  // the last one puts it together
    EXPECT_LE(engine.cutouts_seen, 60);       // three of eight chunks of 20
  }
  EXPECT_EQ(table(), table("whole.csv"));
  EXPECT_EQ(table("s.rejected.csv"), table("whole.rejected.csv"));
  EXPECT_FALSE(fs::exists(folder_ / "s.csv.parts"));
}

TEST_F(Resuming, ShardsThatComeTooLateSaySo) {
  // Eight chunks and twelve shards: four of them have nothing to do, and come when the table is there.
  for (int index = 0; index < 12; ++index) {
    FakeEngine engine{shape};
    RunOptions chosen = options(inputs_);
    chosen.shard = {index, 12};
    const RunSummary summary = run_score(engine, scorer_, chosen);
    EXPECT_EQ(summary.complete, index == 7);
    EXPECT_EQ(engine.cutouts_seen == 0, index > 7) << index;
    if (index > 7) {
      EXPECT_THAT(summary.notes, ::testing::Contains(HasSubstr("finished already")));
    }
  }
  EXPECT_EQ(table(), table("whole.csv"));
  EXPECT_FALSE(fs::exists(folder_ / "s.csv.parts"));
  RunOptions other = options(inputs_);
  other.shard = {9, 12};
  scorer_.fingerprint = "another model";
  EXPECT_THROW(run(other), Error);
}

TEST_F(Resuming, RanksMakeTheSameTableTogether) {
  kill_after(2, false);  // what one process left, three go on with
  std::atomic<std::int64_t> seen{0};
  test::run_ranks(3, [&](Ranks& ranks) {
    FakeEngine engine{shape};
    RunOptions chosen = options(inputs_);
    chosen.ranks = &ranks;
    chosen.resume = true;
    const RunSummary summary = run_score(engine, scorer_, chosen);
    EXPECT_EQ(summary.complete, ranks.rank() == 0);
    seen += engine.cutouts_seen;
  });
  EXPECT_EQ(table(), table("whole.csv"));
  EXPECT_EQ(table("s.rejected.csv"), table("whole.rejected.csv"));
  EXPECT_LE(seen, 152 - 2 * 20);  // no chunk was made twice
}

TEST_F(Resuming, ChunksOfShardsOnSeveralDisksAreMerged) {
  std::vector<fs::path> parts;
  for (const int index : {0, 1, 2}) {
    FakeEngine engine{shape};
    RunOptions chosen = options(inputs_);
    chosen.out = folder_ / fmt::format("{}.csv", index);
    chosen.shard = {index, 3};
    run_score(engine, scorer_, chosen);
    parts.push_back(folder_ / fmt::format("{}.csv.parts", index));
  }
  const RunSummary merged = merge_chunks(parts, folder_ / "s.csv");
  EXPECT_EQ(merged.scored, 152);
  EXPECT_EQ(table(), table("whole.csv"));
  EXPECT_EQ(table("s.rejected.csv"), table("whole.rejected.csv"));
  parts.pop_back();
  try {
    merge_chunks(parts, folder_ / "part.csv");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "2 of 8 chunks are missing or damaged: 2, 5");
  }
  EXPECT_FALSE(fs::exists(folder_ / "part.csv"));
}

TEST_F(Resuming, TwoRunsDoNotWriteOneTable) {
  std::atomic<int> refused{0};
  FakeEngine engine{shape};
  engine.before = [&](std::span<const float>) {
    RunOptions second = options(inputs_);
    second.overwrite = true;
    try {
      run(second);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("is writing " + second.out.string()));
      ++refused;
    }
  };
  run_score(engine, scorer_, options(inputs_));
  EXPECT_GT(refused, 10);
  EXPECT_EQ(table(), table("whole.csv"));
  EXPECT_FALSE(fs::exists(folder_ / "s.csv.lock"));
}

TEST_F(Resuming, ATableIsNotMergedWhereARunWritesIt) {
  std::atomic<int> refused{0};
  FakeEngine engine{shape};
  engine.before = [&](std::span<const float>) {
    try {
      merge_chunks({folder_ / "s.csv.parts"}, folder_ / "s.csv");
    } catch (const Error& error) {
      if (std::string{error.what()}.find("is writing") != std::string::npos) ++refused;
    }
  };
  run_score(engine, scorer_, options(inputs_));
  EXPECT_GT(refused, 0);
}

TEST(ShardFromSlurm, IsTheTaskOfAnArray) {
  for (const char* name : {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN"}) ::unsetenv(name);
  EXPECT_FALSE(shard_from_slurm());
  ::setenv("SLURM_ARRAY_TASK_ID", "7", 1);
  ::setenv("SLURM_ARRAY_TASK_COUNT", "8", 1);
  EXPECT_EQ(shard_from_slurm()->index, 7);
  ::setenv("SLURM_ARRAY_TASK_MIN", "1", 1);  // --array=1-8
  EXPECT_EQ(shard_from_slurm()->index, 6);
  EXPECT_EQ(shard_from_slurm()->count, 8);
  ::setenv("SLURM_ARRAY_TASK_ID", "11", 1);  // --array=1-15:2
  EXPECT_THROW(shard_from_slurm(), Error);
  for (const char* name : {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN"}) ::unsetenv(name);
}

TEST(ShardFromText, IsIndexAndCount) {
  EXPECT_EQ(shard_from_text("2/8").index, 2);
  EXPECT_EQ(shard_from_text("2/8").count, 8);
  for (const char* text : {"8/8", "1", "-1/3", "a/b", "", "1/"}) EXPECT_THROW(shard_from_text(text), Error) << text;
}

}  // namespace
}  // namespace lensfind::score
