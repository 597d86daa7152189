#include "lensfind/score/about.h"

#include <cmath>
#include <fstream>
#include <limits>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/score/test_run.h"
#include "lensfind/sky/table.h"

namespace lensfind::score {
namespace {

using ::testing::ElementsAre;
namespace fs = std::filesystem;

/// Runs of a calibrated model.
class AboutTable : public Run {
 protected:
  void SetUp() override {
    Run::SetUp();
    scorer_.band_names = {"g"};
    scorer_.calibration =
        evaluate::Calibration{.slope = 2, .intercept = -1, .prevalence = .1, .fitted_on = "caf\xc3\xa9 \xf0\x9f\x94\xad 'x'"};
    scorer_.thresholds = {{"f1", 1.5, "validation"}, {"fpr_1e-3", std::numeric_limits<double>::infinity(), "validation"}};
    cutout("in/a.npy", 1);
    cutout("in/nan.npy", std::nanf(""));
  }
  RunSummary score_to(const std::string& name) {
    RunOptions chosen = options({folder_ / "in"});
    chosen.out = folder_ / name;
    return run(chosen);
  }
};

TEST_F(AboutTable, SaysForWhichShareOfLensesItsProbabilitiesAre) {
  std::vector<std::string> names{"s.csv", "s.fits"};
  if (sky::has_parquet()) names.emplace_back("s.parquet");
  for (const std::string& name : names) {
    score_to(name);
    const std::optional<About> about = read_about(folder_ / name);
    ASSERT_TRUE(about) << name;
    EXPECT_EQ(about->prevalence, 1e-3);
    EXPECT_EQ(about->calibration->slope, 2);
    EXPECT_EQ(about->calibration->fitted_on, scorer_.calibration->fitted_on);
    EXPECT_EQ(about->thresholds[0].name, "f1");
    EXPECT_EQ(about->thresholds[1].threshold, std::numeric_limits<double>::infinity());
    EXPECT_THAT(about->bands, ElementsAre("g"));
    EXPECT_EQ(about->inputs, 2);
    EXPECT_EQ(about->scored, 1);
    EXPECT_EQ(about->rejected, 1);
    fs::remove(folder_ / "s.rejected.csv");
  }
  EXPECT_DOUBLE_EQ(std::stod(sky::open_table(folder_ / "s.fits")->fact("PREVAL").value()), 1e-3);
}

TEST_F(AboutTable, SaysSoAgainWhenAFinishedRunIsResumed) {
  score_to("s.csv");
  RunOptions again = options({folder_ / "in"});
  again.resume = true;
  EXPECT_EQ(run(again).prevalence, 1e-3);
  again.prevalence = .5;  // the table has others
  EXPECT_THROW(run(again), Error);
}

TEST_F(AboutTable, AnUnfinishedRunWithAnInfiniteThresholdIsTakenUp) {
  const About about = about_run(scorer_, 1e-3);
  EXPECT_EQ(parse_json(to_json(to_json_value(about)), "x"), to_json_value(about));
}

TEST_F(AboutTable, IsNotKnownOfTablesFromElsewhere) {
  text("t.csv", "id,logit\na,1\n");
  EXPECT_FALSE(read_about(folder_ / "t.csv"));
  text("t.csv.run.json", "{\"about\": 3}");
  EXPECT_THROW(read_about(folder_ / "t.csv"), Error);
}

}  // namespace
}  // namespace lensfind::score
