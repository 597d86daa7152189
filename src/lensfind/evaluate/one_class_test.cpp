#include "lensfind/evaluate/one_class.h"

#include <gtest/gtest.h>

#include "lensfind/base/error.h"

namespace lensfind::evaluate {
namespace {

Scores sample(Label label, int count) {
  Scores scores;
  for (int i = 0; i < count; ++i) scores.push_back({.id = std::to_string(i), .label = label, .logit = static_cast<double>(i)});
  return scores;
}

TEST(OneClass, IsFoundWhereTheOtherIsNotLabelled) {
  Scores scores = sample(Label::lens, 3);
  scores.push_back({.id = "u"});
  EXPECT_EQ(only_class(scores), Label::lens);
  EXPECT_EQ(only_class(sample(Label::non_lens, 1)), Label::non_lens);
  scores.back().label = Label::non_lens;
  EXPECT_FALSE(only_class(scores));
  EXPECT_FALSE(only_class({{.id = "u"}}));
  EXPECT_THROW(evaluate_one_class(scores, {}), Error);
}

// scipy.stats.beta(35.5, 15.5).ppf([.025, .975]).
TEST(OneClass, RecallOfLensesHasJeffreysInterval) {
  const OneClassEvaluation e = evaluate_one_class(sample(Label::lens, 50), {{"f1", 15, "validation"}});
  ASSERT_EQ(e.thresholds.size(), 1u);
  const SelectedFraction& at = e.thresholds[0].second;
  EXPECT_EQ(at.selected, 35);
  EXPECT_EQ(at.fraction.value, .7);
  EXPECT_NEAR(at.fraction.low, 0.5644720922981613, 1e-9);
  EXPECT_NEAR(at.fraction.high, 0.8131228674643434, 1e-9);
  EXPECT_EQ(e.curve.size(), 50u);
  EXPECT_EQ(e.curve.front().threshold, 49);
  EXPECT_EQ(e.curve.back().fraction.value, 1);
}

TEST(OneClass, JsonSaysWhichShareItIsAndMakesNoAuc) {
  const std::string json = to_json(to_json_value(evaluate_one_class(sample(Label::non_lens, 5), {{"f1", 4, "v"}})));
  EXPECT_NE(json.find("\"false_positive_rate\""), std::string::npos);
  EXPECT_EQ(json.find("auc\""), std::string::npos);
  EXPECT_EQ(json.find("recall"), std::string::npos);
}

TEST(OneClass, CurvesOfManySamplesAreThinned) { EXPECT_EQ(evaluate_one_class(sample(Label::lens, 5000), {}).curve.size(), 2000u); }

TEST(OneClass, RowsOfOneObjectCountLess) {
  Scores scores = sample(Label::lens, 60);
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i].group = std::to_string(i / 6);
  const auto grouped = evaluate_one_class(scores, {{"t", 30, "v"}}).thresholds[0].second.fraction;
  const auto single = evaluate_one_class(sample(Label::lens, 60), {{"t", 30, "v"}}).thresholds[0].second.fraction;
  EXPECT_GT(grouped.high - grouped.low, single.high - single.low);
}

}  // namespace
}  // namespace lensfind::evaluate
