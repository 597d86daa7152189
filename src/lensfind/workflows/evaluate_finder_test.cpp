#include "lensfind/workflows/evaluate_finder.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/testing/told_progress.h"
#include "lensfind/workflows/test_finder.h"

namespace lensfind::workflows {
namespace {

using testing::Contains;
using testing::HasSubstr;
namespace fs = std::filesystem;

class EvaluateFinder : public FinderTest {
 protected:
  EvaluateOptions options() const {
    EvaluateOptions chosen;
    chosen.model = finder("mean.onnx", 1);
    chosen.out = folder_ / "e";
    chosen.command = "a test's own words";
    chosen.on.data = folder_ / "set";
    chosen.on.bootstrap_draws = 10;
    chosen.on.threads = 1;
    return chosen;
  }
};

/// Lens i beats the non-lenses below i / 2 + 2: non-lens j with j < i + 4, and ties with j = i + 4.
TEST_F(EvaluateFinder, CountsTheAucAsByHandAndLeavesItsFiles) {
  constexpr int count = 20;
  set("set", steps(count, 2), steps(count, 0));
  double pairs = 0;
  for (int i = 0; i < count; ++i)
    for (int j = 0; j < count; ++j) pairs += j < i + 4 ? 1 : j == i + 4 ? .5 : 0;

  const EvaluateResult result = evaluate_finder(options());
  EXPECT_DOUBLE_EQ(result.model.evaluation.auc.value, pairs / (count * count));
  EXPECT_LT(result.model.evaluation.auc.low, result.model.evaluation.auc.value);
  EXPECT_EQ(result.model.name, "mean.onnx");
  EXPECT_TRUE(result.whole_way.empty());
  const Value json = read_json(folder_ / "e/evaluation.json");
  EXPECT_DOUBLE_EQ(json.at("auc").at("value").as_number(), pairs / (count * count));
  EXPECT_EQ(json.at("lenses").as_integer(), count);
  EXPECT_EQ(result.report, folder_ / "e/report.html");
  EXPECT_THAT(read("e/report.html"), HasSubstr("a test's own words"));
  EXPECT_FALSE(fs::exists(folder_ / "e/rejected.csv"));
}

TEST_F(EvaluateFinder, OfATableIsTheSameAsOfTheModelThatMadeIt) {
  set("set", steps(12, 1), steps(30, 0));
  const EvaluateResult by_model = evaluate_finder(options());
  EvaluateOptions of_table = options();
  of_table.model.clear();
  of_table.on.data.clear();
  of_table.scores.scores = folder_ / "e/scores.csv";
  of_table.out = folder_ / "t";
  const EvaluateResult by_table = evaluate_finder(of_table);
  const Value one = figures_of(by_model.model), other = figures_of(by_table.model);
  for (const char* figure : {"auc", "average_precision", "tpr_at_fpr", "lenses", "nonlenses"})
    EXPECT_EQ(one.at(figure), other.at(figure)) << figure;
}

TEST_F(EvaluateFinder, TakesOneClassAloneAndTellsItsNotes) {
  set("set", steps(10, 2), {});
  text("set/test_lenses/x.npy", "no array");
  test::ToldProgress told;
  const EvaluateResult result = evaluate_finder(options(), told);
  ASSERT_TRUE(result.model.one_class);
  EXPECT_THAT(told.warnings, Contains(HasSubstr("1 cutouts were set aside")));
  EXPECT_THAT(result.model.one_class->warnings, Contains(HasSubstr("1 cutouts were set aside")));
  EXPECT_THAT(read("e/rejected.csv"), HasSubstr("test_lenses/x"));
}

TEST_F(EvaluateFinder, RefusesWhatDoesNotGoTogetherAndLeavesNothing) {
  set("set", steps(3, 2), steps(3, 0));
  text("s.csv", "id,label,logit\na,1,2\nb,0,1\n");
  EvaluateOptions both = options(), none = options(), target = options(), columns = options();
  both.scores.scores = folder_ / "s.csv";
  none.model.clear();
  target.on.targets = {"purity=.5"};
  target.on.prevalence = .01;
  columns.selection.columns = {"theta_e_arcsec", "source_mag_i"};
  for (const EvaluateOptions& wrong : {both, none, target, columns}) {
    EXPECT_THROW(evaluate_finder(wrong), Error);
    EXPECT_FALSE(fs::exists(folder_ / "e"));
  }
}

TEST_F(EvaluateFinder, StoppedLeavesNothing) {
  set("set", steps(3, 2), steps(3, 0));
  const StopFlag stop{true};
  EXPECT_THROW(evaluate_finder(options(), no_progress(), stop), Stopped);
  EXPECT_FALSE(fs::exists(folder_ / "e"));
}

}  // namespace
}  // namespace lensfind::workflows
