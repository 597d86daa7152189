#include "lensfind/evaluate/ranking.h"

#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"

namespace lensfind::evaluate {
namespace {

Scores rounded_binormal(std::int64_t lenses, std::int64_t nonlenses, double separation, std::uint64_t seed) {
  RandomStream random{seed, Purpose::test};
  Scores scores;
  for (std::int64_t i = 0; i < lenses + nonlenses; ++i)
    scores.push_back({.id = std::to_string(i),
                      .label = i < lenses ? Label::lens : Label::non_lens,
                      .logit = std::round(4 * random.normal(i < lenses ? separation : 0, 1)) / 4});
  return scores;
}

/// DeLong's variance by its definition: all pairs, no sorting.
double variance_by_pairs(const Scores& scores) {
  std::vector<double> lenses, others;
  for (const Score& s : scores) (s.label == Label::lens ? lenses : others).push_back(s.logit);
  const auto variance_of_placements = [](const std::vector<double>& of, const std::vector<double>& among, double sign) {
    std::vector<double> placement;
    double mean = 0;
    for (const double x : of) {
      double sum = 0;
      for (const double y : among) sum += sign * (x - y) > 0 ? 1 : x == y ? .5 : 0;
      placement.push_back(sum / static_cast<double>(among.size()));
      mean += placement.back() / static_cast<double>(of.size());
    }
    double squares = 0;
    for (const double v : placement) squares += (v - mean) * (v - mean);
    return squares / static_cast<double>(of.size() - 1) / static_cast<double>(of.size());
  };
  return variance_of_placements(lenses, others, 1) + variance_of_placements(others, lenses, -1);
}

TEST(Ranking, FastDeLongIsDeLong) {
  const Scores table = rounded_binormal(37, 411, 1.2, 1);
  const LabelledScores scores = labelled_scores(table);
  const Spread spread = spread_of_class_means(scores, placements(scores, curve_steps(scores.logits, scores.labels)));
  EXPECT_NEAR(spread.variance / variance_by_pairs(table), 1, 1e-12);
}

TEST(Ranking, AucIntervalTendsToDeLongsOnTheLogitScale) {
  const LabelledScores scores = labelled_scores(rounded_binormal(4000, 4000, 1.2, 2));
  const auto steps = curve_steps(scores.logits, scores.labels);
  const Spread spread = spread_of_class_means(scores, placements(scores, steps));
  const double value = auc(steps);
  const double half = 1.959963984540054 * std::sqrt(spread.variance) / (value * (1 - value));
  const Estimate interval = auc_interval(value, spread);
  EXPECT_NEAR(interval.low, 1 / (1 + std::exp(half) * (1 - value) / value), 2e-4);
  EXPECT_NEAR(interval.high, 1 / (1 + std::exp(-half) * (1 - value) / value), 2e-4);
}

TEST(Ranking, MirroredScoresGiveTheMirroredInterval) {
  Scores table = rounded_binormal(30, 200, 1, 3);
  const auto interval_of = [](const Scores& s) {
    const LabelledScores scores = labelled_scores(s);
    const auto steps = curve_steps(scores.logits, scores.labels);
    return auc_interval(auc(steps), spread_of_class_means(scores, placements(scores, steps)));
  };
  const Estimate a = interval_of(table);
  for (Score& s : table) s.logit = -s.logit;
  const Estimate b = interval_of(table);
  EXPECT_NEAR(a.value, 1 - b.value, 1e-12);
  EXPECT_NEAR(a.low, 1 - b.high, 1e-9);
  EXPECT_NEAR(a.high, 1 - b.low, 1e-9);
}

TEST(Ranking, TprIntervalKnowsThatFewNonLensesLeaveTheThresholdOpen) {
  // The same 100 lenses, all but a few above 1: with 100 non-lenses FPR 1e-2 is one of them, with 10,000 a hundred.
  const auto width = [](std::int64_t nonlenses) {
    const LabelledScores scores = labelled_scores(rounded_binormal(100, nonlenses, 2, 4));
    const TprAtFpr at = tpr_at_fpr(scores, curve_steps(scores.logits, scores.labels), 1e-2);
    return at.true_positive_rate.high - at.true_positive_rate.low;
  };
  EXPECT_GT(width(100), 1.5 * width(10000));
}

TEST(Ranking, TprIntervalIsTheMixtureOverThresholdAndLenses) {
  // tests/reference/tpr_interval.py
  Scores table;
  for (const double logit : {120.0, 99.5, 98.5, 95.5, 92.5, 90.5, 88.5, 80.5, 50.5, 20.5})
    table.push_back({.id = std::to_string(table.size()), .label = Label::lens, .logit = logit});
  for (int i = 1; i <= 100; ++i) table.push_back({.id = std::to_string(table.size()), .label = Label::non_lens, .logit = 1.0 * i});
  const LabelledScores scores = labelled_scores(table);
  const Estimate tpr = tpr_at_fpr(scores, curve_steps(scores.logits, scores.labels), .1).true_positive_rate;
  EXPECT_EQ(tpr.value, .6);
  EXPECT_NEAR(tpr.low, 0.1937278049657809, 1e-9);
  EXPECT_NEAR(tpr.high, 0.8610124900442075, 1e-9);
}

TEST(Ranking, TprIntervalReachesFarWhereAllLensesAreFound) {
  // Five of five: Jeffreys' lower end would be .621, the modified one .025^(1/5).
  Scores table;
  for (int i = 0; i < 1005; ++i)
    table.push_back({.id = std::to_string(i), .label = i < 5 ? Label::lens : Label::non_lens, .logit = i < 5 ? 1e4 + i : -1.0 * i});
  const LabelledScores scores = labelled_scores(table);
  const Estimate tpr = tpr_at_fpr(scores, curve_steps(scores.logits, scores.labels), .1).true_positive_rate;
  EXPECT_NEAR(tpr.low, std::pow(.025, 1.0 / 5), 1e-6);
  EXPECT_EQ(tpr.high, 1);
}

TEST(Ranking, CopiesOfNonLensesEarnNoCertificate) {
  // No false positive among 400 non-lenses bounds their rate by .0075, among 100 objects of four copies by about .03.
  const auto certified = [](bool grouped) {
    Scores table{{.id = "lens", .label = Label::lens, .logit = 1e3}};
    for (int i = 0; i < 400; ++i)
      table.push_back({.id = std::to_string(i),
                       .label = Label::non_lens,
                       .logit = -1.0 * i,
                       .group = grouped ? "object " + std::to_string(i / 4) : ""});
    const LabelledScores scores = labelled_scores(table);
    // At most four of 400, and the lens above all: the threshold is the lens's.
    return tpr_at_fpr(scores, curve_steps(scores.logits, scores.labels), .01).certified;
  };
  EXPECT_TRUE(certified(false));
  EXPECT_FALSE(certified(true));
}

TEST(Ranking, JeffreysIsJeffreysButAtTheEnds) {
  // Quantiles of Beta(x + 1/2, n - x + 1/2) by scipy 1.17; at the ends 1 - .025^(1/n) by hand.
  const Estimate middle = jeffreys({7, 20});
  EXPECT_NEAR(middle.low, 0.17227621, 1e-8);
  EXPECT_NEAR(middle.high, 0.56776609, 1e-8);
  EXPECT_EQ(jeffreys({1, 20}).low, 0);
  EXPECT_NEAR(jeffreys({0, 20}).high, 1 - std::pow(.025, 1.0 / 20), 1e-12);
  EXPECT_EQ(jeffreys({20, 20}).high, 1);
  EXPECT_NEAR(clopper_pearson_upper({10, 19455}), 0.0008717133987198294, 1e-12);
}

}  // namespace
}  // namespace lensfind::evaluate
