#include "lensfind/dataset/logistic.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lensfind/base/random.h"

namespace lensfind::dataset {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

const FeatureTable twelve_rows{
    2, {0.5, 1.0, 1.5, -0.3, -0.7, 2.0, 2.2, 0.1, 0.3, -1.2, -1.1, 0.4, 0.9, 0.8, -0.2, -0.6, 1.8, 1.4, -1.5, -2.0, 0.1, 0.2, 0.7, -1.7}};
const std::vector<char> twelve_classes{1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1};

// tests/reference/logistic.py, scikit-learn 1.9.1.
TEST(Logistic, AgreesWithScikitLearn) {
  const LogisticModel one = fit_logistic(twelve_rows, twelve_classes, 1);
  EXPECT_THAT(one.weights, ElementsAre(DoubleNear(0.8561897229679145, 1e-6), DoubleNear(-0.29960294047902625, 1e-6)));
  EXPECT_NEAR(one.intercept, -0.3273720964228327, 1e-6);
  const LogisticModel ten = fit_logistic(twelve_rows, twelve_classes, 10);
  EXPECT_THAT(ten.weights, ElementsAre(DoubleNear(0.2515646432716456, 1e-6), DoubleNear(-0.06743592944511372, 1e-6)));
  EXPECT_NEAR(ten.intercept, -0.09392166700143909, 1e-6);
}

TEST(Logistic, ClassesThatAreToldApartGiveFiniteWeights) {
  const LogisticModel model = fit_logistic({1, {-2, -1, 1, 2}}, std::vector<char>{0, 0, 1, 1}, 1e-3);
  EXPECT_GT(model.weights[0], 1);
  EXPECT_TRUE(std::isfinite(model.weights[0]));
  EXPECT_NEAR(model.intercept, 0, 1e-6);
}

TEST(AucEstimate, IsDeLongs) {
  // Positives 3 and 1 beat 1 and 1/2 of the negatives, these lose to 1/2 and 1 of the positives: AUC 3/4, variance (1/8) / 2 + (1/8) / 2.
  const evaluate::Estimate auc = estimate_auc(std::vector<double>{3, 1, 2, 0}, std::vector<char>{1, 1, 0, 0});
  EXPECT_DOUBLE_EQ(auc.value, 0.75);
  // Towards 1 the logit interval with Student's t of Satterthwaite's degrees of freedom: 2 of the variances 1/16 and 1/16 with one row more
  // each, (1/16 + .5 (1/4) / 2) / 3 = 1/24, of which the larger sum counts.
  const double error = std::sqrt(2 * (1. / 16 * (2 - 1) / (2 + 1) + .5 * .25 / (2 * 3)));
  const double reach = 4.302652729749464 * error / (.75 * .25);  // t(.975) of 2 degrees of freedom
  EXPECT_NEAR(auc.high, 1 / (1 + std::exp(-(std::log(3) + reach))), 1e-9);
  EXPECT_DOUBLE_EQ(estimate_auc(std::vector<double>{1, 1, 1, 0}, std::vector<char>{1, 1, 0, 0}).value, 0.75);
}

TEST(CrossValidatedAuc, IsAHalfWhereFeaturesSayNothing) {
  constexpr int sets = 40;
  double mean = 0, width = 0;
  int covered = 0;
  for (std::uint64_t set = 0; set < sets; ++set) {
    RandomStream random{1, Purpose::test, set};
    FeatureTable table{6, {}};
    std::vector<char> positive;
    for (int row = 0; row < 1000; ++row) {
      for (int column = 0; column < 6; ++column) table.values.push_back(random.normal());
      positive.push_back(row % 2 == 1);
    }
    const evaluate::Estimate auc = cross_validated_auc(table, positive);
    mean += auc.value / sets;
    width += (auc.high - auc.low) / sets;
    covered += auc.low < 0.5 && auc.high > 0.5 ? 1 : 0;
  }
  EXPECT_NEAR(mean, 0.5, 0.009);  // three standard errors of the mean of 40
  EXPECT_GE(covered, 36);
  EXPECT_NEAR(width, 2 * 1.96 * 1.5 * std::sqrt(2 / 12.0 / 500), 0.006);  // two samples of one law, times Nadeau & Bengio's 1.5
}

TEST(CrossValidatedAuc, SeesADifferenceInSpreadAlone) {
  RandomStream random{2, Purpose::test};
  FeatureTable table{1, {}};
  std::vector<char> positive;
  for (int row = 0; row < 2000; ++row) {
    table.values.push_back(random.normal(0, row % 2 == 0 ? 1 : 2));
    positive.push_back(row % 2 == 1);
  }
  // |x| is what tells them apart: P(|x_2| > |x_1|) = 2 / pi atan(2).
  EXPECT_NEAR(cross_validated_auc(table, positive).value, 2 / M_PI * std::atan(2), 0.02);
}

TEST(CrossValidatedAuc, NeverPartsAGroup) {
  // Ten copies of each object, classes by chance: who sees a copy in training knows its class.
  RandomStream random{3, Purpose::test};
  FeatureTable table{20, {}};
  std::vector<char> positive;
  std::vector<std::string> groups;
  for (int object = 0; object < 40; ++object) {
    std::vector<double> features;
    for (int column = 0; column < 20; ++column) features.push_back(random.normal());
    for (int copy = 0; copy < 10; ++copy) {
      table.values.insert(table.values.end(), features.begin(), features.end());
      positive.push_back(object % 2 == 1);
      groups.push_back(std::to_string(object));
    }
  }
  EXPECT_LT(cross_validated_auc(table, positive, groups).value, 0.75);
  EXPECT_GT(cross_validated_auc(table, positive).value, 0.95);
}

TEST(CrossValidatedAuc, TooFewRowsSayNothing) {
  const evaluate::Estimate auc = cross_validated_auc({1, {1, 2, 3, 4}}, std::vector<char>{0, 1, 0, 1});
  EXPECT_EQ(auc.low, 0);
  EXPECT_EQ(auc.high, 1);
}

}  // namespace
}  // namespace lensfind::dataset
