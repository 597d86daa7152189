#include <fstream>

#include <fmt/format.h>

#include "lensfind/base/value.h"
#include "lensfind/sky/catalogue.h"
#include "program.h"

namespace {

using lensfind::Value;
using program::Program;
using program::run;
using testing::HasSubstr;

class Grades : public Program {
 protected:
  void write(const std::string& name, const std::string& text) const { std::ofstream{folder_ / name, std::ios::binary} << text; }
  /// 40 controls and 4 candidates by two people: anna is always right, ben says A to all controls and has another mind of the candidates.
  void write_two_graders() const {
    std::string anna = "id,grade,role,truth,ra,dec\n", ben = "id;grade\n";
    for (int i = 0; i < 40; ++i) {
      anna += fmt::format("c{},{},known,{},,\n", i, i % 2 == 0 ? "A" : "X", i % 2 == 0 ? 1 : 0);
      ben += fmt::format("c{};A\n", i);
    }
    anna += "0012,A,,,146.7361667,10.1146389\nx,X,,,10,-20\ny,A,,,11,-21\n";
    ben += "0012;A\nx;A\ny;X\n";
    write("anna.csv", anna);
    write("ben.csv", ben);
  }
};

TEST_F(Grades, AreMergedByTheGradersSkill) {
  write_two_graders();
  const auto result = run({"grades", "merge", at("anna.csv"), at("ben.csv"), "--out", at("m"), "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const Value said = lensfind::parse_json(result.out, "stdout");
  EXPECT_EQ(said.at("method").as_string(), "swap");
  const Value& ben = said.at("graders").as_array()[1];
  EXPECT_EQ(ben.at("grader").as_string(), "ben");
  EXPECT_EQ(ben.at("false_positive_rate").at("value").as_number(), 1);
  EXPECT_EQ(said.at("graders").as_array()[0].at("completeness").at("value").as_number(), 1);
  lensfind::sky::Catalogue objects{folder_ / "m" / "objects.csv"};
  const auto first = objects.next();
  EXPECT_EQ(first->id, "0012") << "the surest first, by its ids";
  EXPECT_THAT(program::text_of(folder_ / "m" / "objects.csv"), HasSubstr("\nc0,")) << "controls stand in it";
  for (const char* file : {"graders.csv", "grades.csv", "agreement.json"}) EXPECT_TRUE(program::fs::exists(folder_ / "m" / file)) << file;
  const auto again = run({"grades", "merge", (folder_ / "m" / "grades.csv").string(), "--out", at("n")});
  EXPECT_EQ(again.status, 0) << "its own table of grades reads back: " << again.err;
  EXPECT_THAT(again.out, HasSubstr("43 grades"));
}

TEST_F(Grades, AreExportedInEveryFormatAndAsLabels) {
  write_two_graders();
  for (const char* name : {"t.csv", "t.fits", "t.vot", "t.ecsv"}) {
    const auto result = run({"grades", "export", at("anna.csv"), at("ben.csv"), "--out", at(name)});
    ASSERT_EQ(result.status, 0) << result.err;
    lensfind::sky::Catalogue table{folder_ / name, {.id = "id"}};
    int rows = 0;
    while (const auto object = table.next()) ++rows;
    EXPECT_EQ(rows, 3) << name << ": candidates only";
  }
  const auto tex = run({"grades", "export", at("anna.csv"), "--out", at("t.tex"), "--labels", at("l.csv"), "--labels-by", "grade"});
  ASSERT_EQ(tex.status, 0) << tex.err;
  EXPECT_THAT(program::text_of(folder_ / "t.tex"), HasSubstr("J094656.6+100652"));
  EXPECT_THAT(program::lines_of(folder_ / "l.csv"), testing::UnorderedElementsAre("id,label", "0012,1", "x,0", "y,1"));
}

TEST_F(Grades, WhatIsWorthGradingNextIsATableForInspect) {
  write_two_graders();
  write("s.csv", "id,logit\n0012,5\nnew,4\nold,-4\n");
  const auto result =
      run({"grades", "next", at("anna.csv"), at("ben.csv"), "--scores", at("s.csv"), "--by", "highest", "--out", at("next.csv")});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(program::lines_of(folder_ / "next.csv"), testing::ElementsAre("id,why,logit", "new,highest,4", "old,highest,-4"));
}

// 100 injected lenses: a finder finds those with a score above .5, people take half of those they saw.
TEST_F(Grades, TheWholeWayIsFinderTimesPeople) {
  std::string scores = "id,label,score\n", validation = scores, truth = "id,theta_e_arcsec\n", grades = "id,grade\n";
  for (int i = 0; i < 400; ++i) {
    const bool lens = i < 100;
    const double score = lens ? (i % 5 == 0 ? .2 : .9) + i * 1e-4 : .1 + i * 1e-4;
    scores += fmt::format("t{},{},{}\n", i, lens, score);
    validation += fmt::format("v{},{},{}\n", i, lens, lens ? .8 + i * 1e-4 : .1 + i * 1e-4);
    if (lens) truth += fmt::format("t{},{}\n", i, 1 + i * .01);
    if (lens && i % 5 != 0 && i % 2 == 0) grades += fmt::format("t{},{}\n", i, i % 4 == 0 ? "A" : "X");
  }
  write("s.csv", scores);
  write("v.csv", validation);
  write("truth.csv", truth);
  write("g.csv", grades);
  const auto result = run({"evaluate", "--scores", at("s.csv"), "--validation", at("v.csv"), "--truth", at("truth.csv"), "--completeness",
                           "theta_e_arcsec,theta_e_arcsec", "--grades", at("g.csv"), "--out", at("e"), "--bootstrap", "0"});
  ASSERT_EQ(result.status, 0) << result.err;
  const std::vector<std::string> rows = program::lines_of(folder_ / "e" / "whole_way.csv");
  EXPECT_THAT(rows.at(1), testing::StartsWith("all,,,100,80,40,20,0.8,"));
  EXPECT_THAT(rows.at(1), HasSubstr(",0.5,"));
  EXPECT_THAT(rows.at(1), HasSubstr(",0.4,"));
  EXPECT_THAT(result.out, HasSubstr("the whole way"));
  EXPECT_THAT(rows.at(2), testing::StartsWith("theta_e_arcsec,1,"));
}

TEST_F(Grades, FaultsOfUsersAreNamed) {
  write("a.csv", "id,class\nx,A\n");
  const auto none = run({"grades", "merge", at("a.csv"), "--out", at("m")});
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("--grade-column"));
  EXPECT_FALSE(program::fs::exists(folder_ / "m"));
  EXPECT_EQ(run({"grades", "merge", at("a.csv"), "--grade-column", "class", "--out", at("m")}).status, 0);
  EXPECT_EQ(run({"grades", "merge", at("a.csv"), "--grade-column", "class", "--out", at("m")}).status, 1) << "it exists";
  EXPECT_EQ(run({"grades", "count"}).status, 2);
  EXPECT_EQ(run({"grades", "export", at("a.csv")}).status, 2);
  EXPECT_EQ(run({"grades", "merge", at("a.csv"), "--grade-column", "class", "--out", at("n"), "--fraction", "nan"}).status, 2);
  const auto help = run({"grades", "--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out, HasSubstr("merge"));
}

}  // namespace
