#include "lensfind/workflows/match.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/cutouts/test_folder.h"

namespace lensfind::workflows {
namespace {

class Match : public cutouts::TestFolder {
 protected:
  void SetUp() override {
    TestFolder::SetUp();
    // a and a2 are one object (1 arcsec apart), b a known lens far down, c no lens; d has no position.
    text("s.csv",
         "id,logit,probability,ra,dec\n"
         "a2,4,.9,10,20.0002777778\n"
         "b,-3,.01,30,-40\n"
         "c,2,.5,50,5\n"
         "a,5,.95,10,20\n"
         "d,9,1,,\n"
         "e,2,.5,70,70\n");
    text("k.csv", "id,ra,dec\nknown A,10.0001,20\nknown B,30,-40.0003\nfar,200,10\nblank,,\n");
  }
  MatchOptions options() const { return {.scores = folder_ / "s.csv", .known = folder_ / "k.csv", .out = folder_ / "m.csv"}; }
};

TEST_F(Match, NamesTheRecoveredAndTheMissed) {
  MatchOptions chosen = options();
  chosen.threshold = 2;
  const MatchSummary summary = match_candidates(chosen);
  // Separations by hand: .0001 degrees of right ascension at declination 20 are .36 cos 20 = .338 arcsec.
  EXPECT_EQ(read_text(folder_ / "m.csv"),
            "rank,id,logit,probability,ra,dec,group,first_of_group,known,separation_arcsec\n"
            "1,a,5,.95,10,20,1,1,known A,0.338\n"
            "2,a2,4,.9,10,20.0002777778,1,0,known A,1.056\n"
            "3,c,2,.5,50,5,2,1,,\n"
            "4,e,2,.5,70,70,3,1,,\n");
  EXPECT_EQ(read_text(folder_ / "m.known.csv"),
            "id,ra,dec,outcome,best_id,best_logit,best_rank,separation_arcsec\n"
            "known A,10.0001,20,recovered,a,5,2,0.338\n"
            "known B,30,-40.0003,missed,b,-3,6,1.080\n"
            "far,200,10,not scored,,,,\n"
            "blank,,,no position,,,,\n");
  EXPECT_EQ(summary.rows, 6);
  EXPECT_EQ(summary.rows_without_position, 1);
  EXPECT_EQ(summary.objects, 3);
  EXPECT_EQ(summary.recovered_objects, 1);
}

TEST_F(Match, TakesTheBestOfTheTable) {
  MatchOptions chosen = options();
  chosen.top = 3;  // d, which is better, has no position; of c and e, which tie, the first
  match_candidates(chosen);
  EXPECT_THAT(read_text(folder_ / "m.csv"), ::testing::AllOf(::testing::HasSubstr("\n3,c,"), ::testing::Not(::testing::HasSubstr(",e,"))));
}

TEST_F(Match, NeedsPositionsInBothTables) {
  text("s.csv", "id,logit,probability\na,1,\n");
  EXPECT_THROW(match_candidates(options()), Error);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "m.csv"));
}

TEST_F(Match, ReplacesATableOnlyWhereItMay) {
  text("m.csv", "mine\n");
  EXPECT_THROW(match_candidates(options()), Error);
  EXPECT_EQ(read_text(folder_ / "m.csv"), "mine\n");
  MatchOptions chosen = options();
  chosen.overwrite = true;
  EXPECT_EQ(match_candidates(chosen).candidates, 5);  // of fewer rows than are usual all are candidates
}

TEST_F(Match, StoppedWritesNothing) {
  const StopFlag stop{true};
  EXPECT_THROW(match_candidates(options(), stop), Stopped);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "m.csv"));
}

}  // namespace
}  // namespace lensfind::workflows
