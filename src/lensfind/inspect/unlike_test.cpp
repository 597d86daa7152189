#include "lensfind/inspect/unlike.h"

#include <gmock/gmock.h>

namespace lensfind::inspect {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;

// On a line: known at 0; of 1, 10, 11 and -4 the farthest is 11, then -4 (4 away; 10 is 1 from 11), then 1 and 10 (both 1 away).
TEST(FarthestFirst, TakesWhatIsUnlikeTheKnownAndTheChosen) {
  const std::vector<float> line{0, 1, 10, 11, -4};
  const std::vector<std::size_t> known{0}, candidates{1, 2, 3, 4};
  EXPECT_THAT(farthest_first(line, 1, known, candidates, 2), ElementsAre(3, 4));
  EXPECT_THAT(farthest_first(line, 1, known, candidates, 9), ElementsAre(3, 4, 1, 2));
}

TEST(FarthestFirst, BeginsFarFromTheMeanWhereNothingIsKnown) {
  // The mean is (2.2, 0); (9, 0) is farthest from it, then (0, 3) is farther from that than the rest.
  const std::vector<float> plane{0, 0, 1, 0, 1, -3, 0, 3, 9, 0};
  const std::vector<std::size_t> all{0, 1, 2, 3, 4};
  EXPECT_THAT(farthest_first(plane, 2, {}, all, 2), ElementsAre(4, 3));
  EXPECT_TRUE(farthest_first(plane, 2, {}, {}, 2).empty());
}

TEST(Standardise, LetsNoColumnCountForMore) {
  std::vector<float> features{1, 1000, 5, 3, 3000, 5};
  standardise(features, 3);
  EXPECT_THAT(features, ElementsAre(FloatEq(-1), FloatEq(-1), 0, FloatEq(1), FloatEq(1), 0)) << "the third does not vary";
}

}  // namespace
}  // namespace lensfind::inspect
