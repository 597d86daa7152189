#include "lensfind/evaluate/scores.h"

#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/sky/table.h"

namespace lensfind::evaluate {
namespace {

std::filesystem::path file_of(const std::string& text) {
  const auto path = std::filesystem::path{::testing::TempDir()} /
                    (std::string{"scores_"} + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".csv");
  write_file(path, text);
  return path;
}

std::string error_of(const std::string& text) {
  try {
    read_scores(file_of(text));
  } catch (const Error& error) {
    EXPECT_FALSE(error.hint().empty());
    return error.what();
  }
  return "no error";
}

TEST(ScoresFile, ReadsColumnsInAnyOrderAndLeavesOthersAlone) {
  const Scores scores = read_scores(file_of("ra,label,score,id,group,probability\n1.5,1,2.5,\"a,1\",g,0.25\n,,-1e3,b,,\n3,0.0,0,c,c,1\n"));
  ASSERT_EQ(scores.size(), 3u);
  EXPECT_EQ(scores[0].id, "a,1");
  EXPECT_EQ(scores[0].label, Label::lens);
  EXPECT_EQ(scores[0].logit, 2.5);
  EXPECT_EQ(scores[0].probability, .25);
  EXPECT_EQ(scores[0].group, "g");
  EXPECT_EQ(scores[1].label, Label::unknown);
  EXPECT_EQ(scores[1].logit, -1000);
  EXPECT_TRUE(std::isnan(scores[1].probability));
  EXPECT_EQ(scores[2].label, Label::non_lens);
  EXPECT_EQ(scores[2].group, "");
}

TEST(ScoresFile, CountsScoresThatAreNoNumber) {
  std::int64_t left_out = -1;
  EXPECT_EQ(read_scores(file_of("id,label,logit\na,1,nan\nb,0,\nc,0,1\n"), &left_out).size(), 1u);
  EXPECT_EQ(left_out, 2);
}

TEST(ScoresFile, RefusesBadTablesAndNamesTheLine) {
  EXPECT_NE(error_of("id,label\na,1\n").find("no column `logit` or `score`"), std::string::npos);
  EXPECT_NE(error_of("label,logit\n1,1\n").find("no column `id`"), std::string::npos);
  EXPECT_NE(error_of("id,label,logit\na,1,1\nb,2,1\n").find("line 3: the label is `2`"), std::string::npos);
  EXPECT_NE(error_of("id,label,logit\na,maybe,1\n").find("line 2: the label is `maybe`"), std::string::npos);
  EXPECT_NE(error_of("id,label,logit\na,1,1\nb,0,inf\n").find("line 3: the logit is infinite"), std::string::npos);
  EXPECT_NE(error_of("id,label,logit\na,1,high\n").find("line 2: the logit is `high`"), std::string::npos);
  EXPECT_NE(error_of("id,label,logit,probability\na,1,1,1.5\n").find("line 2: the probability is 1.5"), std::string::npos);
  EXPECT_NE(error_of("id,label,logit\na,1,1\nb,0,2\na,0,3\n").find("the id `a` stands on lines 2 and 4"), std::string::npos);
  EXPECT_NE(error_of("id,label,logit\n,1,1\n").find("line 2: the id is empty"), std::string::npos);
  EXPECT_NE(error_of("id,label,logit\n").find("no row with a score"), std::string::npos);
  EXPECT_NE(error_of("").find("empty"), std::string::npos);
  EXPECT_NE(error_of("a,1,0.5\nb,0,0.25\n").find("first line names no columns"), std::string::npos);
  EXPECT_NE(error_of("id;label;score\na;1;1,250\nb;0;2,125\n").find("line 2: the score is `1,250`"), std::string::npos);
}

TEST(ScoresFile, TakesOthersNamesAndLabelsAndSaysWhich) {
  const ScoreTable table = read_score_table(file_of("objID;Is_Lens;P_lens\n12E4;True;0.75\n0012;no;.5\n-0;?;\n"));
  ASSERT_EQ(table.scores.size(), 2u);
  EXPECT_EQ(table.scores[0].id, "12E4");
  EXPECT_EQ(table.scores[0].label, Label::lens);
  EXPECT_EQ(table.scores[0].probability, .75);
  EXPECT_EQ(table.scores[1].id, "0012");
  EXPECT_EQ(table.scores[1].label, Label::non_lens);
  EXPECT_EQ(table.not_a_number, 1);
  EXPECT_EQ(table.notes.size(), 3u);
}

TEST(ScoresFile, TakesTheColumnsThatAreNamed) {
  const auto path = file_of("id,label,score,truth,x,key\na,0,1,1,7,k1\nb,0,2,0,8,k2\n");
  const Scores scores = read_score_table(path, {.id = "key", .label = "TRUTH", .score = "x"}).scores;
  EXPECT_EQ(scores[0].id, "k1");
  EXPECT_EQ(scores[0].label, Label::lens);
  EXPECT_EQ(scores[1].logit, 8);
  EXPECT_THROW(read_score_table(path, {.score = "y"}), Error);
}

TEST(ScoresFile, WithoutIdsRowsAreNumberedAndThatIsSaid) {
  const ScoreTable table = read_score_table(file_of("label,score\n1,.5\n0,.25\n"));
  EXPECT_FALSE(table.id_column);
  EXPECT_EQ(table.scores[1].id, "1");
  EXPECT_EQ(table.notes.size(), 1u);
  EXPECT_THROW(read_scores(file_of("label,score\n1,.5\n")), Error);
}

TEST(ScoresFile, ReadsScoresBelowTheSmallestNormalNumber) {
  const Scores scores = read_scores(file_of("id,label,score\na,1,4.9e-324\nb,0,1e-310\nc,0,1e-400\nd,1,-1.5D-05\n"));
  EXPECT_EQ(scores[0].logit, 4.9e-324);
  EXPECT_EQ(scores[1].logit, 1e-310);
  EXPECT_EQ(scores[2].logit, 0);
  EXPECT_EQ(scores[3].logit, -1.5e-5);
}

TEST(ScoresFile, ReadsFitsTables) {
  const auto path = std::filesystem::path{::testing::TempDir()} / "scores_of_fits.fits";
  const auto table = sky::create_table(
      path, {{"OBJECT_ID", sky::ColumnKind::whole}, {"label", sky::ColumnKind::text, 7}, {"logit", sky::ColumnKind::single_real}}, 2);
  table->add(std::vector<std::string>{"9007199254740993", "lens", "0.1"});
  table->add(std::vector<std::string>{"-5", "nonlens", "-3"});
  table->commit();
  const Scores scores = read_scores(path);
  EXPECT_EQ(scores[0].id, "9007199254740993");
  EXPECT_EQ(scores[0].label, Label::lens);
  EXPECT_EQ(scores[0].logit, .1);  // as float32 is written, not as it is in float64
  EXPECT_EQ(scores[1].label, Label::non_lens);
}

TEST(ScoresFile, ReadsBackWhatItWrote) {
  const Scores scores{{.id = "test_lenses/1", .label = Label::lens, .logit = 0.1, .probability = 1.0 / 3, .group = "g"},
                      {.id = "say \"x\",y", .logit = -123456.789012345},
                      {.id = "c", .label = Label::non_lens, .logit = 1e-300}};
  const auto path = std::filesystem::path{::testing::TempDir()} / "written_scores.csv";
  write_scores(path, scores);
  const Scores read = read_scores(path);
  ASSERT_EQ(read.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(read[i].id, scores[i].id);
    EXPECT_EQ(read[i].label, scores[i].label);
    EXPECT_EQ(read[i].logit, scores[i].logit);
    EXPECT_EQ(read[i].group, scores[i].group);
  }
  EXPECT_EQ(read[0].probability, scores[0].probability);
}

TEST(ScoresFile, WritesLabelAndGroupOnlyWhereKnown) {
  const auto path = std::filesystem::path{::testing::TempDir()} / "plain_scores.csv";
  write_scores(path, {{.id = "a", .logit = .5}});
  EXPECT_EQ(read_text(path), "id,logit,probability\na,0.5,\n");
}

TEST(ScoresFile, RelabelsAndSaysWhatChanged) {
  Scores scores{
      {.id = "a", .label = Label::non_lens}, {.id = "b", .label = Label::lens}, {.id = "c", .label = Label::non_lens}, {.id = "d"}};
  const Relabelled changed = relabel(scores, file_of("id,label\na,1\nb,1\nc,\nother,0\n"));
  EXPECT_EQ(scores[0].label, Label::lens);
  EXPECT_EQ(scores[2].label, Label::unknown);
  EXPECT_EQ(scores[3].label, Label::unknown);
  EXPECT_EQ(changed.to_lens, 1);
  EXPECT_EQ(changed.to_non_lens, 0);
  EXPECT_EQ(changed.to_unknown, 1);
  EXPECT_EQ(changed.unmatched, 1);
  EXPECT_THROW(relabel(scores, file_of("id,label\na,1\na,0\n")), Error);
  EXPECT_THROW(relabel(scores, file_of("id,label\na,2\n")), Error);
}

}  // namespace
}  // namespace lensfind::evaluate
