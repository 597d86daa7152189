#include "lensfind/evaluate/pairing.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::evaluate {
namespace {

TEST(Pairing, KeepsTheSamplesThatAllScoredInTheFirstsOrder) {
  const Scores a{{.id = "x", .label = Label::lens, .logit = 1},
                 {.id = "y", .logit = 2, .group = "g"},
                 {.id = "z", .label = Label::non_lens, .logit = 3}};
  const Scores b{{.id = "z", .logit = 30}, {.id = "w", .logit = 0}, {.id = "y", .label = Label::non_lens, .logit = 20}};
  const PairedScores paired = pair_scores({a, b}, {"A", "B"});
  ASSERT_EQ(paired.tables[0].size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(paired.tables[0][i].id, paired.tables[1][i].id);
  EXPECT_EQ(paired.tables[0][0].id, "y");
  EXPECT_EQ(paired.tables[1][0].logit, 20);
  EXPECT_EQ(paired.tables[0][0].label, Label::non_lens);
  EXPECT_EQ(paired.tables[1][0].group, "g");
  EXPECT_EQ(paired.tables[1][1].label, Label::non_lens);
  EXPECT_THAT(paired.notes, ::testing::ElementsAre("A: 1 of 3 samples have no score of another finder and are left out",
                                                   "B: 1 of 3 samples have no score of another finder and are left out"));
}

TEST(Pairing, RefusesLabelsThatDisagreeAndTablesOfOtherSamples) {
  const Scores lens{{.id = "x", .label = Label::lens}}, other{{.id = "x", .label = Label::non_lens}}, elsewhere{{.id = "y"}};
  EXPECT_THROW(pair_scores({lens, other}, {"A", "B"}), Error);
  EXPECT_THROW(pair_scores({lens, elsewhere}, {"A", "B"}), Error);
}

}  // namespace
}  // namespace lensfind::evaluate
