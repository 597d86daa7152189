#include <cmath>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lensfind/base/value.h"
#include "lensfind/cutouts/test_folder.h"
#include "lensfind/score/fake_engine.h"
#include "lensfind/score/portions.h"
#include "lensfind/score/run.h"

namespace lensfind::score {
namespace {

constexpr image::ImageShape shape{1, 2, 2};

/// The student's logit is a cutout's pixel, the teacher's (two outputs) that and 100.
class CascadeRun : public cutouts::TestFolder {
 protected:
  CascadeRun() { teacher_.offset = 100; }

  RunSummary run(const RunOptions& options) { return run_score(teacher_, scorer_, options, no_progress(), never_stop(), &student_); }
  RunOptions options(std::int64_t chunk = 4096) const {
    return {.out = folder_ / "s.csv", .inputs = {folder_ / "in"}, .precision = Precision::f32, .chunk = chunk};
  }

  FakeEngine student_{shape}, teacher_{shape, 2};
  Scorer scorer_{.fingerprint = "a cascade", .cascade = model::Cascade{.cut = 2, .floor = 50, .slope = 3}};
};

TEST_F(CascadeRun, TheTeacherSeesWhatPassesTheCut) {
  cutout("in/a.npy", 3);
  cutout("in/b.npy", 1.5F);
  cutout("in/c.npy", -4);
  cutout("in/d.npy", 2);
  const RunSummary summary = run(options());
  EXPECT_EQ(read_text(folder_ / "s.csv"), "id,logit,probability,stage\na,103,,teacher\nb,48.5,,student\nc,32,,student\nd,102,,teacher\n");
  EXPECT_EQ(teacher_.cutouts_seen, 2);
  EXPECT_EQ(student_.cutouts_seen, 4);
  EXPECT_EQ(summary.scored, 4);
}

TEST_F(CascadeRun, WhatTheStudentCutsOffRanksBelowAllTheTeacherSaw) {
  cutout("in/a.npy", 2);
  cutout("in/b.npy", std::nextafter(2.F, 0.F));  // as near to the cut as can be
  teacher_.offset = -1000;
  run(options());
  EXPECT_EQ(read_text(folder_ / "s.csv"), "id,logit,probability,stage\na,50,,teacher\nb,49.999996,,student\n");
}

TEST_F(CascadeRun, AProbabilityIsThatOfTheStageThatJudged) {
  cutout("in/a.npy", 3);
  cutout("in/b.npy", 1);
  scorer_.calibration = evaluate::Calibration{.slope = .1, .intercept = -10, .prevalence = .5};
  scorer_.student_calibration = evaluate::Calibration{.slope = 2, .intercept = -3, .prevalence = .5};
  RunOptions chosen = options();
  chosen.prevalence = .5;
  run(chosen);
  // 1 / (1 + exp(-(.1 x 103 - 10))) and 1 / (1 + exp(-(2 x 1 - 3)))
  EXPECT_EQ(read_text(folder_ / "s.csv"), "id,logit,probability,stage\na,103,0.574443,teacher\nb,47,0.268941,student\n");
}

TEST_F(CascadeRun, RejectedInputsStandBetweenAndTheOrderStays) {
  for (int i = 100; i < 160; ++i) {
    if (i % 7 == 0) {
      text(fmt::format("in/{}.npy", i), "no array");
    } else {
      cutout(fmt::format("in/{}.npy", i), static_cast<float>(i % 5));
    }
  }
  const RunSummary summary = run(options(16));
  EXPECT_EQ(summary.scored, 52);
  EXPECT_EQ(summary.rejected, 8);
  std::string expected = "id,logit,probability,stage\n";
  for (int i = 100; i < 160; ++i) {
    if (i % 7 == 0) continue;
    const int pixel = i % 5;
    expected += pixel >= 2 ? fmt::format("{},{},,teacher\n", i, pixel + 100) : fmt::format("{},{},,student\n", i, 50 + 3 * (pixel - 2));
  }
  EXPECT_EQ(read_text(folder_ / "s.csv"), expected);
}

TEST_F(CascadeRun, ShardsMergeToTheSameTable) {
  for (int i = 100; i < 200; ++i) cutout(fmt::format("in/{}.npy", i), static_cast<float>(i % 5));
  run(options(8));
  const std::string whole = read_text(folder_ / "s.csv");
  for (const char* name : {"s.csv", "s.rejected.csv", "s.csv.run.json"}) std::filesystem::remove(folder_ / name);
  RunOptions shard = options(8);
  for (const int index : {0, 1}) {
    shard.shard = {index, 2};
    run(shard);
  }
  EXPECT_EQ(read_text(folder_ / "s.csv"), whole);
}

TEST_F(CascadeRun, TheBestKeepTheirStage) {
  cutout("in/a.npy", 3);
  cutout("in/b.npy", -1);
  RunOptions chosen = options();
  chosen.top = 2;
  const RunSummary summary = run(chosen);
  EXPECT_EQ(read_text(*summary.top_table), "id,logit,probability,stage\na,103,,teacher\nb,41,,student\n");
  ASSERT_EQ(summary.top.size(), 2u);
  EXPECT_EQ(summary.top[0].stage, "teacher");
  EXPECT_EQ(summary.top[1].stage, "student");
}

}  // namespace
}  // namespace lensfind::score
