#include "lensfind/evaluate/evaluation.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"
#include "lensfind/evaluate/curves.h"

namespace lensfind::evaluate {
namespace {

/// scikit-learn's numbers; tests/reference/evaluation.py made them.
const Value& reference() {
  static const Value known = read_json(LENSFIND_SOURCE_DIR "/tests/reference/evaluation.json");
  return known;
}

Scores scores_of(const Value& known) {
  Scores scores;
  const auto& logits = known.at("logits").as_array();
  for (std::size_t i = 0; i < logits.size(); ++i)
    scores.push_back({.id = std::to_string(i),
                      .label = known.at("labels").as_array()[i].as_integer() == 1 ? Label::lens : Label::non_lens,
                      .logit = logits[i].as_number(),
                      .probability = known.at("probabilities").as_array()[i].as_number()});
  return scores;
}

Scores binormal(std::int64_t lenses, std::int64_t nonlenses, double separation, std::uint64_t seed) {
  RandomStream random{seed, Purpose::test};
  Scores scores;
  for (std::int64_t i = 0; i < lenses + nonlenses; ++i)
    scores.push_back({.id = std::to_string(i),
                      .label = i < lenses ? Label::lens : Label::non_lens,
                      .logit = random.normal(i < lenses ? separation : 0, 1)});
  return scores;
}

TEST(Evaluation, AgreesWithScikitLearn) {
  for (const Value& known : reference().at("cases").as_array()) {
    SCOPED_TRACE(known.at("name").as_string());
    const Value& at = known.at("at");
    const Evaluation e =
        evaluate(scores_of(known), {.thresholds = {{"median", at.at("threshold").as_number(), "test"}}, .bootstrap_draws = 20});
    EXPECT_NEAR(e.auc.value, known.at("auc").as_number(), 1e-12);
    EXPECT_NEAR(e.average_precision.value, known.at("average_precision").as_number(), 1e-12);
    EXPECT_NEAR(e.brier->value, known.at("brier").as_number(), 1e-12);
    EXPECT_NEAR(e.log_loss->value, known.at("log_loss").as_number(), 1e-12);
    const AtThreshold& ours = e.thresholds.at(0);
    EXPECT_NEAR(ours.f1.value, at.at("f1").as_number(), 1e-12);
    EXPECT_NEAR(ours.precision.value, at.at("precision").as_number(), 1e-12);
    EXPECT_NEAR(ours.recall.value, at.at("recall").as_number(), 1e-12);
    EXPECT_NEAR(ours.accuracy.value, at.at("accuracy").as_number(), 1e-12);
    EXPECT_EQ(ours.confusion.false_positives, at.at("confusion").as_array()[0].as_array()[1].as_integer());
  }
}

TEST(Evaluation, RocPointsAreScikitLearns) {
  for (const Value& known : reference().at("cases").as_array()) {
    SCOPED_TRACE(known.at("name").as_string());
    const Evaluation e = evaluate(scores_of(known), {.bootstrap_draws = 2});
    const auto& roc = known.at("roc").as_array();
    ASSERT_EQ(e.roc.size(), roc.size() + 1);
    for (std::size_t i = 0; i < roc.size(); ++i) {
      EXPECT_NEAR(e.roc[i + 1].false_positive_rate, roc[i].as_array()[0].as_number(), 1e-12);
      EXPECT_NEAR(e.roc[i + 1].true_positive_rate, roc[i].as_array()[1].as_number(), 1e-12);
      EXPECT_EQ(e.roc[i + 1].threshold, roc[i].as_array()[2].as_number());
    }
  }
}

void expect_whole(const Estimate& figure, const char* name) {
  EXPECT_LE(figure.low, figure.value) << name;
  EXPECT_LE(figure.value, figure.high) << name;
  EXPECT_LT(figure.low, figure.high) << name;
}

TEST(Evaluation, EveryFigureLiesInsideAnIntervalOfSomeWidth) {
  for (const Value& known : reference().at("cases").as_array()) {
    SCOPED_TRACE(known.at("name").as_string());
    const Evaluation e = evaluate(scores_of(known),
                                  {.thresholds = {{"median", known.at("at").at("threshold").as_number(), "test"}}, .bootstrap_draws = 200});
    expect_whole(e.auc, "auc");
    expect_whole(e.average_precision, "average_precision");
    expect_whole(e.tpr0, "tpr0");
    expect_whole(e.tpr10, "tpr10");
    if (known.at("name").as_string() != "all equal") {  // there the losses of a class do not vary at all
      expect_whole(*e.brier, "brier");
      expect_whole(*e.log_loss, "log_loss");
    }
    for (const TprAtFpr& entry : e.tpr_at_fpr) expect_whole(entry.true_positive_rate, "tpr_at_fpr");
    for (const Estimate& figure : {e.thresholds[0].f1, e.thresholds[0].precision, e.thresholds[0].recall, e.thresholds[0].accuracy})
      expect_whole(figure, "at threshold");
    for (const AtPrevalence& at : e.at_prevalence)
      for (const Estimate& figure : {at.purity, at.candidates, at.found, at.missed}) expect_whole(figure, "at prevalence");
  }
}

TEST(Evaluation, TprAtFprIsTheHighestThatDoesNotExceedIt) {
  // 1,000 non-lenses at 0, 1, ... 999 and lenses between: 1e-2 allows ten of them, 990 ... 999, so that lenses above 989 count.
  Scores scores;
  for (int i = 0; i < 1000; ++i)
    scores.push_back({.id = "n" + std::to_string(i), .label = Label::non_lens, .logit = static_cast<double>(i)});
  for (const double logit : {2000.0, 995.5, 989.5, 988.5, 500.0})
    scores.push_back({.id = "l" + std::to_string(logit), .label = Label::lens, .logit = logit});
  const Evaluation e = evaluate(scores, {.bootstrap_draws = 10});
  EXPECT_EQ(e.tpr_at_fpr[1].true_positive_rate.value, .6);
  EXPECT_EQ(e.tpr_at_fpr[1].threshold, 989.5);
  EXPECT_TRUE(e.tpr_at_fpr[1].resolved);
  EXPECT_FALSE(e.tpr_at_fpr[1].certified);                  // 10 of 1,000 is at most 1.69e-2 with 95% confidence
  EXPECT_EQ(e.tpr_at_fpr[2].true_positive_rate.value, .2);  // one of them, 999
  EXPECT_FALSE(e.tpr_at_fpr[2].resolved);
  EXPECT_EQ(e.tpr_at_fpr[3].true_positive_rate.value, .2);
  EXPECT_EQ(e.tpr0.value, .2);
  EXPECT_EQ(e.tpr10.value, .4);  // fewer than ten: the tenth, 990, must stay out, and the lens at 989.5 with it
}

TEST(Evaluation, Tpr10SaysNothingOfFewerThanTenNonLenses) {
  const Evaluation e = evaluate(binormal(20, 9, 1, 3), {.bootstrap_draws = 10});
  EXPECT_EQ(e.tpr10.value, 1);
  EXPECT_EQ(e.tpr10.low, 0);
  EXPECT_TRUE(std::any_of(e.warnings.begin(), e.warnings.end(),
                          [](const std::string& w) { return w.find("TPR10 allows nine false positives") != std::string::npos; }));
}

TEST(Evaluation, CertifiesAnFprOnlyWithEnoughNonLenses) {
  // No false positive: the bound is 1 - .05^(1/n), 9.99e-4 for 2,995 non-lenses and 1.0002e-3 for 2,994.
  for (const auto& [nonlenses, certified] : {std::pair{2995, true}, {2994, false}}) {
    Scores scores = binormal(0, nonlenses, 0, 3);
    for (int i = 0; i < 10; ++i) scores.push_back({.id = "l" + std::to_string(i), .label = Label::lens, .logit = 100.0 + i});
    EXPECT_EQ(evaluate(scores, {.bootstrap_draws = 10}).tpr_at_fpr[2].certified, certified);
  }
}

TEST(Evaluation, PerfectRankingHasNoZeroWidth) {
  Scores scores = binormal(20, 1000, 50, 1);
  const Evaluation e = evaluate(scores, {.thresholds = {{"f1", 25, "validation"}}, .bootstrap_draws = 100});
  EXPECT_EQ(e.auc.value, 1);
  EXPECT_EQ(e.auc.high, 1);
  EXPECT_LT(e.auc.low, .99);
  EXPECT_LT(e.average_precision.low, .99);
  for (const AtPrevalence& at : e.at_prevalence) {
    EXPECT_LT(at.purity.low, at.prevalence * 1000) << at.prevalence;  // 1,000 non-lenses say no more than FPR < 3e-3 or so
    EXPECT_EQ(at.purity.high, 1);
  }
}

TEST(Evaluation, PrecisionAndRecallFollowTheThreshold) {
  const auto l = Label::lens;
  const auto n = Label::non_lens;
  const Evaluation e = evaluate({{.id = "a", .label = l, .logit = 4},
                                 {.id = "b", .label = n, .logit = 3},
                                 {.id = "c", .label = l, .logit = 2},
                                 {.id = "d", .label = n, .logit = 1}},
                                {.bootstrap_draws = 10});
  ASSERT_EQ(e.precision_recall.size(), 4u);
  const double expected[4][3] = {{.5, 1, 4}, {.5, .5, 3}, {1, 2.0 / 3, 2}, {1, .5, 1}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(e.precision_recall[i].recall, expected[i][0]);
    EXPECT_NEAR(e.precision_recall[i].precision, expected[i][1], 1e-15);
    EXPECT_EQ(e.precision_recall[i].threshold, expected[i][2]);
  }
}

TEST(Evaluation, CopiesInOneGroupCountOnce) {
  const Scores once = binormal(40, 400, 1.5, 5);
  Scores copied;
  for (const Score& score : once)
    for (int copy = 0; copy < 4; ++copy)
      copied.push_back({.id = score.id + "/" + std::to_string(copy), .label = score.label, .logit = score.logit, .group = score.id});
  const EvaluationOptions options{.thresholds = {{"f1", 1, "validation"}}, .bootstrap_draws = 2000};
  const Evaluation a = evaluate(once, options);
  const Evaluation b = evaluate(copied, options);
  EXPECT_NEAR(a.auc.value, b.auc.value, 1e-12);
  EXPECT_NEAR(a.auc.low, b.auc.low, 1e-9);
  EXPECT_NEAR(a.auc.high, b.auc.high, 1e-9);
  EXPECT_EQ(a.thresholds[0].effective_weight.lens, 1);
  EXPECT_NEAR(b.thresholds[0].effective_weight.lens, .25, .03);
  EXPECT_NEAR(b.roc.back().effective_weight.nonlens, .25, .03);
  EXPECT_NEAR(a.thresholds[0].recall.low, b.thresholds[0].recall.low, 1e-2);  // 40 groups: (t(159) / t(39))^2 = .95
  EXPECT_NEAR(a.thresholds[0].f1.high, b.thresholds[0].f1.high, 1e-2);
  EXPECT_NEAR(a.average_precision.low, b.average_precision.low, 1e-2);
  EXPECT_NEAR(a.tpr_at_fpr[0].true_positive_rate.low, b.tpr_at_fpr[0].true_positive_rate.low, 2e-2);
}

TEST(Evaluation, DoesNotDependOnTheOrderOfRows) {
  Scores scores = binormal(30, 300, 1, 9);
  const std::string before = to_json(to_json_value(evaluate(scores, {.bootstrap_draws = 50})));
  RandomStream random{1, Purpose::test};
  shuffle(scores, random);
  EXPECT_EQ(to_json(to_json_value(evaluate(scores, {.bootstrap_draws = 50}))), before);
}

TEST(Evaluation, CountsWhatItLeavesOutAndSaysSo) {
  Scores scores = binormal(30, 300, 1, 9);
  scores[0].logit = std::numeric_limits<double>::quiet_NaN();
  scores[1].label = Label::unknown;
  const Evaluation e = evaluate(scores, {.bootstrap_draws = 10});
  EXPECT_EQ(e.lenses, 28);
  EXPECT_EQ(e.not_a_number, 1);
  EXPECT_EQ(e.unlabelled, 1);
  EXPECT_TRUE(std::any_of(e.warnings.begin(), e.warnings.end(),
                          [](const std::string& w) { return w.find("Only 28 lenses") != std::string::npos; }));
}

TEST(Evaluation, RefusesTablesWithoutBothClassesAndInfiniteScores) {
  EXPECT_THROW(evaluate(binormal(10, 0, 1, 1), {}), Error);
  EXPECT_THROW(evaluate(binormal(0, 10, 1, 1), {}), Error);
  EXPECT_THROW(evaluate({}, {}), Error);
  Scores scores = binormal(10, 10, 1, 1);
  scores[3].logit = std::numeric_limits<double>::infinity();
  EXPECT_THROW(evaluate(scores, {}), Error);
}

TEST(Evaluation, JsonHasTheAgreedKeys) {
  Scores scores = binormal(50, 5000, 2, 4);
  for (Score& score : scores) score.probability = 1 / (1 + std::exp(-2 * score.logit + 5));
  const Value json = to_json_value(evaluate(scores, {.thresholds = {{"f1", 1.5, "validation"}}, .bootstrap_draws = 50}));
  for (const char* key : {"counts", "auc", "average_precision", "tpr_at_fpr", "tpr0", "tpr10", "brier", "log_loss", "calibration",
                          "thresholds", "at_prevalence", "curves", "definitions"})
    EXPECT_NE(json.find(key), nullptr) << key;
  EXPECT_EQ(json.at("tpr_at_fpr").as_array().size(), 4u);
  for (const char* key : {"fpr", "value", "low", "high", "threshold", "resolved", "certified"})
    EXPECT_NE(json.at("tpr_at_fpr").as_array()[0].find(key), nullptr) << key;
  for (const char* key : {"value", "chosen_on", "f1", "precision", "recall", "accuracy", "confusion"})
    EXPECT_NE(json.at("thresholds").at("f1").find(key), nullptr) << key;
  for (const char* key : {"prevalence", "point", "purity", "candidates", "found", "missed"})
    EXPECT_NE(json.at("at_prevalence").as_array()[0].find(key), nullptr) << key;
  EXPECT_LE(json.at("curves").at("roc").as_array().size(), 2000u);
  EXPECT_EQ(to_json_value(evaluate(scores, {.bootstrap_draws = 10})).find("thresholds"), nullptr);
}

bool warns(const Evaluation& e, const std::string& text) {
  return std::any_of(e.warnings.begin(), e.warnings.end(),
                     [&](const std::string& warning) { return warning.find(text) != std::string::npos; });
}

TEST(Warnings, ProbabilitiesForAnotherPrevalenceAreNoFault) {
  // Two unit normals 2 apart have the log likelihood ratio 2 x - 2: with it the probabilities are right for one lens in 1,000.
  Scores scores = binormal(200, 1800, 2, 3);
  for (Score& row : scores) row.probability = 1 / (1 + std::exp(-(2 * row.logit - 2)) * .999 / .001);
  const Evaluation known = evaluate(scores, {.stated_prevalence = .001});
  EXPECT_TRUE(warns(known, "are for a fraction of 0.001 lenses"));
  EXPECT_FALSE(warns(known, "do not hold"));
  EXPECT_NEAR(known.calibration->expected_intercept, std::log(200.0 / 1800) - std::log(.001 / .999), 1e-12);
  EXPECT_TRUE(warns(evaluate(scores, {}), "do not hold"));
  EXPECT_TRUE(warns(evaluate(scores, {.stated_prevalence = .1}), "do not hold"));
}

}  // namespace
}  // namespace lensfind::evaluate
