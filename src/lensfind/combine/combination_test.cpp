#include "lensfind/combine/combination.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/combine/gaussian_finders_test.h"

namespace lensfind::combine {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr ChoiceOptions quick_fit{.rule = {.trees = 30}, .bootstrap_draws = 200};
const std::vector<Finder> two_finders{{.name = "a"}, {.name = "b", .column = "mean", .scale = {true, .01, .02}}};

Combination fitted(RuleKind kind, const GaussianFinders& law = {1, 2, .8}, int lenses = 300, int nonlenses = 900) {
  const FinderScores scores = as_finder_scores(law.draw(lenses, nonlenses, 1), {"a", "b"});
  return fit_combination(scores, two_finders, kind, quick_fit, no_progress());
}

TEST(Combination, ReadsBackTheSame) {
  for (const RuleKind kind : all_rules) {
    const Combination made = fitted(kind);
    ASSERT_EQ(made.subsets.size(), 3u);
    const Combination read = combination_from(parse_json(to_json(to_json_value(made)), "test"), "test");
    EXPECT_EQ(read.finders[1].column, "mean");
    EXPECT_EQ(read.finders[1].scale.zero, .01);
    EXPECT_EQ(read.prevalence, .25);
    for (const auto& scores : {std::vector<double>{.3, 1.7}, {5, -3}, {missing, 1}, {2, missing}}) {
      const Subset* subset = read.subset_for(scores);
      ASSERT_NE(subset, nullptr);
      EXPECT_EQ(log_likelihood_ratio(*subset, scores), log_likelihood_ratio(*made.subset_for(scores), scores)) << name_of(kind);
    }
  }
}

TEST(Combination, GivesTheLogLikelihoodRatioItself) {
  const GaussianFinders law{1, 1.5, .5};
  const Combination combination = fitted(RuleKind::stacking, law, 3000, 9000);
  for (const auto& [x, y] : {std::pair{0., 0.}, {1., 1.5}, {.5, 2.}, {-.5, .3}}) {
    const std::vector<double> scores{x, y};
    EXPECT_NEAR(log_likelihood_ratio(*combination.subset_for(scores), scores), law.log_likelihood_ratio(x, y), .3) << x << ' ' << y;
  }
}

TEST(Combination, AnObjectWithoutAScoreGetsTheRuleOfTheOthers) {
  const GaussianFinders law{1, 1.5, .5};
  const Combination combination = fitted(RuleKind::stacking, law, 3000, 9000);
  // By itself a finder's log likelihood ratio is shift (x - shift / 2).
  const std::vector<double> first{.8, missing}, second{missing, 1.1}, none{missing, missing};
  EXPECT_NEAR(log_likelihood_ratio(*combination.subset_for(first), first), 1 * (.8 - .5), .15);
  EXPECT_NEAR(log_likelihood_ratio(*combination.subset_for(second), second), 1.5 * (1.1 - .75), .15);
  EXPECT_EQ(combination.subset_for(none), nullptr);
}

TEST(Combination, SetsOfFewLabelledObjectsHaveNoRule) {
  FinderScores scores = as_finder_scores(GaussianFinders{}.draw(100, 300, 2), {"a", "b", "c"});
  dataset::FeatureTable three{3, {}};
  for (std::size_t row = 0; row < scores.rows(); ++row) {
    const auto values = scores.table.row(row);
    // Half of the objects have a and c alone, five of these lenses.
    three.values.insert(three.values.end(), {values[0], row % 2 == 0 ? values[1] : missing, values[0] + values[1]});
  }
  scores.table = three;
  const Combination combination = fit_combination(scores, {{"a"}, {"b"}, {"c"}}, RuleKind::mean_logit, quick_fit, no_progress());
  EXPECT_EQ(combination.subsets.size(), 7u);
  EXPECT_EQ(combination.subsets.front().lenses, 50);
  const std::vector<double> without_b{.5, missing, 1};
  EXPECT_EQ(combination.subset_for(without_b)->lenses, 100);                         // rows without b count there too
  for (std::size_t row = 16; row < 100; ++row) scores.labels[row] = Label::unknown;  // eight lenses with b are left
  scores.labels[99] = Label::lens;
  EXPECT_EQ(fit_combination(scores, {{"a"}, {"b"}, {"c"}}, RuleKind::mean_logit, quick_fit, no_progress()).subsets.size(), 4u);
}

TEST(Combination, DamagedFilesAreRefused) {
  const std::string whole = to_json(to_json_value(fitted(RuleKind::monotone_trees)), -1);
  const auto damaged = [&](const std::string& from, const std::string& to) {
    std::string text = whole;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    return text;
  };
  for (const std::string& text :
       {std::string{"{}"}, std::string{"[]"}, damaged("lensfind combination", "model"), damaged("\"version\":1", "\"version\":2"),
        damaged("\"splits\":[[", "\"splits\":[[7"), damaged("\"leaves\":[", "\"leaves\":[1,"),
        damaged("\"rule\":\"monotone_trees\"", "\"rule\":\"forest\""), damaged("\"finders\":[\"a\"", "\"finders\":[\"z\"")})
    EXPECT_THROW((void)combination_from(parse_json(text, "test"), "test"), Error) << text.substr(0, 80);
}

TEST(Scale, IsTheLogitOfProbabilitiesAndRefusesOthers) {
  const Scale probability{true, .001, .002}, plain;
  EXPECT_DOUBLE_EQ(probability(.75, "x"), std::log(3));
  EXPECT_DOUBLE_EQ(probability(0, "x"), std::log(.001));
  EXPECT_DOUBLE_EQ(probability(1, "x"), std::log(.998 / .002));
  EXPECT_THROW((void)probability(1.5, "x"), Error);
  EXPECT_EQ(plain(1.5, "x"), 1.5);
  EXPECT_TRUE(std::isnan(probability(missing, "x")));
}

}  // namespace
}  // namespace lensfind::combine
