#include "lensfind/evaluate/cascade_cut.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"

namespace lensfind::evaluate {
namespace {

/// Lenses that the teacher finds with student logits 1, 2, ... n, one that it misses at -100, and non-lenses at 0.5, 1.5, ... 9.5.
std::vector<TwoLogits> ladder(int n) {
  std::vector<TwoLogits> samples{{.student = -100, .teacher = -1, .lens = true}};
  for (int i = n; i >= 1; --i) samples.push_back({.student = static_cast<double>(i), .teacher = 5, .lens = true});
  for (int i = 0; i < 10; ++i) samples.push_back({.student = i + .5, .teacher = -3});
  return samples;
}

TEST(CascadeCut, IsTheHighestThatLosesNoMoreThanAllowed) {
  const CascadeCut cut = choose_cut(ladder(399), 0, .01);
  EXPECT_EQ(cut.lenses, 399);
  EXPECT_EQ(cut.cut, 4);  // the 4th of 399: 4 / 400
  EXPECT_DOUBLE_EQ(cut.lost.value, .01);
  // scipy.stats.beta.ppf([.025, .975], 4, 396)
  EXPECT_NEAR(cut.lost.low, .00273806, 1e-8);
  EXPECT_NEAR(cut.lost.high, .02181481, 1e-8);
  EXPECT_DOUBLE_EQ(cut.passed.value, .6);  // 4.5 to 9.5
}

TEST(CascadeCut, NeedsAsManyLensesAsTheLossIsSmall) {
  EXPECT_EQ(choose_cut(ladder(99), 0, .01).cut, 1);
  EXPECT_THROW(choose_cut(ladder(98), 0, .01), Error);
  EXPECT_EQ(choose_cut(ladder(19), 0, .05).cut, 1);
  EXPECT_THROW(choose_cut(ladder(18), 0, .05), Error);
}

TEST(CascadeCut, LosesOnAverageWhatItSays) {
  // Uniform logits: the fraction below the cut is the cut itself. Lost of further lenses, over 2,000 choices on 299 each.
  double sum = 0;
  int covered = 0;
  for (std::uint64_t round = 0; round < 2000; ++round) {
    RandomStream random{round, Purpose::test, 0};
    std::vector<TwoLogits> samples;
    for (int i = 0; i < 299; ++i) samples.push_back({.student = random.uniform(), .teacher = 1, .lens = true});
    const CascadeCut cut = choose_cut(samples, 0, .01);
    sum += cut.cut;
    covered += cut.lost.low <= cut.cut && cut.cut <= cut.lost.high ? 1 : 0;
  }
  EXPECT_NEAR(sum / 2000, .01, .0005);  // the mean's own standard deviation is .0057 / sqrt(2000)
  EXPECT_NEAR(covered / 2000., .95, .015);
}

TEST(CascadeCut, IsJudgedOnOtherSamplesByCounting) {
  const CascadeCut judged = evaluate_cut(ladder(399), 0, 8);
  EXPECT_EQ(judged.lenses, 399);
  EXPECT_DOUBLE_EQ(judged.lost.value, 7 / 399.);
  EXPECT_LT(judged.lost.low, 7 / 399.);
  EXPECT_GT(judged.lost.high, 7 / 399.);
  EXPECT_DOUBLE_EQ(judged.passed.value, .2);
}

}  // namespace
}  // namespace lensfind::evaluate
