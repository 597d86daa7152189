#include "lensfind/inspect/rounds.h"

#include <gmock/gmock.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "tests/scratch_folder.h"

namespace lensfind::inspect {
namespace {

using lensfind::testing::ScratchFolder;

/// 30 lenses and 30 non-lenses; the first `wrong` lenses score below all non-lenses, the rest above.
evaluate::Scores scores_with(int wrong) {
  evaluate::Scores scores;
  for (int i = 0; i < 60; ++i) {
    const bool lens = i < 30;
    scores.push_back(
        {.id = "t" + std::to_string(i), .label = lens ? Label::lens : Label::non_lens, .logit = lens ? (i < wrong ? -100. : 100.) + i : i});
  }
  return scores;
}

Merged graded(const std::vector<std::pair<std::string, std::string>>& grades) {
  Merged merged{.scheme = abcx()};
  for (const auto& [id, grade] : grades) merged.objects.push_back({.object = {.id = id}, .grade = grade});
  return merged;
}

// Of 30 x 30 pairs those of the wrongly placed lenses are in the wrong order: AUC = 1 - wrong / 30.
TEST(Rounds, AreComparedWithTheFirstOnTheSameSet) {
  const ScratchFolder folder;
  {
    Rounds rounds{folder / "r"};
    const evaluate::Scores before = scores_with(6);
    const FixedResult result = rounds.compare(before);
    EXPECT_NEAR(result.auc.value, .8, 1e-12);
    EXPECT_FALSE(result.change);
    EXPECT_EQ(result.lenses, 30);
    rounds.record({.model = "m1", .fingerprint = "f1", .rule = "mixed", .grades = 7, .lenses = 2, .nonlenses = 3, .fixed = result},
                  {{"a,b", "highest"}}, &before);
  }
  const Rounds again{folder / "r"};
  ASSERT_EQ(again.rounds().size(), 1u);
  const Round& first = again.rounds().front();
  EXPECT_EQ(first.number, 1);
  EXPECT_EQ(first.model, "m1");
  EXPECT_EQ(first.grades, 7);
  EXPECT_NEAR(first.fixed->auc.value, .8, 1e-6);
  const FixedResult later = again.compare(scores_with(3));
  ASSERT_TRUE(later.change);
  EXPECT_NEAR(later.change->value, .1, 1e-9);
  EXPECT_LT(later.change->low, .1);
  EXPECT_GT(later.change->high, .1);
  EXPECT_NEAR(again.compare(scores_with(6)).change->value, 0, 1e-9);
}

TEST(Rounds, AnotherFixedSetIsRefused) {
  const ScratchFolder folder;
  Rounds rounds{folder / "r"};
  const evaluate::Scores set = scores_with(6);
  rounds.record({.fixed = rounds.compare(set)}, {}, &set);
  evaluate::Scores other = set;
  other[3].id = "somebody";
  EXPECT_THROW((void)rounds.compare(other), Error);
  other = set;
  other[40].label = Label::lens;
  EXPECT_THROW((void)rounds.compare(other), Error);
  std::ranges::reverse(other = set);
  EXPECT_NEAR(rounds.compare(other).change->value, 0, 1e-9) << "the order does not matter";
}

TEST(Rounds, WhatCameOfAChoiceIsCountedByItsReason) {
  const ScratchFolder folder;
  Rounds rounds{folder / "r"};
  rounds.record({.rule = "mixed"}, {{"a", "highest"}, {"b", "highest"}, {"c", "unlike"}, {"d", "highest"}}, nullptr);
  rounds.record({.rule = "random"}, {{"e", "random"}}, nullptr);
  const auto yields = Rounds{folder / "r"}.yields(graded({{"a", "A"}, {"b", "X"}, {"c", "C"}, {"e", "B"}, {"other", "A"}}));
  ASSERT_EQ(yields.size(), 3u);
  EXPECT_EQ(yields[0].why, "highest");
  EXPECT_EQ(yields[0].chosen, 3);
  EXPECT_EQ(yields[0].graded, 2);
  EXPECT_EQ(yields[0].lenses, 1);
  EXPECT_EQ(yields[0].nonlenses, 1);
  EXPECT_NEAR(yields[0].fraction.value, .5, 1e-12);
  EXPECT_EQ(yields[1].graded, 1);
  EXPECT_EQ(yields[1].lenses + yields[1].nonlenses, 0) << "C counts for neither";
  EXPECT_EQ(yields[2].round, 2);
  EXPECT_EQ(yields[2].lenses, 1);
}

TEST(Rounds, AFolderOfSomethingElseIsRefused) {
  const ScratchFolder folder;
  write_file(folder / "thesis.tex", "x");
  EXPECT_THROW(Rounds{folder.path()}, Error);
  write_file(folder / "rounds.csv", "round,time\n1,now\n");
  EXPECT_THROW(Rounds{folder.path()}, Error);
}

}  // namespace
}  // namespace lensfind::inspect
