#include <cerrno>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "lensfind/base/error.h"
#include "lensfind/score/out_check.h"
#include "lensfind/score/test_run.h"
#include "lensfind/sky/table.h"

namespace lensfind::score {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// What becomes of a run's OUT.
class Out : public Run {
 protected:
  void SetUp() override {
    Run::SetUp();
    cutout("good/a.npy", 1);
    cutout("mixed/a.npy", 1);
    text("mixed/bad.npy", "no array");
  }
  /// Why a run to `out` is refused, or empty; nothing may be scored then.
  std::string refusal(const fs::path& out, bool overwrite = true) {
    RunOptions chosen = options({folder_ / "good"});
    chosen.out = out;
    chosen.overwrite = overwrite;
    FakeEngine engine{shape};
    try {
      run_score(engine, scorer_, chosen);
      return {};
    } catch (const Error& error) {
      EXPECT_EQ(engine.cutouts_seen, 0) << out;
      return error.what();
    }
  }
  RunOptions to(const char* name, const char* input) const {
    RunOptions chosen = options({folder_ / input});
    chosen.out = folder_ / name;
    return chosen;
  }
};

TEST(TableNames, AreOfTheWholeNameUnlessItIsCsv) {
  EXPECT_EQ(TableNames{"d/s.csv"}.rejected, "d/s.rejected.csv");
  EXPECT_EQ(TableNames{"d/s.csv"}.top, "d/s.top.csv");
  EXPECT_EQ(TableNames{"d/s.csv"}.page, "d/s.top.html");
  EXPECT_EQ(TableNames{"d/s.csv"}.record, "d/s.csv.run.json");
  EXPECT_EQ(TableNames{"d/s.fits"}.rejected, "d/s.fits.rejected.csv");
  EXPECT_EQ(TableNames{"s.v2.parquet"}.top, "s.v2.parquet.top.csv");
  EXPECT_EQ(TableNames{"a.txt"}.rejected, "a.txt.rejected.csv");
}

TEST_F(Out, OfTwoTablesDoNotShareFiles) {
  run(to("s.csv", "mixed"));
  const std::string before = table("s.rejected.csv");
  EXPECT_THAT(before, HasSubstr("bad.npy"));
  run(to("s.fits", "good"));
  EXPECT_EQ(table("s.rejected.csv"), before);
  EXPECT_EQ(table("s.fits.rejected.csv"), "input,reason\n");
  EXPECT_THROW(run(to("s", "good")), Error);  // whose rejected inputs would have the name of s.csv's
  EXPECT_EQ(table("s.rejected.csv"), before);
}

TEST_F(Out, OfAResumedRunReportsItsOwnRejects) {
  run(to("a.csv", "mixed"));
  RunOptions chosen = to("a.txt", "good");
  EXPECT_EQ(run(chosen).rejected, 0);
  chosen.resume = true;
  EXPECT_EQ(run(chosen).rejected, 0);
}

TEST_F(Out, FilesOfOthersAreNotReplacedUnasked) {
  for (const char* name : {"s.rejected.csv", "s.csv.run.json", "s.top.csv", "s.top.html"}) {
    text(name, "somebody's");
    RunOptions chosen = to("s.csv", "good");
    chosen.top = 1;
    EXPECT_THROW(run(chosen), Error) << name;
    chosen.resume = true;  // there is nothing to resume
    EXPECT_THROW(run(chosen), Error) << name;
    EXPECT_EQ(table(name), "somebody's");
    EXPECT_FALSE(fs::exists(folder_ / "s.csv"));
    chosen.resume = false;
    chosen.overwrite = true;
    run(chosen);
    for (const auto& entry : fs::directory_iterator{folder_}) {
      if (entry.is_regular_file()) fs::remove(entry);
    }
  }
}

TEST_F(Out, ATableThatWasRemovedIsMadeAnew) {
  run(to("s.csv", "good"));
  fs::remove(folder_ / "s.csv");
  run(to("s.csv", "good"));
  EXPECT_TRUE(fs::exists(folder_ / "s.csv"));
}

TEST_F(Out, IsTriedBeforeAnythingIsScored) {
  fs::create_directory(folder_ / "folder");
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(refusal(""), HasSubstr("empty"));
  EXPECT_THAT(refusal(folder_ / "folder"), HasSubstr("is a folder"));
  EXPECT_THAT(refusal(folder_ / "folder/"), HasSubstr("is a folder"));
  EXPECT_THAT(refusal(folder_ / "pipe"), HasSubstr("pipe"));
  EXPECT_THAT(refusal("/dev/null"), HasSubstr("device"));
  EXPECT_THAT(refusal(folder_ / "nowhere/s.csv"), HasSubstr("nowhere"));
  EXPECT_THAT(refusal(folder_ / (std::string(250, 'x') + ".csv")), HasSubstr("too long"));
  EXPECT_THAT(refusal(folder_ / (std::string(238, 'x') + ".csv")), HasSubstr("too long"));  // of the rejected inputs
  EXPECT_THAT(refusal(folder_ / "s.fits.gz"), HasSubstr("uncompressed"));
  if (!sky::has_parquet()) {
    EXPECT_THAT(refusal(folder_ / "s.parquet"), HasSubstr("arquet"));
  }
  fs::create_directory(folder_ / "s.rejected.csv");
  EXPECT_THAT(refusal(folder_ / "s.csv"), HasSubstr("is a folder"));
  EXPECT_TRUE(fs::is_fifo(folder_ / "pipe"));
  EXPECT_FALSE(fs::exists(folder_ / "s.csv.parts"));
}

TEST_F(Out, NoFileOfOthersIsRemovedFromItsFolder) {
  text("s.csv.parts/thesis.tex", "years");
  text("s.csv.parts/chapters/1.tex", "years");
  RunOptions chosen = to("s.csv", "good");
  for (const bool overwrite : {false, true}) {
    chosen.overwrite = overwrite;
    EXPECT_THROW(run(chosen), Error);
    EXPECT_EQ(table("s.csv.parts/thesis.tex"), "years");
    EXPECT_EQ(table("s.csv.parts/chapters/1.tex"), "years");
  }
}

TEST_F(Out, IsNeverWhatIsRead) {
  text("list.csv", "path\ngood/a.npy\n");
  RunOptions chosen = options({folder_ / "list.csv"});
  chosen.out = folder_ / "list.csv";
  chosen.overwrite = true;
  EXPECT_THROW(run(chosen), Error);
  EXPECT_EQ(table("list.csv"), "path\ngood/a.npy\n");
}

TEST_F(Out, SaysWhatMadeIt) {
  run(to("s.csv", "mixed"));
  const Value record = read_json(folder_ / "s.csv.run.json");
  EXPECT_EQ(record.at("model").as_string(), "a model");
  EXPECT_EQ(record.at("inputs").as_integer(), 2);
  EXPECT_EQ(record.at("scored").as_integer(), 1);
  EXPECT_EQ(record.at("rejected").as_integer(), 1);
  EXPECT_EQ(record.at("readings").at("resampled").as_integer(), 0);
}

TEST_F(Out, OfAFinishedRunIsNotAnothersToResume) {
  RunOptions chosen = to("s.csv", "good");
  run(chosen);
  chosen.resume = true;
  EXPECT_EQ(run(chosen).scored, 1);
  cutout("good/b.npy", 1);
  EXPECT_THROW(run(chosen), Error);  // or the new one would seem to be scored
  fs::remove(folder_ / "good/b.npy");
  scorer_.fingerprint = "another model";
  EXPECT_THROW(run(chosen), Error);
  scorer_.fingerprint = "a model";
  fs::remove(folder_ / "s.csv.run.json");  // of an earlier version
  EXPECT_THROW(run(chosen), Error);
}

}  // namespace
}  // namespace lensfind::score
