#include "lensfind/workflows/comparison.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/workflows/test_finder.h"

namespace lensfind::workflows {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

class Comparison : public FinderTest {
 protected:
  CompareOptions options() const {
    CompareOptions chosen;
    chosen.out = folder_ / "c";
    chosen.on.data = folder_ / "set";
    chosen.on.bootstrap_draws = 10;
    chosen.on.threads = 1;
    return chosen;
  }
  static const evaluate::PairedDifference& auc_of(const CompareResult& result) {
    return *std::ranges::find(result.shown.differences, "auc", &evaluate::PairedDifference::figure);
  }
};

/// Scores of the other sign turn an AUC A into 1 - A.
TEST_F(Comparison, OfAFinderAndItsOppositeIsTwiceTheAucLessOne) {
  set("set", steps(15, 2), steps(25, 0));
  CompareOptions models = options();
  models.models = {finder("mean.onnx", 1), finder("opposite.onnx", -1)};
  const CompareResult result = compare(models);
  ASSERT_EQ(result.runs.size(), 2U);
  const double auc = result.runs[0].evaluation.auc.value;
  EXPECT_GT(auc, .5);
  EXPECT_DOUBLE_EQ(result.runs[1].evaluation.auc.value, 1 - auc);
  EXPECT_NEAR(auc_of(result).difference.value, 2 * auc - 1, 1e-12);
  EXPECT_FALSE(result.shown.cutouts) << "the data they come from have ended";
  for (const char* file :
       {"table.csv", "differences.csv", "report.html", "models/mean.onnx/scores.csv", "models/opposite.onnx/evaluation.json"})
    EXPECT_TRUE(fs::exists(folder_ / "c" / file)) << file;
}

TEST_F(Comparison, OfTheirTablesIsTheSameWhateverTheOrderOfRows) {
  set("set", steps(15, 2), steps(25, 0));
  CompareOptions models = options();
  models.models = {finder("mean.onnx", 1), finder("opposite.onnx", -1)};
  const CompareResult by_models = compare(models);
  std::vector<evaluate::Scores> tables{by_models.runs[0].scores, by_models.runs[1].scores};
  std::ranges::reverse(tables[1]);
  CompareOptions scores = options();
  scores.out = folder_ / "t";
  scores.on.data.clear();
  for (std::size_t i = 0; i < tables.size(); ++i) {
    scores.scores.push_back(folder_ / (i == 0 ? "mean.csv" : "opposite.csv"));
    evaluate::write_scores(scores.scores.back(), tables[i]);
  }
  const CompareResult by_tables = compare(scores);
  EXPECT_DOUBLE_EQ(auc_of(by_tables).difference.value, auc_of(by_models).difference.value);
  EXPECT_DOUBLE_EQ(auc_of(by_tables).difference.low, auc_of(by_models).difference.low);
  EXPECT_THAT((std::vector<std::string>{by_tables.runs[0].name, by_tables.runs[1].name}), ElementsAre("mean", "opposite"));
}

TEST_F(Comparison, TakesOneOfTheThreeKinds) {
  set("set", steps(3, 2), steps(3, 0));
  CompareOptions none = options(), both = options(), one_table = options(), no_data = options();
  both.models = no_data.models = {finder("mean.onnx", 1)};
  both.scores = {"a.csv", "b.csv"};
  one_table.scores = {"a.csv"};
  no_data.on.data.clear();
  for (const CompareOptions& wrong : {none, both, one_table, no_data}) {
    EXPECT_THROW(compare(wrong), Error);
    EXPECT_FALSE(fs::exists(folder_ / "c"));
  }
}

}  // namespace
}  // namespace lensfind::workflows
