#include "lensfind/workflows/adapt_report.h"

#include <gmock/gmock.h>

#include "lensfind/base/value.h"
#include "lensfind/evaluate/evaluation.h"

namespace lensfind::workflows {
namespace {

/// Six lenses and six non-lenses with these logits.
evaluate::Scores scores(const std::vector<double>& lenses, const std::vector<double>& others) {
  evaluate::Scores rows;
  for (std::size_t i = 0; i < lenses.size(); ++i) rows.push_back({.id = "l" + std::to_string(i), .label = Label::lens, .logit = lenses[i]});
  for (std::size_t i = 0; i < others.size(); ++i)
    rows.push_back({.id = "n" + std::to_string(i), .label = Label::non_lens, .logit = others[i]});
  return rows;
}

const evaluate::Scores before = scores({1, 2, 3, 4, 5, 6}, {1.5, 2.5, 3.5, .5, .4, .3});     // 30 of 36 pairs are in order
const evaluate::Scores after = scores({3.6, 3.2, 3, 4, 5, 6}, {1.5, 2.5, 3.5, .5, .4, .3});  // 34 of 36

TEST(AdaptReport, GainIsTheDifferenceOfTheAreas) {
  StepRow row;
  judge_gain(before, after, 0, row);
  ASSERT_TRUE(row.auc);
  EXPECT_NEAR(row.auc->before, 30. / 36, 1e-12);
  EXPECT_NEAR(row.auc->after, 34. / 36, 1e-12);
  EXPECT_NEAR(row.auc->gain.value, 4. / 36, 1e-12);
  EXPECT_TRUE(is_gain(row));
}

TEST(AdaptReport, GainHasTheIntervalOfPairedDifferences) {
  StepRow row;
  judge_gain(before, after, 3, row);
  for (const evaluate::PairedDifference& difference : evaluate::paired_differences({after, before}, {.seed = 3})) {
    const auto& figure = difference.figure == "auc" ? row.auc : row.average_precision;
    if (difference.figure != "auc" && difference.figure != "average_precision") continue;
    EXPECT_DOUBLE_EQ(figure->gain.low, difference.difference.low) << difference.figure;
    EXPECT_DOUBLE_EQ(figure->gain.high, difference.difference.high) << difference.figure;
  }
}

TEST(AdaptReport, NeitherALossNorNothingIsAGain) {
  StepRow loss, nothing;
  judge_gain(after, before, 0, loss);
  judge_gain(after, after, 0, nothing);
  EXPECT_FALSE(is_gain(loss));
  EXPECT_FALSE(is_gain(nothing));
  EXPECT_FALSE(is_gain(StepRow{}));
}

TEST(AdaptReport, RowsAreReadBackAsTheyWereWritten) {
  StepRow row{.step = "labels", .outcome = StepOutcome::kept, .note = "rate 0.001", .seconds = 12.5};
  judge_gain(before, after, 0, row);
  const StepRow read = step_row(parse_json(to_json(to_json_value(row)), "test"));
  EXPECT_EQ(read.step, row.step);
  EXPECT_EQ(read.outcome, row.outcome);
  EXPECT_EQ(read.note, row.note);
  EXPECT_EQ(read.seconds, row.seconds);
  EXPECT_EQ(read.auc->gain.low, row.auc->gain.low);
  EXPECT_EQ(read.average_precision->after, row.average_precision->after);
}

}  // namespace
}  // namespace lensfind::workflows
