#include "lensfind/evaluate/selected_fraction.h"

#include <string>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"

namespace lensfind::evaluate {
namespace {

/// Squared ratios of Student's quantiles at .975, from tables: t(7) = 2.36462, t(3) = 3.18245.
constexpr double factor_of_4_groups_of_2 = (2.36462425 / 3.18244631) * (2.36462425 / 3.18244631);

void add(Scores& scores, Label label, double logit, const std::string& group) {
  scores.push_back({.id = std::to_string(scores.size()), .label = label, .logit = logit, .group = group});
}

TEST(SelectedFraction, IsTheCountWhereEveryRowIsItsOwn) {
  Scores scores;
  for (int i = 0; i < 7; ++i) add(scores, i % 2 == 0 ? Label::lens : Label::non_lens, i, "");
  const Proportion lenses = selected_fraction(labelled_scores(scores), Label::lens, 3);
  EXPECT_EQ(lenses.successes, 2);
  EXPECT_EQ(lenses.trials, 4);
}

TEST(SelectedFraction, HasTheEffectiveSizeWorkedOutByHand) {
  // Four objects of two rows each; the threshold 5 selects 2, 1, 0 and 0 of them. With a fraction of 3/8 the residuals are 1.25, .25, -.75
  // and
  // -.75, their squares sum to 2.75, and D = 4/3 x 2.75 / (8 x 3/8 x 5/8).
  Scores scores;
  const double logits[] = {9, 8, 7, 1, 2, 0, .5, .3};
  for (int i = 0; i < 8; ++i) add(scores, Label::lens, logits[i], "object " + std::to_string(i / 2));
  add(scores, Label::non_lens, 6, "another");
  const double effect = 4.0 / 3 * 2.75 / (8 * .375 * .625);
  const Proportion fraction = selected_fraction(labelled_scores(scores), Label::lens, 5);
  EXPECT_NEAR(fraction.trials, 8 * factor_of_4_groups_of_2 / effect, 1e-6);
  EXPECT_NEAR(fraction.successes / fraction.trials, 3.0 / 8, 1e-12);
}

/// 200 objects of four rows that share most of their score.
LabelledScores copies_of_objects() {
  RandomStream random{5, Purpose::test};
  Scores scores;
  for (int object = 0; object < 200; ++object) {
    const double shared = random.normal();
    for (int copy = 0; copy < 4; ++copy) add(scores, Label::non_lens, shared + .5 * random.normal(), std::to_string(object));
  }
  add(scores, Label::lens, 0, "lens");
  return labelled_scores(scores);
}

TEST(SelectedFraction, TakesTheDesignEffectOfRareSharesFromTwentyGroups) {
  const LabelledScores scores = copies_of_objects();
  const Proportion none = selected_fraction(scores, Label::non_lens, scores.logits[0] + 1);
  const Proportion one = selected_fraction(scores, Label::non_lens, scores.logits[0]);
  EXPECT_EQ(none.successes, 0);
  EXPECT_GT(one.successes, 0);
  // By itself one row has a design effect of 1, and a fraction of 0 none at all.
  EXPECT_EQ(none.trials, one.trials);
  EXPECT_GT(one.trials, 800.0 / 4);
  EXPECT_LT(one.trials, 800.0 / 1.3);
  const Proportion all = selected_fraction(scores, Label::non_lens, scores.logits.back());
  const Proportion all_but_one = selected_fraction(scores, Label::non_lens, scores.logits[scores.size() - 2]);
  EXPECT_EQ(all.trials, all_but_one.trials);
  EXPECT_LT(all.trials, 800.0 / 1.3);
}

TEST(SelectedFraction, HasTheSameWorthInARunOverAllThresholds) {
  const LabelledScores scores = copies_of_objects();
  std::vector<std::size_t> selected;
  for (std::size_t rows = 1; rows < scores.size(); rows += 97) selected.push_back(rows);
  const std::vector<double> weights = effective_weights(scores, Label::non_lens, selected);
  ASSERT_EQ(weights.size(), selected.size());
  for (std::size_t k = 0; k < weights.size(); ++k)
    EXPECT_NEAR(weights[k], selected_fraction(scores, Label::non_lens, scores.logits[selected[k] - 1]).trials / 800, 1e-9);
}

TEST(SelectedFraction, NeverCountsRowsForMoreThanThemselves) {
  // One row of every object is selected: the fraction varies less than that of independent rows.
  Scores scores;
  for (int object = 0; object < 50; ++object)
    for (int copy = 0; copy < 2; ++copy) add(scores, Label::lens, copy + object * 1e-3, std::to_string(object));
  add(scores, Label::non_lens, 0, "another");
  EXPECT_EQ(selected_fraction(labelled_scores(scores), Label::lens, .9).trials, 100);
}

}  // namespace
}  // namespace lensfind::evaluate
