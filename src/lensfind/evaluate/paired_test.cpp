#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"
#include "lensfind/evaluate/evaluation.h"

namespace lensfind::evaluate {
namespace {

/// Two finders that see the same objects: their scores share most of what makes an object easy or hard.
std::vector<Scores> two_finders(std::int64_t lenses, std::int64_t nonlenses, double first, double second, std::uint64_t seed) {
  RandomStream random{seed, Purpose::test};
  std::vector<Scores> models(2);
  for (std::int64_t i = 0; i < lenses + nonlenses; ++i) {
    const Label label = i < lenses ? Label::lens : Label::non_lens;
    const double shared = random.normal();
    for (std::size_t m = 0; m < 2; ++m) {
      const double separation = i < lenses ? (m == 0 ? first : second) : 0;
      models[m].push_back(
          {.id = std::to_string(i), .label = label, .logit = separation + .9 * shared + std::sqrt(1 - .81) * random.normal()});
    }
  }
  return models;
}

const PairedDifference& named(const std::vector<PairedDifference>& differences, const std::string& figure) {
  for (const PairedDifference& d : differences)
    if (d.figure == figure) return d;
  throw Error{"no such figure: " + figure, ""};
}

TEST(Paired, ModelAgainstItselfDiffersByNothing) {
  const Scores model = two_finders(30, 300, 1, 1, 1)[0];
  for (const PairedDifference& d : paired_differences({model, model}, {.bootstrap_draws = 50})) {
    EXPECT_EQ(d.difference.value, 0) << d.figure;
    EXPECT_EQ(d.p_value, 1) << d.figure;
  }
}

TEST(Paired, AucDifferenceIsDeLongs) {
  // Placements by hand: of the lenses (1, .75, .5) and (.75, 1, 1), of the non-lenses (1, 1, 2/3, 1/3) and (1, 1, 1, 2/3); the rest by
  // scipy.
  const auto table = [](const std::vector<double>& logits) {
    Scores scores;
    for (std::size_t i = 0; i < logits.size(); ++i)
      scores.push_back({.id = std::to_string(i), .label = i < 3 ? Label::lens : Label::non_lens, .logit = logits[i]});
    return scores;
  };
  const auto all = paired_differences({table({9, 6, 4, 1, 2, 5, 7}), table({5, 8, 9, 1, 2, 3, 6})}, {.bootstrap_draws = 10});
  const PairedDifference& auc = named(all, "auc");
  EXPECT_NEAR(auc.difference.value, .75 - 11.0 / 12, 1e-12);
  EXPECT_NEAR(auc.difference.low, -1.0811507126975752, 1e-10);
  EXPECT_NEAR(auc.p_value, 0.5787997112950312, 1e-10);
}

TEST(Paired, FewLensesThatAgreeAreNotEqual) {
  // Both models find all five lenses in every draw; a sixth that one of them misses would change the TPR by 1 / 7 (Agresti & Min 2005).
  std::vector<Scores> models(2);
  for (int i = 0; i < 205; ++i)
    for (std::size_t m = 0; m < 2; ++m)
      models[m].push_back({.id = std::to_string(i),
                           .label = i < 5 ? Label::lens : Label::non_lens,
                           .logit = i < 5 ? 10.0 + i : (m == 1 && i == 5 ? 10.5 : -i)});
  const PairedDifference tpr = named(paired_differences(models, {.bootstrap_draws = 100}), "tpr_at_fpr_1e-1");
  EXPECT_EQ(tpr.difference.value, 0);
  EXPECT_NEAR(tpr.difference.high, 2.7764451051977934 / 7, 1e-9);  // t of 4 degrees of freedom
}

TEST(Paired, BootstrapKnowsThatBothSeeTheSameLenses) {
  const auto models = two_finders(200, 2000, 2, 2, 9);
  const PairedDifference d = named(paired_differences(models, {.bootstrap_draws = 300}), "average_precision");
  const Estimate alone = evaluate(models[0], {.bootstrap_draws = 300}).average_precision;
  const double std_alone = (alone.high - alone.low) / 3.92;
  EXPECT_LT(d.standard_error, .9 * std_alone);  // independent finders would give 1.41
  EXPECT_GT(d.standard_error, .2 * std_alone);
}

TEST(Paired, KnowsADifferenceBetterThanItsParts) {
  const auto models = two_finders(100, 2000, 2, 1.7, 3);
  const auto d = paired_differences(models, {.bootstrap_draws = 200});
  const Estimate auc = evaluate(models[0], {.bootstrap_draws = 2}).auc;
  const PairedDifference& difference = named(d, "auc");
  EXPECT_LT(difference.difference.high - difference.difference.low, (auc.high - auc.low) * .8);
  EXPECT_GT(difference.difference.low, 0);
  EXPECT_LT(difference.p_value, .05);
  EXPECT_NE(in_words(difference, {"one", "two"}).find("one is better than two"), std::string::npos);
}

TEST(Paired, AdjustsForTheNumberOfPairs) {
  auto models = two_finders(50, 500, 1.5, 1.5, 3);
  models.push_back(two_finders(50, 500, 1.2, 1.5, 3)[0]);
  const auto d = paired_differences(models, {.bootstrap_draws = 50});
  double smallest = 1;
  double adjusted = 1;
  for (const PairedDifference& pair : d) {
    EXPECT_GE(pair.adjusted_p_value, pair.p_value);
    if (pair.figure == "auc" && pair.p_value < smallest) smallest = pair.p_value, adjusted = pair.adjusted_p_value;
  }
  EXPECT_DOUBLE_EQ(adjusted, 3 * smallest);
}

TEST(Paired, OrderOfRowsDoesNotMatterAndOtherSamplesAreRefused) {
  auto models = two_finders(30, 300, 1.5, 1, 7);
  const auto before = paired_differences(models, {.bootstrap_draws = 50});
  std::reverse(models[1].begin(), models[1].end());
  const auto after = paired_differences(models, {.bootstrap_draws = 50});
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(before[i].difference.low, after[i].difference.low, 1e-12) << before[i].figure;
  models[1][3].label = Label::lens;
  EXPECT_THROW(paired_differences(models, {.bootstrap_draws = 5}), Error);
  models[1].pop_back();
  EXPECT_THROW(paired_differences(models, {.bootstrap_draws = 5}), Error);
}

}  // namespace
}  // namespace lensfind::evaluate
