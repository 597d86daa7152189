#include "lensfind/combine/choice.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/combine/gaussian_finders_test.h"
#include "lensfind/combine/workflow.h"

namespace lensfind::combine {
namespace {

using ::testing::HasSubstr;

constexpr ChoiceOptions quick_study{.rule = {.trees = 30}, .bootstrap_draws = 300};

TEST(Study, TakesStackingWhereFindersAreCorrelatedAndSaysThatItGains) {
  const GaussianFinders law{.first_shift = 1, .second_shift = 2, .correlation = .8};
  const Study study = study_rules(law.draw(300, 1200, 1), {"a", "b"}, quick_study, no_progress());
  EXPECT_EQ(study.choice.kind, RuleKind::stacking);
  EXPECT_EQ(study.best_finder, 1u);
  EXPECT_NEAR(study.chosen.auc, law.best_auc(), .02);
  const Study::Gain& gain = study.gains.back();
  EXPECT_EQ(gain.name, "chosen");
  EXPECT_NEAR(gain.over_mean[0].difference.value, law.best_auc() - law.auc_of(1, 2), .02);
  EXPECT_GT(gain.over_mean[1].difference.low, 0);
  for (const std::string& sentence : gains_in_words(study)) EXPECT_THAT(sentence, HasSubstr("the gain excludes 0"));
}

TEST(Study, TakesTheSimplestWhereNothingIsBetter) {
  const GaussianFinders law{.first_shift = 1.2, .second_shift = 1.2};
  const Study study = study_rules(law.draw(200, 800, 2), {"a", "b"}, quick_study, no_progress());
  EXPECT_EQ(study.choice.kind, RuleKind::mean_logit);
  EXPECT_GT(study.gains.back().over_finder[0].difference.low, 0);  // two are better than one all the same
}

TEST(Study, SaysWhereCombiningGivesNothing) {
  // The second finder is noise.
  const GaussianFinders law{.first_shift = 1.5, .second_shift = 0};
  const Study study = study_rules(law.draw(60, 300, 3), {"good", "noise"}, quick_study, no_progress());
  const std::string against_finder = gains_in_words(study).front();
  EXPECT_THAT(against_finder, HasSubstr("the best finder alone (good)"));
  EXPECT_THAT(against_finder, HasSubstr("do not show a gain"));
}

TEST(Study, TheChoiceIsJudgedOnObjectsThatItHadNotSeen) {
  // Nothing can be learned from two noises: any AUC beyond chance would be the choice's own.
  double mean = 0;
  constexpr int sets = 12;
  for (std::uint64_t set = 0; set < sets; ++set)
    mean += study_rules(GaussianFinders{0, 0, 0}.draw(40, 80, 100 + set), {"a", "b"}, quick_study, no_progress()).chosen.auc / sets;
  EXPECT_NEAR(mean, .5, .05);  // three standard errors of the mean of 12 AUCs of 40 lenses and 80 others
}

TEST(HeldOutRatios, NeverPartAGroup) {
  // Four copies of each object, classes by chance: a rule that saw a copy knows its class.
  LabelledRows rows = GaussianFinders{0, 0, 0}.draw(60, 60, 4).at([] {
    std::vector<std::size_t> copies;
    for (std::size_t i = 0; i < 480; ++i) copies.push_back(i / 4);
    return copies;
  }());
  const std::vector<int> fold = dataset::deal_folds(rows.lens, rows.groups, {});
  for (std::size_t row = 0; row < rows.size(); ++row) EXPECT_EQ(fold[row], fold[row / 4 * 4]);
  for (int k = 0; k < 5; ++k) {  // and each fold has its part of either class
    int of_class[2] = {0, 0};
    for (std::size_t row = 0; row < rows.size(); ++row)
      if (fold[row] == k) ++of_class[rows.lens[row] ? 1 : 0];
    EXPECT_EQ(of_class[0], 48);
    EXPECT_EQ(of_class[1], 48);
  }
}

TEST(Study, TooFewObjectsAreRefused) {
  EXPECT_THROW(study_rules(GaussianFinders{}.draw(9, 100, 1), {"a", "b"}, quick_study, no_progress()), Error);
  EXPECT_THROW(study_rules(GaussianFinders{}.draw(100, 9, 1), {"a", "b"}, quick_study, no_progress()), Error);
}

}  // namespace
}  // namespace lensfind::combine
