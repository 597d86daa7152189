#include "lensfind/workflows/ensemble_choice.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/combine/gaussian_finders_test.h"

namespace lensfind::workflows {
namespace {

using combine::GaussianFinders;
using combine::LabelledRows;
using network::Combine;

EnsembleChoice choose(const LabelledRows& rows) { return choose_combination(rows, "made up", 5, 300, 1); }

const JudgedCombination& of(const EnsembleChoice& choice, Combine way) { return choice.ways.at(static_cast<std::size_t>(way)); }

TEST(EnsembleChoice, KeepsTheMeanLogitOfMembersThatAreAlike) {
  const LabelledRows rows = GaussianFinders{1.5, 1.5, .3}.draw(150, 600, 3);
  const EnsembleChoice choice = choose(rows);
  EXPECT_EQ(choice.best, Combine::logit);
  EXPECT_EQ(choice.lenses, 150);
  EXPECT_EQ(choice.nonlenses, 600);
  // In theory AUC .858 (weights 1, 1) against .856 of one member.
  EXPECT_NEAR(of(choice, Combine::logit).auc, GaussianFinders({1.5, 1.5, .3}).auc_of(1, 1), .03);
  EXPECT_LE(of(choice, Combine::stacked).over_mean.low, 0);
}

TEST(EnsembleChoice, TakesCalibratedLogitsWhereOneMemberShoutsAndIsWeak) {
  LabelledRows rows = GaussianFinders{2, .3, 0}.draw(200, 800, 3);
  for (std::size_t row = 0; row < rows.size(); ++row) rows.scores.values[2 * row + 1] *= 20;
  const EnsembleChoice choice = choose(rows);
  EXPECT_EQ(choice.best, Combine::calibrated);
  EXPECT_GT(of(choice, Combine::calibrated).over_mean.low, .1);
  // Calibration gives weights 2 and .3, which is Fisher's answer.
  EXPECT_NEAR(of(choice, Combine::calibrated).auc, GaussianFinders({2, .3, 0}).best_auc(), .02);
}

TEST(EnsembleChoice, TakesWeightsWhereOneMemberTellsTheErrorsOfTheOther) {
  // docs/combine.md: errors with a correlation of .8. The best weights have opposite signs; every mean is worse than the second member.
  const EnsembleChoice choice = choose(GaussianFinders{.4, 2, .8}.draw(200, 800, 4));
  EXPECT_EQ(choice.best, Combine::stacked);
  EXPECT_GT(of(choice, Combine::stacked).over_member.low, 0);
  EXPECT_LT(of(choice, Combine::logit).over_member.high, 0);
}

TEST(EnsembleChoice, WantsTenOfEitherClass) {
  EXPECT_THROW((void)choose(GaussianFinders{}.draw(9, 100, 1)), Error);
  EXPECT_THROW((void)choose(GaussianFinders{}.draw(100, 9, 1)), Error);
}

/// What the ensemble's ONNX file computes of a row, and what its calibration makes of that.
double ratio_of(const FittedEnsemble& fitted, Combine way, std::span<const double> logits) {
  const model::FittedCombination& combination = fitted.combination;
  double mean = 0, lens = 0, non_lens = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double s = combination.slopes.empty() ? logits[i] : combination.slopes[i] * logits[i] + combination.intercepts[i];
    mean += s / static_cast<double>(logits.size());
    lens += 1 / (1 + std::exp(-s));
    non_lens += 1 / (1 + std::exp(s));
  }
  return combination.calibration.log_likelihood_ratio(way == Combine::probability ? std::log(lens / non_lens) : mean);
}

TEST(FitEnsemble, GivesTheLogLikelihoodRatioOfGaussianMembers) {
  const GaussianFinders law{1, 2, .5};
  const LabelledRows rows = law.draw(4000, 8000, 7);
  const FittedEnsemble fitted = fit_ensemble(rows, Combine::stacked, "made up", 5, 1);
  for (const auto& [a, b] : {std::pair{0., 0.}, {1., 1.}, {-1., 2.}, {2., 3.}})
    EXPECT_NEAR(ratio_of(fitted, Combine::stacked, std::vector{a, b}), law.log_likelihood_ratio(a, b), .35) << a << " " << b;
}

TEST(FitEnsemble, GivesHeldOutLogitsOnTheScaleOfTheEnsemble) {
  const LabelledRows rows = GaussianFinders{1, 2, .5}.draw(1000, 2000, 7);
  for (const Combine way : {Combine::logit, Combine::calibrated, Combine::probability, Combine::stacked}) {
    const FittedEnsemble fitted = fit_ensemble(rows, way, "made up", 5, 1);
    ASSERT_EQ(fitted.logits.size(), rows.size());
    const evaluate::Calibration& calibration = fitted.combination.calibration;
    EXPECT_EQ(calibration.lenses, 1000);
    // A fit that saw a row differs little from one that did not, at this number of rows.
    for (std::size_t row = 0; row < rows.size(); row += 100) {
      const double ratio = ratio_of(fitted, way, rows.scores.row(row));
      EXPECT_NEAR(calibration.log_likelihood_ratio(fitted.logits[row]), ratio, .1 + .08 * std::abs(ratio)) << name_of(way);
    }
  }
}

}  // namespace
}  // namespace lensfind::workflows
