#include "lensfind/combine/finder_tables.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/temporary_folder.h"
#include "lensfind/combine/workflow.h"

namespace lensfind::combine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FinderTables : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path write(const std::string& name, const std::string& text) const {
    write_file(folder_.path() / name, text);
    return folder_.path() / name;
  }
  TemporaryFolder folder_;
};

TEST_F(FinderTables, AreNamedWithTheirColumns) {
  const FinderTable plain = parse_finder_table("cnn=a/b.csv");
  EXPECT_EQ(plain.name, "cnn");
  EXPECT_EQ(plain.path, "a/b.csv");
  EXPECT_EQ(plain.column, "");
  EXPECT_EQ(parse_finder_table("people=o.csv:mean").column, "mean");
  const auto odd = write("x:y.csv", "id,score\n1,2\n");
  EXPECT_EQ(parse_finder_table("a=" + odd.string()).path, odd);
  for (const char* wrong : {"a.csv", "=a.csv", "a="}) EXPECT_THROW((void)parse_finder_table(wrong), Error);
  EXPECT_THROW((void)parse_finder_tables({"a=1.csv", "a=2.csv"}), Error);
}

TEST_F(FinderTables, AreJoinedByIdWithWhatIsMissing) {
  const auto a = write("a.csv", "id,logit,label,group\n1,0.5,1,g\n2,0.25,,\n3,nan,0,\n");
  const auto b = write("b.csv", "name;mean;other\n4;0,5;9\n2;1,0;9\n1;0,0;9\n");
  const JoinedTables joined = join_finder_tables({{"a", a, ""}, {"b", b, "mean"}}, {});
  const FinderScores& scores = joined.scores;
  EXPECT_THAT(scores.ids, ElementsAre("1", "2", "4"));
  EXPECT_THAT(scores.groups, ElementsAre("g", "2", "4"));
  EXPECT_THAT(scores.labels, ElementsAre(Label::lens, Label::unknown, Label::unknown));
  EXPECT_FALSE(joined.finders[0].scale.is_probability);  // it is called logit
  EXPECT_TRUE(joined.finders[1].scale.is_probability);
  EXPECT_THAT(scores.table.row(0), ElementsAre(.5, std::log(.25)));  // half as far from 0 as the nearest other
  EXPECT_THAT(scores.table.row(1), ElementsAre(.25, ::testing::DoubleEq(std::log(.75 / .25))));
  EXPECT_THAT(scores.table.row(2), ElementsAre(::testing::IsNan(), 0));
  EXPECT_THAT(joined.scored_by, ElementsAre(2, 3));
  EXPECT_THAT(joined.notes, ::testing::Contains(HasSubstr("1 rows have no number")));
}

TEST_F(FinderTables, LabelsOfATableComeFirst) {
  const auto a = write("a.csv", "id,score,label\n1,3,1\n2,4,0\n3,5,\n");
  JoinedTables joined = join_finder_tables({{"a", a, ""}}, {});
  const Labelling done = label_rows(joined.scores, write("l.csv", "id,label,group\n2,lens,x\n9,0,y\n3,no,\n"), {});
  EXPECT_EQ(done.labelled, 3);
  EXPECT_EQ(done.unmatched, 1);
  EXPECT_THAT(joined.scores.labels, ElementsAre(Label::lens, Label::lens, Label::non_lens));
  EXPECT_THAT(joined.scores.groups, ElementsAre("1", "x", "3"));
  EXPECT_THROW((void)label_rows(joined.scores, write("m.csv", "id,label\n2,1\n2,1\n"), {}), Error);
  EXPECT_THROW((void)label_rows(joined.scores, write("n.csv", "id,label\n2,perhaps\n"), {}), Error);
}

TEST_F(FinderTables, ThatDisagreeOrHaveNoIdsAreRefused) {
  const auto a = write("a.csv", "id,score,label\n1,3,1\n"), b = write("b.csv", "id,score,label\n1,3,0\n"), c = write("c.csv", "score\n1\n");
  EXPECT_THROW((void)join_finder_tables({{"a", a, ""}, {"b", b, ""}}, {}), Error);
  EXPECT_THROW((void)join_finder_tables({{"c", c, ""}}, {}), Error);
  Combination known;
  known.finders = {{.name = "cnn"}, {.name = "vit"}};
  try {
    (void)join_finder_tables({{"cnm", a, ""}}, {}, &known);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.hint(), HasSubstr("`cnn`"));
  }
  const JoinedTables joined = join_finder_tables({{"vit", a, ""}}, {}, &known);
  EXPECT_THAT(joined.scores.table.row(0), ElementsAre(::testing::IsNan(), 3));
  EXPECT_THAT(joined.notes, ElementsAre(HasSubstr("cnn: no table was given")));
}

TEST_F(FinderTables, CombinedScoresReadBackFromEveryFormat) {
  Applied applied{.prevalence = .01};
  applied.rows = {
      {"12", Label::lens, 2.5, .7, "a+b"}, {"0013", Label::unknown, std::nan(""), std::nan(""), ""}, {"x", Label::non_lens, -1, .1, "a"}};
  for (const char* name : {"s.csv", "s.fits"}) {
    write_combined(folder_.path() / name, applied);
    const evaluate::ScoreTable read = evaluate::read_score_table(folder_.path() / name);
    ASSERT_EQ(read.scores.size(), 2u) << name;
    EXPECT_EQ(read.not_a_number, 1);
    EXPECT_EQ(read.scores[0].id, "12");
    EXPECT_EQ(read.scores[0].label, Label::lens);
    EXPECT_NEAR(read.scores[0].probability, .7, 1e-7);
    EXPECT_EQ(read.scores[1].logit, -1);
  }
}

}  // namespace
}  // namespace lensfind::combine
