#include "lensfind/combine/rule.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/combine/gaussian_finders_test.h"
#include "lensfind/evaluate/curves.h"

namespace lensfind::combine {
namespace {

struct Reference {
  Value numbers = read_json(std::string{LENSFIND_SOURCE_DIR} + "/tests/reference/combine.json");
  LabelledRows rows{.scores = {2, {}}};

  Reference() {
    for (const Value& lens : numbers.at("lens").as_array()) {
      rows.groups.push_back(std::to_string(rows.lens.size()));
      rows.lens.push_back(static_cast<char>(lens.as_integer()));
    }
    for (const Value& score : numbers.at("scores").as_array()) rows.scores.values.push_back(score.as_number());
  }
};

double auc_on(const Rule& rule, const LabelledRows& rows) {
  std::vector<double> outputs;
  std::vector<Label> labels;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    outputs.push_back(rule.log_likelihood_ratio(rows.scores.row(i)));
    labels.push_back(rows.lens[i] ? Label::lens : Label::non_lens);
  }
  return evaluate::auc(outputs, labels);
}

// tests/reference/combine.py
TEST(Rule, StackingAgreesWithScikitLearn) {
  const Reference reference;
  for (const RuleKind kind : {RuleKind::stacking, RuleKind::crossed_stacking}) {
    const Rule rule = fit_rule(kind, reference.rows, {});
    for (std::size_t finder = 0; finder < 2; ++finder) {
      const Value::Array& platt = reference.numbers.at("platt").as_array()[finder].as_array();
      EXPECT_NEAR(rule.finders[finder].slope, platt[0].as_number(), 1e-6);
      EXPECT_NEAR(rule.finders[finder].intercept, platt[1].as_number(), 1e-6);
    }
    const Value::Array& expected = reference.numbers.at(name_of(kind)).as_array();
    for (std::size_t row = 0; row < expected.size(); ++row)
      EXPECT_NEAR(rule.output(reference.rows.scores.row(row)), expected[row].as_number(), 1e-5) << name_of(kind) << row;
  }
}

TEST(Rule, MeansAreThoseOfCalibratedScores) {
  const Reference reference;
  const auto row = reference.rows.scores.row(3);
  const Rule logit = fit_rule(RuleKind::mean_logit, reference.rows, {});
  double s[2];
  for (const std::size_t i : {0u, 1u}) {
    const Value::Array& platt = reference.numbers.at("platt").as_array()[i].as_array();
    s[i] = platt[0].as_number() * row[i] + platt[1].as_number();
  }
  EXPECT_NEAR(logit.output(row), (s[0] + s[1]) / 2, 1e-6);
  // 20 of 60 are lenses: odds 1/2.
  const Rule probability = fit_rule(RuleKind::mean_probability, reference.rows, {});
  const double mean = (1 / (1 + 2 * std::exp(-s[0])) + 1 / (1 + 2 * std::exp(-s[1]))) / 2;
  EXPECT_NEAR(probability.output(row), std::log(mean / (1 - mean)), 1e-6);
}

TEST(Rule, StackingReachesTheBestOfCorrelatedFindersAndTheMeanDoesNot) {
  const GaussianFinders law{.first_shift = 1, .second_shift = 2, .correlation = .8};
  const LabelledRows fitted_on = law.draw(2000, 4000, 1), fresh = law.draw(20000, 20000, 2);
  ASSERT_NEAR(law.best_auc(), .9431, 1e-4);
  ASSERT_NEAR(law.auc_of(1, 2), .8915, 1e-4);  // the sum of the finders' own log likelihood ratios
  EXPECT_NEAR(auc_on(fit_rule(RuleKind::stacking, fitted_on, {}), fresh), law.best_auc(), .005);
  EXPECT_NEAR(auc_on(fit_rule(RuleKind::mean_logit, fitted_on, {}), fresh), law.auc_of(1, 2), .006);
  EXPECT_NEAR(auc_on(fit_rule(RuleKind::independent_bayes, fitted_on, {}), fresh), law.auc_of(1, 2), .008);
}

TEST(Rule, IndependentBayesIsTheBestOfIndependentFinders) {
  const GaussianFinders law{.first_shift = 1.5, .second_shift = 1};
  const LabelledRows fitted_on = law.draw(3000, 6000, 3), fresh = law.draw(20000, 20000, 4);
  for (const RuleKind kind : all_rules) {
    // Steps of depth 2 lose .018 of the AUC here.
    const double allowed = kind == RuleKind::monotone_trees ? .022 : kind == RuleKind::mean_probability ? .012 : .005;
    EXPECT_NEAR(auc_on(fit_rule(kind, fitted_on, {}), fresh), law.best_auc(), allowed) << name_of(kind);
  }
  // Not only the order: the sum is the log likelihood ratio itself.
  const Rule bayes = fit_rule(RuleKind::independent_bayes, fitted_on, {});
  for (const auto& [x, y] : {std::pair{0., 0.}, {1., 1.}, {1.5, .2}, {-.5, .8}})
    EXPECT_NEAR(bayes.output(std::vector<double>{x, y}), law.log_likelihood_ratio(x, y), .3) << x << ' ' << y;
}

TEST(Rule, CrossedTermsSeeWhatOnlyBothScoresTell) {
  // Both classes have the same mean; lenses have both scores high or both low.
  LabelledRows rows{.scores = {2, {}}};
  RandomStream random{5, Purpose::test};
  for (int i = 0; i < 3000; ++i) {
    const double a = random.normal(), b = random.normal(), r = i % 3 == 0 ? .8 : -.8;
    rows.scores.values.insert(rows.scores.values.end(), {a, r * a + .6 * b});
    rows.lens.push_back(i % 3 == 0 ? 1 : 0);
    rows.groups.push_back(std::to_string(i));
  }
  EXPECT_LT(auc_on(fit_rule(RuleKind::stacking, rows, {}), rows), .56);
  EXPECT_GT(auc_on(fit_rule(RuleKind::crossed_stacking, rows, {}), rows), .85);
}

TEST(Rule, TooFewLensesAreRefused) {
  EXPECT_THROW(fit_rule(RuleKind::mean_logit, GaussianFinders{}.draw(4, 50, 1), {}), Error);
  EXPECT_THROW((void)rule_from_name("mean"), Error);
}

}  // namespace
}  // namespace lensfind::combine
