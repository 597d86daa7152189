#include "lensfind/score/run.h"

#include <atomic>
#include <barrier>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/image/fits.h"
#include "lensfind/score/fake_engine.h"
#include "lensfind/score/test_folder.h"
#include "lensfind/sky/table.h"

namespace lensfind::score {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr ImageShape shape{1, 2, 2};

class Run : public TestFolder {
 protected:
  RunOptions options(std::vector<fs::path> inputs) const {
    RunOptions chosen{.out = folder_ / "s.csv", .inputs = std::move(inputs), .precision = Precision::f32, .chunk = 20};
    return chosen;
  }
  RunSummary run(const RunOptions& chosen) {
    FakeEngine engine{shape};
    return run_score(engine, scorer_, chosen);
  }
  std::string table(const char* name = "s.csv") const { return read_text(folder_ / name); }

  Scorer scorer_{.fingerprint = "a model"};
};

TEST_F(Run, WritesALineForEachInputInOrder) {
  cutout("in/10.npy", .25F);
  cutout("in/9.npy", -3);
  cutout("in/a, b.npy", 1e-7F);
  const RunSummary summary = run(options({folder_ / "in"}));
  EXPECT_EQ(table(), "id,logit,probability\n9,-3,\n10,0.25,\n\"a, b\",1e-07,\n");
  EXPECT_EQ(table("s.rejected.csv"), "input,reason\n");
  EXPECT_EQ(summary.scored, 3);
  EXPECT_EQ(summary.inputs, 3);
  EXPECT_FALSE(fs::exists(folder_ / "s.csv.parts"));
}

TEST_F(Run, TheLogitOfTwoOutputsIsTheirDifference) {
  cutout("in/a.npy", 2.5F);
  FakeEngine engine{shape, 2};
  run_score(engine, scorer_, options({folder_ / "in"}));
  EXPECT_EQ(table(), "id,logit,probability\na,2.5,\n");
}

TEST_F(Run, ProbabilitiesAreForTheAskedPrevalence) {
  // s = 2 logit - 1 = 1; at prevalence p the odds are e^s p / (1 - p): worked out with Python's math module.
  cutout("in/a.npy", 1);
  scorer_.calibration = model::Calibration{.slope = 2, .intercept = -1, .prevalence = .1};
  EXPECT_DOUBLE_EQ(*run(options({folder_ / "in"})).prevalence, .1);
  EXPECT_EQ(table(), "id,logit,probability\na,1,0.231969\n");
  RunOptions rare = options({folder_ / "in"});
  rare.prevalence = 1e-3;
  rare.overwrite = true;
  run(rare);
  EXPECT_EQ(table(), "id,logit,probability\na,1,0.00271362\n");
}

TEST_F(Run, SetsAsideWhatItCannotUse) {
  cutout("in/a.npy", 1);
  cutout("in/nan.npy", std::nanf(""));
  text("in/text.npy", "no array");
  fs::create_symlink("nowhere.npy", folder_ / "in/gone.npy");
  const RunSummary summary = run(options({folder_ / "in"}));
  EXPECT_EQ(table(), "id,logit,probability\na,1,\n");
  EXPECT_EQ(summary.rejected, 3);
  EXPECT_EQ(summary.inputs, 4);
  CsvReader rejected{folder_ / "s.rejected.csv"};
  std::vector<std::string> names;
  while (rejected.next()) {
    names.emplace_back(rejected[rejected.column("input")]);
    EXPECT_GT(rejected[rejected.column("reason")].size(), 10u);
    EXPECT_THAT(std::string{rejected[rejected.column("reason")]}, testing::Not(HasSubstr("/in/")));
  }
  EXPECT_THAT(names, ElementsAre("gone.npy", "nan.npy", "text.npy"));
}

TEST_F(Run, OfNothingIsAnError) {
  fs::create_directory(folder_ / "in");
  EXPECT_THROW(run(options({folder_ / "in"})), Error);
  EXPECT_FALSE(fs::exists(folder_ / "s.csv"));
  EXPECT_FALSE(fs::exists(folder_ / "s.csv.parts"));
}

TEST_F(Run, DoesNotReplaceATableUnasked) {
  stack("in.npy", 3, 0);
  RunOptions chosen = options({folder_ / "in.npy"});
  run(chosen);
  EXPECT_THROW(run(chosen), Error);
  chosen.overwrite = true;
  stack("in.npy", 1, 7);
  run(chosen);
  EXPECT_EQ(table(), "id,logit,probability\nin.npy#0,7,\n");
}

TEST_F(Run, ListsTheBestWithTheirPictures) {
  stack("in.npy", 70, 0);
  text("list.txt", "in.npy\nin.npy\n");  // each id and logit twice: the first comes first
  RunOptions chosen = options({folder_ / "in.npy"});
  chosen.top = 3;
  const RunSummary summary = run(chosen);
  EXPECT_EQ(table("s.top.csv"), "id,logit,probability\nin.npy#69,69,\nin.npy#68,68,\nin.npy#67,67,\n");
  ASSERT_EQ(summary.top.size(), 3u);
  EXPECT_EQ(summary.top[1].image.at(0, 1, 1), 68);
}

class RunOnFields : public Run {
 protected:
  /// Bands of a field around (ra, 2) degrees with pixels of 1 arcsec; pixel (column, row) of band b is 10000 b + 100 row + column.
  void field(const std::string& name, double ra, int bands) const {
    for (int b = 0; b < bands; ++b) {
      Image image{ImageShape{1, 20, 30}};
      for (int i = 0; i < 600; ++i) image.values()[static_cast<std::size_t>(i)] = static_cast<float>(10000 * b + 100 * (i / 30) + i % 30);
      write_fits(folder_ / fmt::format("{}_{}.fits", name, "gri"[b]), image.view(),
                 {{"CTYPE1", std::string{"RA---TAN"}, ""},
                  {"CTYPE2", std::string{"DEC--TAN"}, ""},
                  {"CRVAL1", ra, ""},
                  {"CRVAL2", 2.0, ""},
                  {"CRPIX1", 15.5, ""},
                  {"CRPIX2", 10.5, ""},
                  {"CD1_1", -1 / 3600., ""},
                  {"CD2_2", 1 / 3600., ""}});
    }
  }
};

TEST_F(RunOnFields, CutsTheObjectsOfACatalogue) {
  field("east", 150, 2);
  field("west", 149, 2);
  text("c.csv",
       "id,ra,dec,logit\n18446744073709551615,150,2,a\nin the west,149,2,\"b, c\"\nnowhere,10,10,\nbad,x,2,\n"
       "near the edge,149,2.0025,\nat the edge,149,2.00277,\n");
  RunOptions chosen = options({folder_});
  chosen.catalogue = folder_ / "c.csv";
  chosen.bands = {"g", "r"};
  chosen.top = 1;
  FakeEngine engine{{2, 10, 10}};
  const RunSummary summary = run_score(engine, scorer_, chosen);
  // The place (14.5, 9.5) is at (4.5, 4.5) of the cut, which begins at column 10 and row 5; 9 arcsec further north the cut begins at row 14
  // and four rows of ten lie beyond the edge.
  EXPECT_EQ(
      table(),
      "id,logit,probability,ra,dec,catalogue_logit,missing\n18446744073709551615,510,,150,2,a,0\nin the west,510,,149,2,\"b, c\",0\n");
  EXPECT_EQ(summary.inputs, 6);
  EXPECT_EQ(summary.rejected, 4);
  EXPECT_THAT(table("s.rejected.csv"),
              AllOf(HasSubstr("nowhere,it lies in none"), HasSubstr("bad,its ra and dec"), HasSubstr("edge,40% of a band")));
  EXPECT_EQ(table("s.top.csv"), "id,logit,probability,ra,dec,catalogue_logit,missing\n18446744073709551615,510,,150,2,a,0\n");
  EXPECT_EQ(summary.top.at(0).image.at(1, 0, 0), 10510);
}

TEST_F(RunOnFields, PadsALittleAtTheEdgeAndSaysSo) {
  field("one", 150, 1);
  text("c.csv", "id,ra,dec\nedge,150,2.00166\n");  // 6 arcsec north: the cut begins at row 11 and its last row lies beyond the edge
  RunOptions chosen = options({folder_ / "one_g.fits"});
  chosen.catalogue = folder_ / "c.csv";
  FakeEngine engine{{1, 10, 10}};
  run_score(engine, scorer_, chosen);
  EXPECT_EQ(table(), "id,logit,probability,ra,dec,missing\nedge,1110,,150,2.00166,0.1\n");
}

TEST_F(RunOnFields, NeedsFieldsOfTheModelsBands) {
  field("one", 150, 2);
  text("c.csv", "id,ra,dec\na,150,2\n");
  RunOptions chosen = options({folder_});
  chosen.catalogue = folder_ / "c.csv";
  chosen.bands = {"g", "r", "i"};
  FakeEngine engine{{3, 10, 10}};
  EXPECT_THROW(run_score(engine, scorer_, chosen), Error);
}

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
      while (fs::exists(folder_ / "s.csv.parts" / fmt::format("{:06}.chunk", count))) ++count;
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

  std::vector<fs::path> inputs_;
};

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

/// Ranks that are threads of the test.
class ThreadRanks final : public Ranks {
 public:
  ThreadRanks(int rank, std::atomic<std::int64_t>& counter, std::barrier<>& all) : rank_{rank}, counter_{counter}, all_{all} {}
  int rank() const override { return rank_; }
  int count() const override { return 3; }
  std::int64_t take() override { return counter_++; }
  void wait_for_all() override { all_.arrive_and_wait(); }

 private:
  int rank_;
  std::atomic<std::int64_t>& counter_;
  std::barrier<>& all_;
};

TEST_F(Resuming, RanksMakeTheSameTableTogether) {
  kill_after(2, false);  // what one process left, three go on with
  std::atomic<std::int64_t> counter{0};
  std::barrier<> all{3};
  std::atomic<std::int64_t> seen{0};
  std::vector<std::jthread> threads;
  for (int rank = 0; rank < 3; ++rank) {
    threads.emplace_back([&, rank] {
      ThreadRanks ranks{rank, counter, all};
      FakeEngine engine{shape};
      RunOptions chosen = options(inputs_);
      chosen.ranks = &ranks;
      chosen.resume = true;
      const RunSummary summary = run_score(engine, scorer_, chosen);
      EXPECT_EQ(summary.complete, rank == 0);
      seen += engine.cutouts_seen;
    });
  }
  threads.clear();
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

TEST_F(RunOnFields, WritesTheSameRowsAsFits) {
  field("one", 150, 1);
  text("c.csv", "id,ra,dec,tile\n9223372036854775807,150,2,007\n-1,150,2.0001,8\nnowhere,1,1,9\n");
  RunOptions chosen = options({folder_ / "one_g.fits"});
  chosen.catalogue = folder_ / "c.csv";
  chosen.out = folder_ / "s.fits";
  chosen.top = 1;
  FakeEngine engine{{1, 10, 10}};
  const RunSummary summary = run_score(engine, scorer_, chosen);
  EXPECT_EQ(summary.scored, 2);
  EXPECT_EQ(summary.rejected, 1);
  const auto rows = sky::open_table(folder_ / "s.fits");
  EXPECT_THAT(rows->columns(), ElementsAre("id", "logit", "probability", "ra", "dec", "tile", "missing"));
  std::vector<std::string> fields;
  ASSERT_TRUE(rows->next(fields));
  EXPECT_THAT(fields, ElementsAre("9223372036854775807", "510", "", "150", "2", "007", "0"));
  ASSERT_TRUE(rows->next(fields));
  EXPECT_THAT(fields, ElementsAre("-1", "510", "", "150", "2.0001", "8", "0"));
  EXPECT_FALSE(rows->next(fields));
  EXPECT_EQ(table("s.top.csv"), "id,logit,probability,ra,dec,tile,missing\n9223372036854775807,510,,150,2,007,0\n");
  chosen.resume = true;
  EXPECT_EQ(run_score(engine, scorer_, chosen).scored, 2);  // it was finished
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
