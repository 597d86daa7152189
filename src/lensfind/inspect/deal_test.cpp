#include "lensfind/inspect/deal.h"

#include <array>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::inspect {
namespace {

using ::testing::ElementsAre;

// By hand: of two grades, .8 and .2 against .2 and .8, at even odds: 1 - H(.8) = 1 - .721928 bits.
TEST(ExpectedInformation, IsThatOfABinaryChannel) {
  const std::array lens{.8, .2}, other{.2, .8}, same{.5, .5}, sure{1., 0.}, never{0., 1.};
  EXPECT_NEAR(expected_information(.5, lens, other), .278072, 1e-6);
  EXPECT_NEAR(expected_information(.3, same, same), 0, 1e-12);
  EXPECT_NEAR(expected_information(.5, sure, never), 1, 1e-12);
  EXPECT_EQ(expected_information(0, lens, other), 0);
}

/// An expert, a fair grader and one who says the same of all, each tested on 40 controls; four objects.
Merged dealt() {
  Merged out{.scheme = abcx(), .method = ConsensusMethod::swap, .fraction = .2};
  out.graders = {{.grader = "same", .skill = {{10, 0, 0, 10}, {10, 0, 0, 10}}},
                 {.grader = "expert", .skill = {{0, 0, 1, 19}, {19, 1, 0, 0}}},
                 {.grader = "fair", .skill = {{4, 4, 6, 6}, {10, 6, 3, 1}}}};
  out.objects = {{.object = {.id = "x"}, .lens = evaluate::Estimate{.5, .2, .8}, .given = {{"expert", "A"}}}};
  return out;
}

TEST(Deal, TheSurestGraderGetsWhatComesFirstAndNobodyWhatTheyGraded) {
  const std::vector<NextObject> chosen{{"x", "uncertain"}, {"y", "highest"}, {"z", "highest"}};
  EXPECT_THAT(deal(dealt(), chosen), ElementsAre("fair", "expert", "same")) << "a share of one each";
  EXPECT_THAT(deal(dealt(), std::vector<NextObject>(chosen.begin() + 1, chosen.end())), ElementsAre("expert", "fair"));
  const std::vector<NextObject> four{{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}};
  EXPECT_THAT(deal(dealt(), four), ElementsAre("expert", "expert", "fair", "fair"));
}

TEST(Deal, WhatAllHaveGradedIsForNobody) {
  Merged all = dealt();
  all.objects[0].given = {{"expert", "A"}, {"fair", "A"}, {"same", "A"}};
  EXPECT_THAT(deal(all, std::vector<NextObject>{{"x", "uncertain"}}), ElementsAre(""));
}

TEST(Deal, NeedsControls) {
  Merged mean = dealt();
  mean.method = ConsensusMethod::mean;
  EXPECT_THROW(deal(mean, std::vector<NextObject>{{"x", ""}}), Error);
}

}  // namespace
}  // namespace lensfind::inspect
