#include "lensfind/score/run.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/score/test_run.h"

namespace lensfind::score {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

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
  scorer_.calibration = evaluate::Calibration{.slope = 2, .intercept = -1, .prevalence = .1};
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

}  // namespace
}  // namespace lensfind::score
