#include "lensfind/evaluate/repeated.h"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"

namespace lensfind::evaluate {
namespace {

/// A recipe's runs: all see the same objects (`samples`), each seed adds scatter of its own and moves lenses by its own luck.
std::vector<Scores> runs_of(double separation, double luck, int seeds, std::uint64_t samples, std::uint64_t training) {
  std::vector<Scores> runs;
  for (int s = 0; s < seeds; ++s) {
    RandomStream shared{samples, Purpose::test}, own{training, Purpose::test, static_cast<std::uint64_t>(s)};
    const double moved = separation + luck * own.normal();
    Scores scores;
    for (int i = 0; i < 440; ++i) {
      const Label label = i < 40 ? Label::lens : Label::non_lens;
      const double ease = shared.normal();
      scores.push_back({.id = std::to_string(i), .label = label, .logit = (i < 40 ? moved : 0) + .8 * ease + .6 * own.normal()});
    }
    runs.push_back(std::move(scores));
  }
  return runs;
}

const PairedDifference& repeated_named(const std::vector<PairedDifference>& all, const std::string& figure) {
  for (const PairedDifference& row : all)
    if (row.figure == figure) return row;
  throw Error{"no such figure: " + figure, ""};
}

TEST(OverSeeds, GivesMeanAndSampleDeviation) {
  // By hand: mean 4, squares 4 + 0 + 4, over 2.
  const OverSeeds three = over_seeds(std::array{2., 4., 6.});
  EXPECT_EQ(three.runs, 3);
  EXPECT_DOUBLE_EQ(three.mean, 4);
  EXPECT_DOUBLE_EQ(three.std_dev, 2);
  EXPECT_EQ(three.min, 2);
  EXPECT_EQ(three.max, 6);
  EXPECT_TRUE(std::isnan(over_seeds(std::array{.5}).std_dev));
}

TEST(RepeatedDifferences, WithOneSeedAreThePairedOnes) {
  const std::vector<Scores> a = runs_of(1.5, 0, 1, 1, 2), b = runs_of(1, 0, 1, 1, 3);
  const auto paired = paired_differences({a[0], b[0]}, {.bootstrap_draws = 100});
  const auto repeated = repeated_differences({a, b}, {.bootstrap_draws = 100});
  ASSERT_EQ(repeated.size(), paired.size());
  for (std::size_t i = 0; i < paired.size(); ++i) {
    EXPECT_NEAR(repeated[i].difference.value, paired[i].difference.value, 1e-12) << paired[i].figure;
    EXPECT_NEAR(repeated[i].difference.low, paired[i].difference.low, 1e-9) << paired[i].figure;
    EXPECT_NEAR(repeated[i].p_value, paired[i].p_value, 1e-9) << paired[i].figure;
  }
}

TEST(RepeatedDifferences, TakeTheMeanOverSeeds) {
  const std::vector<Scores> a = runs_of(1.5, .3, 3, 1, 2), b = runs_of(1, .3, 3, 1, 3);
  double expected = 0;
  for (const Scores& run : a) expected += evaluate(run, {.bootstrap_draws = 10}).auc.value / 3;
  for (const Scores& run : b) expected -= evaluate(run, {.bootstrap_draws = 10}).auc.value / 3;
  EXPECT_NEAR(repeated_named(repeated_differences({a, b}, {.bootstrap_draws = 50}), "auc").difference.value, expected, 1e-12);
}

TEST(RepeatedDifferences, GrowWithTheSpreadBetweenSeeds) {
  const auto width = [](double luck) {
    const auto all = repeated_differences({runs_of(1.5, luck, 3, 1, 2), runs_of(1, luck, 3, 1, 3)}, {.bootstrap_draws = 50});
    return repeated_named(all, "auc").standard_error;
  };
  EXPECT_GT(width(.8), 1.5 * width(0));
}

TEST(RepeatedDifferences, HoldTheTruthAsOftenAsTheySay) {
  // Both recipes have the same law, so the true difference is 0 whatever objects and seeds are drawn.
  int held = 0;
  constexpr int trials = 300;
  for (int t = 0; t < trials; ++t) {
    const auto at = static_cast<std::uint64_t>(t);
    const auto all =
        repeated_differences({runs_of(1.2, .3, 3, 10 + at, 1000 + at), runs_of(1.2, .3, 3, 10 + at, 5000 + at)}, {.bootstrap_draws = 2});
    const Estimate& auc = repeated_named(all, "auc").difference;
    held += auc.low <= 0 && 0 <= auc.high ? 1 : 0;
  }
  EXPECT_GE(held, trials * 92 / 100);
}

TEST(RepeatedDifferences, OfARecipeAgainstItselfAreNothing) {
  const std::vector<Scores> a = runs_of(1.5, 0, 1, 1, 2);
  for (const PairedDifference& row : repeated_differences({a, a}, {.bootstrap_draws = 20})) {
    EXPECT_EQ(row.difference.value, 0) << row.figure;
    EXPECT_EQ(row.p_value, 1) << row.figure;
  }
}

TEST(RepeatedDifferences, RefuseDifferentNumbersOfSeeds) {
  EXPECT_THROW(repeated_differences({runs_of(1, 0, 2, 1, 2), runs_of(1, 0, 1, 1, 3)}, {}), Error);
}

}  // namespace
}  // namespace lensfind::evaluate
