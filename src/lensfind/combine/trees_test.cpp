#include "lensfind/combine/trees.h"

#include <gmock/gmock.h>

#include "lensfind/combine/gaussian_finders_test.h"
#include "lensfind/evaluate/curves.h"

namespace lensfind::combine {
namespace {

double auc_on(const MonotoneTrees& trees, const LabelledRows& rows) {
  std::vector<double> outputs;
  std::vector<Label> labels;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    outputs.push_back(trees(rows.scores.row(i)));
    labels.push_back(rows.lens[i] ? Label::lens : Label::non_lens);
  }
  return evaluate::auc(outputs, labels);
}

TEST(MonotoneTrees, NeverFallWhereAScoreRises) {
  // The second finder's weight in the best rule is negative (correlation .9): free trees would fall along it.
  const GaussianFinders law{.first_shift = 2, .second_shift = .8, .correlation = .9};
  const MonotoneTrees trees = grow_trees(law.draw(400, 2000, 4), 60, 1);
  for (const MonotoneTree& tree : trees.trees) {
    for (double x = -4; x < 6; x += .25) {
      for (double y = -4; y < 6; y += .25) {
        EXPECT_LE(tree(std::vector<double>{x, y}), tree(std::vector<double>{x + .25, y}));
        EXPECT_LE(tree(std::vector<double>{x, y}), tree(std::vector<double>{x, y + .25}));
      }
    }
  }
}

TEST(MonotoneTrees, OrderIndependentFindersNearlyAsTheBestRule) {
  const GaussianFinders law{.first_shift = 1.5, .second_shift = 1.5};
  const MonotoneTrees trees = grow_trees(law.draw(1000, 3000, 5), 100, 1);
  const double auc = auc_on(trees, law.draw(4000, 4000, 6));
  EXPECT_GT(auc, law.best_auc() - .015);  // .9331; one finder alone has .8556
  EXPECT_LT(auc, law.best_auc() + .01);
}

TEST(MonotoneTrees, FindAnAnd) {
  // Lenses are where both scores are above 0.
  LabelledRows rows{.scores = {2, {}}};
  RandomStream random{7, Purpose::test};
  for (int i = 0; i < 4000; ++i) {
    const double x = random.uniform(-1, 1), y = random.uniform(-1, 1);
    rows.scores.values.insert(rows.scores.values.end(), {x, y});
    rows.lens.push_back(x > 0 && y > 0 ? 1 : 0);
    rows.groups.push_back(std::to_string(i));
  }
  const MonotoneTrees trees = grow_trees(rows, 50, 1);
  EXPECT_GT(trees(std::vector<double>{.2, .2}), 0);
  for (const auto& elsewhere : {std::vector<double>{-.2, .9}, {.9, -.2}, {-.2, -.2}})
    EXPECT_LT(trees(elsewhere), trees(std::vector<double>{.2, .2}) - 2);
}

TEST(MonotoneTrees, AreTheSameForTheSameSeed) {
  const LabelledRows rows = GaussianFinders{}.draw(50, 100, 8);
  const std::vector<double> at{.3, .4};
  EXPECT_EQ(grow_trees(rows, 20, 1)(at), grow_trees(rows, 20, 1)(at));
  EXPECT_NE(grow_trees(rows, 20, 1)(at), grow_trees(rows, 20, 2)(at));
}

}  // namespace
}  // namespace lensfind::combine
