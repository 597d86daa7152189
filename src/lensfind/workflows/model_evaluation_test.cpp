#include "lensfind/workflows/model_evaluation.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/workflows/test_finder.h"

namespace lensfind::workflows {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

class ModelEvaluationTest : public FinderTest {
 protected:
  ModelEvaluationOptions options() const {
    ModelEvaluationOptions chosen;
    chosen.data = folder_ / "set";
    chosen.bootstrap_draws = 10;
    chosen.threads = 1;
    return chosen;
  }
};

TEST_F(ModelEvaluationTest, GivesEachCutoutTheLogitOfTheModelAndItsLabel) {
  set("set", {3, 1.5}, {.25, -2});
  ModelEvaluation evaluation{options(), no_progress()};
  const evaluate::Scores scores = evaluation.score(finder("twice.onnx", 2)).scores;
  ASSERT_EQ(scores.size(), 4U);
  for (const evaluate::Score& row : scores) {
    const double mean = row.id == "test_lenses/0" ? 3 : row.id == "test_lenses/1" ? 1.5 : row.id == "test_nonlenses/0" ? .25 : -2;
    EXPECT_NEAR(row.logit, 2 * mean, 1e-5) << row.id;
    EXPECT_EQ(row.label, row.id.starts_with("test_lenses") ? Label::lens : Label::non_lens);
  }
}

TEST_F(ModelEvaluationTest, CorrectsLabelsAndSaysSo) {
  set("set", {3, 1.5}, {.25, -2});
  text("right.csv", "id,label\ntest_nonlenses/0,1\ntest_lenses/1,0\nelsewhere,1\n");
  ModelEvaluationOptions relabelled = options();
  relabelled.relabel = folder_ / "right.csv";
  ModelEvaluation evaluation{relabelled, no_progress()};
  const evaluate::Scores scores = evaluation.score(finder("mean.onnx", 1)).scores;
  for (const evaluate::Score& row : scores)
    EXPECT_EQ(row.label == Label::lens, row.id == "test_lenses/0" || row.id == "test_nonlenses/0") << row.id;
  EXPECT_THAT(evaluation.notes(), Contains(HasSubstr("1 cutouts became lenses, 1 non-lenses, 0 unlabelled; 1 of its ids are not here")));
}

TEST_F(ModelEvaluationTest, SaysWhatWasSetAside) {
  set("set", {3, 1.5}, {.25, -2});
  text("set/test_lenses/9.npy", "no array");
  ModelEvaluation evaluation{options(), no_progress()};
  EXPECT_EQ(evaluation.score(finder("mean.onnx", 1)).scores.size(), 4U);
  EXPECT_THAT(evaluation.notes(), Contains(AllOf(HasSubstr("1 cutouts were set aside"), HasSubstr("test_lenses/9"))));
}

TEST_F(ModelEvaluationTest, EndsWhereItIsStopped) {
  set("set", {3, 1.5}, {.25, -2});
  const StopFlag stop{true};
  ModelEvaluation evaluation{options(), no_progress(), stop};
  EXPECT_THROW(evaluation.score(finder("mean.onnx", 1)), Stopped);
}

TEST(ModelNames, AreAsShortAsTellsThemApart) {
  EXPECT_THAT(model_names({"/a/b/c", "/a/d"}), ::testing::ElementsAre("c", "d"));
  EXPECT_THAT(model_names({"/a/run/model", "/b/run/model"}), ::testing::ElementsAre("a/run/model", "b/run/model"));
  EXPECT_THROW(model_names({"/a/b", "/a/../a/b"}), Error);
}

}  // namespace
}  // namespace lensfind::workflows
