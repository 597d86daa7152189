#include "lensfind/evaluate/probability_scale.h"

#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/evaluate/choose.h"

namespace lensfind::evaluate {
namespace {

Scores scores_of(const std::vector<double>& values) {
  Scores scores;
  for (const double value : values) scores.push_back({.id = std::to_string(scores.size()), .logit = value});
  return scores;
}

TEST(ProbabilityScale, IsThatOfScoresBetween0And1) {
  const Scores inside = scores_of({.1, .5, 1, 0});
  EXPECT_TRUE(ProbabilityScale::of({&inside}));
  for (const std::vector<double>& values : {std::vector<double>{.1, 1.5}, {-.1, .5}, {0, 1, 1, 0}}) {
    const Scores other = scores_of(values);
    EXPECT_FALSE(ProbabilityScale::of({&other}));
    EXPECT_FALSE(ProbabilityScale::of({&other, &inside}) && values[1] == 1.5);
  }
}

TEST(ProbabilityScale, LogitsKeepTheOrderToBothEnds) {
  const Scores first = scores_of({0, 1e-4, .5, 1}), second = scores_of({4.9e-324, 1 - 1e-10, std::nextafter(1.0, 0.0)});
  const auto scale = ProbabilityScale::of({&first, &second});
  double last = -std::numeric_limits<double>::infinity();
  for (const double p : {0.0, 4.9e-324, 1e-310, 1e-4, .5, 1 - 1e-10, std::nextafter(1.0, 0.0), 1.0}) {
    const double logit = scale->logit(p);
    EXPECT_TRUE(std::isfinite(logit)) << p;
    EXPECT_GE(logit, last) << p;
    last = logit;
  }
  EXPECT_EQ(scale->logit(.5), 0);
  EXPECT_NEAR(scale->logit(.9), 2.1972245773362196, 1e-14);
  const auto coarse = ProbabilityScale::of({&first});
  EXPECT_NEAR(coarse->logit(0), std::log(5e-5), 1e-12);       // half of the least that was seen
  EXPECT_NEAR(coarse->logit(1), std::log(.75 / .25), 1e-12);  // half as far from 1 as .5
  EXPECT_NEAR(ProbabilityScale::probability(coarse->logit(.3)), .3, 1e-15);
}

// A finder's overconfident probabilities, twice the log odds and one: scikit-learn's LogisticRegression without penalty, each class with
// half the weight, on their logit, of the same numbers.
TEST(ProbabilityScale, CalibratesAsLogisticRegressionOnTheLogit) {
  std::uint64_t state_u = 1, state_v = 2;
  const auto uniform = [](std::uint64_t& state) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<double>(state >> 11) / 9007199254740992.0;
  };
  Scores validation;
  for (int i = 0; i < 4000; ++i) {
    const double odds = 6 * uniform(state_u) - 4;
    const bool lens = uniform(state_v) < 1 / (1 + std::exp(-odds));
    if (i % 2 != 0) continue;
    validation.push_back(
        {.id = std::to_string(i), .label = lens ? Label::lens : Label::non_lens, .logit = 1 / (1 + std::exp(-2 * odds - 1))});
  }
  const auto scale = ProbabilityScale::of({&validation});
  const auto calibration = fit_calibration(scale->with_logits(validation), "v");
  EXPECT_NEAR(calibration->slope, 0.50336926, .005);  // Platt's targets are a little within 0 and 1
  EXPECT_NEAR(calibration->intercept, 0.11053454, .01);
}

}  // namespace
}  // namespace lensfind::evaluate
