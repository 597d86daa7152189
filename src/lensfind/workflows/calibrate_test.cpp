#include "lensfind/workflows/calibrate.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/model/seen.h"
#include "lensfind/testing/told_progress.h"
#include "lensfind/workflows/test_finder.h"

namespace lensfind::workflows {
namespace {

using testing::Contains;
using testing::HasSubstr;
namespace fs = std::filesystem;

class CalibrateModel : public FinderTest {
 protected:
  CalibrateOptions options() const {
    CalibrateOptions chosen;
    chosen.model = finder("mean.onnx", 1);
    chosen.out = folder_ / "m";
    chosen.on.data = folder_ / "set";
    chosen.on.threads = 1;
    return chosen;
  }
};

/// Over lenses and non-lenses of one step each, the derivative of the fit's likelihood by its intercept is 0 where the probabilities at the
/// data's own prevalence add up to the number of lenses.
TEST_F(CalibrateModel, GivesProbabilitiesThatAddUpToTheLenses) {
  set("set", steps(40, 2), steps(60, 0));
  const CalibrateResult result = calibrate(options());
  ASSERT_TRUE(result.model.calibration);
  const evaluate::Calibration& fit = *result.model.calibration;
  EXPECT_EQ(fit.lenses, 40);
  EXPECT_EQ(fit.nonlenses, 60);
  EXPECT_GT(fit.slope, 0);
  double sum = 0;
  for (const auto& [count, above] : {std::pair{40, 2.F}, std::pair{60, 0.F}})
    for (const float mean : steps(count, above)) sum += fit.probability(mean, .4);
  EXPECT_NEAR(sum, 40, .5);
}

TEST_F(CalibrateModel, LeavesAModelFolderThatRemembersWhatItSaw) {
  set("set", steps(20, 2), steps(30, 0));
  const CalibrateResult result = calibrate(options());
  const model::Model again = model::load_model(folder_ / "m");
  EXPECT_EQ(again.thresholds.size(), result.model.thresholds.size());
  const evaluate::Scores validation = evaluate::read_scores(folder_ / "m/validation.csv");
  ASSERT_EQ(validation.size(), 50U);
  for (const evaluate::Score& row : validation)
    EXPECT_NEAR(row.probability, result.model.calibration->probability(row.logit, result.model.calibration->prevalence), 1e-5);
  const model::SeenCutouts seen = model::read_seen(folder_ / "m");
  EXPECT_EQ(seen.size(), 50U);
  EXPECT_TRUE(std::ranges::all_of(seen, [](const auto& one) { return one.second == model::SeenFor::calibration; }));
}

TEST_F(CalibrateModel, AddsAThresholdForEachTarget) {
  set("set", steps(40, 2), steps(60, 0));
  CalibrateOptions with_target = options();
  with_target.on.targets = {"recall=.5"};
  EXPECT_THROW(calibrate(with_target), Error) << "no prevalence";
  with_target.on.prevalence = .01;
  const CalibrateResult result = calibrate(with_target);
  ASSERT_EQ(result.targets.size(), 1U);
  EXPECT_EQ(result.model.thresholds.back().name, "recall=0.5");
  const std::vector<float> lenses = steps(40, 2);
  const auto found = std::ranges::count_if(lenses, [&](float mean) { return mean >= result.targets[0].point.threshold; });
  EXPECT_GE(found, 20);
  EXPECT_LE(found, 22);
}

TEST_F(CalibrateModel, WarnsWhereLensesScoreLower) {
  set("set", steps(20, 0), steps(30, 10));
  test::ToldProgress told;
  const CalibrateResult result = calibrate(options(), told);
  EXPECT_FALSE(result.model.calibration);
  EXPECT_THAT(told.warnings, Contains(HasSubstr("do not score higher")));
}

TEST_F(CalibrateModel, RefusesTooFewLensesAndLeavesNothing) {
  set("set", steps(3, 2), steps(30, 0));
  EXPECT_THROW(calibrate(options()), Error);
  EXPECT_FALSE(fs::exists(folder_ / "m"));
}

}  // namespace
}  // namespace lensfind::workflows
