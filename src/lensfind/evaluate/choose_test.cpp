#include "lensfind/evaluate/choose.h"

#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"
#include "lensfind/evaluate/decisions.h"
#include "lensfind/evaluate/distributions.h"
#include "lensfind/evaluate/reliability.h"
#include "lensfind/evaluate/target.h"

namespace lensfind::evaluate {
namespace {

/// Scores whose log likelihood ratio is known: N(0, 1) against N(separation, 1) gives separation x - separation^2 / 2; the finder reports
/// (ratio - offset) / scale as its logit.
struct KnownFinder {
  double separation = 2, scale = 1, offset = 0;

  [[nodiscard]] double ratio(double x) const { return separation * x - separation * separation / 2; }
  [[nodiscard]] Scores draw(std::int64_t lenses, std::int64_t nonlenses, std::uint64_t seed) const {
    RandomStream random{seed, Purpose::test};
    Scores scores;
    for (std::int64_t i = 0; i < lenses + nonlenses; ++i) {
      const bool lens = i < lenses;
      const double x = random.normal(lens ? separation : 0, 1);
      scores.push_back({.id = std::to_string(i), .label = lens ? Label::lens : Label::non_lens, .logit = (ratio(x) - offset) / scale});
    }
    return scores;
  }
};

TEST(Calibration, FindsTheLogLikelihoodRatio) {
  // The study's loss trains at another balance and gives twice the log odds: logit = 2 (ratio + ln 16.6).
  const KnownFinder finder{.separation = 2, .scale = .5, .offset = -std::log(16.6)};
  const auto calibration = fit_calibration(finder.draw(20000, 200000, 1), "validation");
  ASSERT_TRUE(calibration);
  EXPECT_NEAR(calibration->slope, .5, .01);
  EXPECT_NEAR(calibration->intercept, -std::log(16.6), .05);
  EXPECT_NEAR(calibration->prevalence, 1.0 / 11, 1e-12);
}

TEST(Calibration, SolvesPlattsEquations) {
  // At the optimum the weighted residuals sum to 0, plainly and times the logit.
  const Scores scores = KnownFinder{}.draw(30, 500, 2);
  const auto c = fit_calibration(scores, "validation");
  double plain = 0;
  double times_logit = 0;
  for (const Score& s : scores) {
    const bool lens = s.label == Label::lens;
    const double target = lens ? 31.0 / 32 : 1.0 / 32;
    const double residual = (lens ? .5 / 30 : .5 / 500) * (1 / (1 + std::exp(-c->log_likelihood_ratio(s.logit))) - target);
    plain += residual;
    times_logit += residual * s.logit;
  }
  EXPECT_NEAR(plain, 0, 1e-9);
  EXPECT_NEAR(times_logit, 0, 1e-9);
}

TEST(Calibration, RepeatingNegativesChangesNothing) {
  const Scores scores = KnownFinder{}.draw(50, 500, 3);
  Scores repeated = scores;
  for (int copy = 0; copy < 9; ++copy)
    for (const Score& s : scores)
      if (s.label == Label::non_lens) repeated.push_back(s);
  const auto a = fit_calibration(scores, "");
  const auto b = fit_calibration(repeated, "");
  EXPECT_NEAR(a->slope, b->slope, 1e-9);
  EXPECT_NEAR(a->intercept, b->intercept, 1e-9);
}

TEST(Calibration, StaysFiniteForSeparableAndConstantScores) {
  Scores scores;
  for (int i = 0; i < 40; ++i)
    scores.push_back({.id = std::to_string(i), .label = i < 10 ? Label::lens : Label::non_lens, .logit = i < 10 ? 1e6 + i : -1e6 - i});
  const auto c = fit_calibration(scores, "");
  EXPECT_TRUE(std::isfinite(c->slope) && std::isfinite(c->intercept));
  EXPECT_NEAR(c->log_likelihood_ratio(1e6), std::log(11), .05);  // the smoothed target of ten lenses is 11/12
  for (Score& s : scores) s.logit = 3;
  const auto flat = fit_calibration(scores, "");
  EXPECT_NEAR(flat->log_likelihood_ratio(3), 0, 1e-9);
}

TEST(Calibration, NeedsFiveLenses) {
  EXPECT_FALSE(fit_calibration(KnownFinder{}.draw(4, 100, 1), ""));
  EXPECT_FALSE(fit_calibration(KnownFinder{}.draw(10, 0, 1), ""));
  EXPECT_TRUE(fit_calibration(KnownFinder{}.draw(5, 100, 1), ""));
}

TEST(Calibration, HoldsAtSurveyPrevalence) {
  // Trained at 50%, validated at 5.7%, applied at 0.1%: the summed probability is the number of lenses within Poisson error, the slope 1
  // within .1.
  const KnownFinder finder{.separation = 3, .scale = .5, .offset = 0};
  const auto calibration = fit_calibration(finder.draw(1730, 28675, 4), "validation");
  Scores survey = finder.draw(1000, 999000, 5);
  double sum = 0;
  for (Score& s : survey) {
    s.probability = calibration->probability(s.logit, 1e-3);
    sum += s.probability;
  }
  EXPECT_NEAR(sum, 1000, 4 * std::sqrt(1000.0));
  const CalibrationEstimates figures = calibration_figures(labelled_scores(survey));
  EXPECT_NEAR(figures.slope.value, 1, .1);
  EXPECT_NEAR(figures.intercept.value, 0, .4);
}

TEST(Thresholds, BestF1AndTheHighestTprWithinAnFpr) {
  // Worked out by hand: of 6 lenses and 1,000 non-lenses, F1 is best at 4 lenses and 1 non-lens: 8 / 11.
  Scores scores;
  const auto add = [&](double logit, Label label) {
    scores.push_back({.id = std::to_string(scores.size()), .label = label, .logit = logit});
  };
  for (const double logit : {9.0, 8.0, 7.0, 5.0, 1.0, .5}) add(logit, Label::lens);
  add(6, Label::non_lens);
  for (const double logit : {4.0, 3.5, 3.0, 2.5, 2.0}) add(logit, Label::non_lens);
  for (int i = 0; i < 994; ++i) add(-1 - i, Label::non_lens);
  const auto points = choose_thresholds(scores, std::nullopt, "validation");
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].name, "f1");
  EXPECT_EQ(points[0].threshold, 5);
  EXPECT_EQ(points[1].name, "fpr_1e-3");
  EXPECT_EQ(points[1].threshold, 5);
  EXPECT_EQ(points[0].chosen_on, "validation");
  EXPECT_TRUE(choose_thresholds({}, std::nullopt, "").empty());
}

TEST(Thresholds, HalfIsWhereTheProbabilityIsAHalf) {
  const Scores scores = KnownFinder{}.draw(100, 900, 8);
  const auto calibration = fit_calibration(scores, "validation");
  const auto points = choose_thresholds(scores, calibration, "validation");
  ASSERT_EQ(points[1].name, "half");
  EXPECT_NEAR(calibration->probability(points[1].threshold), .5, 1e-12);
}

TEST(Targets, AreReadAndRefused) {
  EXPECT_EQ(parse_target("purity=.5").value, .5);
  EXPECT_EQ(parse_target("fpr=1e-3").kind, Target::Kind::false_positive_rate);
  EXPECT_EQ(target_text(parse_target("candidates=1000")), "candidates=1000");
  for (const char* text : {"purity", "purity=", "purity=2", "purity=0", "pureness=.5", "recall=1", "candidates=-1", "=3", ""})
    EXPECT_THROW(parse_target(text), Error) << text;
}

TEST(Targets, BringWhatWasAskedFor) {
  const KnownFinder finder{.separation = 4};
  const Scores validation = finder.draw(200, 20000, 11);
  for (const char* text : {"purity=.5", "recall=.9", "fpr=1e-3", "candidates=1000"}) {
    const ReachedTarget reached = reach_target(validation, parse_target(text), 1e-2, "validation");
    // Closed form: N(0, 1) and N(4, 1) in x = (logit + 8) / 4.
    const double x = (reached.point.threshold + 8) / 4;
    const double f = std::erfc(x / std::sqrt(2.0)) / 2;
    const double t = std::erfc((x - 4) / std::sqrt(2.0)) / 2;
    EXPECT_EQ(reached.point.name, text[0] == 'p'   ? "purity=0.5"
                                  : text[0] == 'r' ? "recall=0.9"
                                  : text[0] == 'f' ? "fpr=0.001"
                                                   : "candidates=1000");
    EXPECT_LT(reached.purity.low, 1e-2 * t / (1e-2 * t + .99 * f)) << text;
    EXPECT_GT(reached.purity.high, 1e-2 * t / (1e-2 * t + .99 * f)) << text;
    EXPECT_LT(reached.recall.low, t);
    EXPECT_GT(reached.recall.high, t);
    EXPECT_LT(reached.candidates.low, 1e6 * (1e-2 * t + .99 * f));
    EXPECT_GT(reached.candidates.high, 1e6 * (1e-2 * t + .99 * f));
  }
}

TEST(Targets, GrantByHandAndFearTheirOwnChoice) {
  // Non-lenses at 1 .. 100: at most two of them let three lenses through, the lowest at 98.5.
  Scores validation;
  for (const double logit : {120.0, 99.5, 98.5, 95.5, 92.5, 90.5, 88.5, 80.5, 50.5, 20.5})
    validation.push_back({.id = std::to_string(validation.size()), .label = Label::lens, .logit = logit});
  for (int i = 1; i <= 100; ++i)
    validation.push_back({.id = std::to_string(validation.size()), .label = Label::non_lens, .logit = 1.0 * i});
  const ReachedTarget reached = reach_target(validation, parse_target("fpr=.02"), .01, "validation");
  EXPECT_EQ(reached.point.threshold, 98.5);
  EXPECT_EQ(reached.recall.value, .3);
  EXPECT_EQ(reached.recall.low, jeffreys({2, 10}).low);  // the lens at the threshold counts as missed
  EXPECT_EQ(reached.recall.high, jeffreys({3, 10}).high);
  EXPECT_EQ(reached.false_positive_rate.low, jeffreys({2, 100}).low);
  EXPECT_NEAR(reached.false_positive_rate.high, beta_quantile(.975, 3, 98), 1e-12);  // that of the next non-lens
  EXPECT_EQ(reached.purity.low, at_prevalence(rates_of({2, 10}, {2.5, 100}), "", .01).purity.low);
  EXPECT_EQ(reached.purity.high, at_prevalence(rates_of({3, 10}, {2, 100}), "", .01).purity.high);
  EXPECT_EQ(reached.candidates.low, at_prevalence(rates_of({2, 10}, {2, 100}), "", .01).candidates.low);
  EXPECT_EQ(reached.candidates.high, at_prevalence(rates_of({3, 10}, {2.5, 100}), "", .01).candidates.high);
  // One false positive: 10^6 (.01 x 2 / 11 + .99 x 2 / 101) = 21,422 candidates.
  EXPECT_EQ(reach_target(validation, parse_target("candidates=21500"), .01, "validation").point.threshold, 99.5);
  EXPECT_EQ(reach_target(validation, parse_target("recall=.8"), .01, "validation").point.threshold, 80.5);
}

TEST(Targets, DoNotPromisePurityForWantOfFalsePositives) {
  const KnownFinder finder{.separation = 12};
  EXPECT_THROW(reach_target(finder.draw(100, 1000, 1), parse_target("purity=.5"), 1e-4, "validation"), Error);
  EXPECT_NO_THROW(reach_target(finder.draw(100, 1000, 1), parse_target("purity=.5"), 1e-2, "validation"));
}

}  // namespace
}  // namespace lensfind::evaluate
