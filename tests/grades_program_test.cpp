#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/random.h"
#include "lensfind/base/value.h"
#include "lensfind/image/npy.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/weights.h"
#include "lensfind/sky/catalogue.h"
#include "program.h"
#include "reference_fill.h"

namespace {

using lensfind::Value;
using program::Program;
using program::run;
using ::testing::HasSubstr;

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
  EXPECT_THAT(program::lines_of(folder_ / "l.csv"),
              ::testing::UnorderedElementsAre("id,label,weight,logit", "0012,1,0.9693,", "x,0,0.9358,", "y,1,0.9693,"));
}

TEST_F(Grades, WhatIsWorthGradingNextIsATableForInspect) {
  write_two_graders();
  write("s.csv", "id,logit\n0012,5\nnew,4\nold,-4\n");
  const auto result =
      run({"grades", "next", at("anna.csv"), at("ben.csv"), "--scores", at("s.csv"), "--by", "highest", "--out", at("next.csv")});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(program::lines_of(folder_ / "next.csv"), ::testing::ElementsAre("id,why,logit", "new,highest,4", "old,highest,-4"));
}

// anna's grades tell most, so she gets the first half; each then sees only what is theirs and what is for all.
TEST_F(Grades, WhoShouldSeeWhichIsSaid) {
  write_two_graders();
  write("s.csv", "id,logit\nn1,5\nn2,4\nn3,3\nn4,2\n");
  const auto result =
      run({"grades", "next", at("anna.csv"), at("ben.csv"), "--scores", at("s.csv"), "--by", "highest", "--deal", "--out", at("next.csv")});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(program::lines_of(folder_ / "next.csv"), ::testing::ElementsAre("id,why,logit,for_grader", "n1,highest,5,anna",
                                                                              "n2,highest,4,anna", "n3,highest,3,ben", "n4,highest,2,ben"));
  const auto alone = run({"grades", "next", at("ben.csv"), "--scores", at("s.csv"), "--deal", "--out", at("alone.csv")});
  EXPECT_EQ(alone.status, 1);
  EXPECT_THAT(alone.err, HasSubstr("mix controls in"));
}

/// A model of resnet18 with made-up weights, of two bands and 32 pixels, and 30 cutouts in a stack.
class GradesWithAModel : public Grades {
 protected:
  void SetUp() override {
    Grades::SetUp();
    const lensfind::network::Graph graph = lensfind::network::build_network("resnet18", 2, 32, 2);
    lensfind::network::write_safetensors(folder_ / "w.safetensors", lensfind::testing::reference_weights(graph));
    const auto made =
        run({"import", "--network", "resnet18", "--weights", at("w.safetensors"), "--bands", "2", "--size", "32", "--out", at("model")});
    ASSERT_EQ(made.status, 0) << made.err;
    write_stack("pool.npy", 30, 1);
  }
  void write_stack(const std::string& name, int count, int seed) const {
    std::string bytes = lensfind::image::npy_header_text(std::vector<std::int64_t>{count, 2, 32, 32});
    lensfind::RandomStream random{static_cast<std::uint64_t>(seed), lensfind::Purpose::test};
    for (int i = 0; i < count * 2 * 32 * 32; ++i) {
      const auto value = static_cast<float>(random.uniform());
      bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    write(name, bytes);
  }
};

TEST_F(GradesWithAModel, NextTakesTheModelsDoubtsAndRecordsItsRounds) {
  write("g.csv", "id,grade,grader\npool.npy#0,A,anna\npool.npy#1,X,anna\n");
  program::fs::create_directory(folder_ / "kept");
  write_stack("kept/test.npy", 20, 2);
  std::string labels = "id,label\n";
  for (int i = 0; i < 20; ++i) labels += fmt::format("k{},{}\n", i, i % 2);
  write("kept/test.csv", labels);
  const std::vector<std::string> words{"grades",   "next",  at("g.csv"),    "--model",     at("model"), "--images", at("pool.npy"),
                                       "--top",    "12",    "--threads",    "1",           "--rounds",  at("r"),    "--fixed",
                                       at("kept"), "--out", at("next.csv"), "--overwrite", "--json"};
  const auto first = run(words);
  ASSERT_EQ(first.status, 0) << first.err;
  const std::vector<std::string> rows = program::lines_of(folder_ / "next.csv");
  ASSERT_EQ(rows.size(), 13u);
  for (const char* why : {",highest,", ",uncertain", ",model-uncertain,", ",model-disagreed,", ",unlike,"})
    EXPECT_TRUE(std::ranges::any_of(rows, [&](const std::string& row) { return row.find(why) != std::string::npos; })) << why;
  for (const std::string& row : rows) EXPECT_EQ(row.find("pool.npy#0,highest"), std::string::npos) << "it was graded";
  const Value round = lensfind::parse_json(first.out, "stdout").at("round");
  EXPECT_EQ(round.at("round").as_integer(), 1);
  EXPECT_EQ(round.at("grades").as_integer(), 2);

  // The AUC is that of the scores that `score` gives of the same cutouts.
  ASSERT_EQ(run({"score", at("model"), at("kept/test.npy"), "--out", at("s.csv"), "--precision", "f32"}).status, 0);
  lensfind::CsvReader scores{folder_ / "s.csv"};
  std::vector<double> lenses, others;
  for (int i = 0; scores.next(); ++i) (i % 2 == 1 ? lenses : others).push_back(std::stod(std::string{scores[scores.column("logit")]}));
  ASSERT_EQ(lenses.size() + others.size(), 20u);
  double right = 0;
  for (const double lens : lenses)
    for (const double other : others) right += lens > other ? 1 : 0;
  EXPECT_NEAR(round.at("auc").at("value").as_number(), right / 100, 1e-9);

  const auto second = run(words);
  ASSERT_EQ(second.status, 0) << second.err;
  EXPECT_NEAR(lensfind::parse_json(second.out, "stdout").at("round").at("auc_change").at("value").as_number(), 0, 1e-9);
  EXPECT_EQ(program::lines_of(folder_ / "r/rounds.csv").size(), 3u);
  EXPECT_THAT(program::lines_of(folder_ / "r/yield.csv"), ::testing::Contains(::testing::StartsWith("1,uncertain,")));
}

TEST_F(GradesWithAModel, CopiesOfTheFixedSetAreNeverChosen) {
  write("g.csv", "id,grade\npool.npy#0,A\n");
  program::fs::create_directory(folder_ / "kept");
  write_stack("kept/test.npy", 30, 1);  // the pool itself
  std::string labels = "id,label\n";
  for (int i = 0; i < 30; ++i) labels += fmt::format("k{},{}\n", i, i % 2);
  write("kept/test.csv", labels);
  const auto result = run({"grades", "next", at("g.csv"), "--model", at("model"), "--images", at("pool.npy"), "--by", "highest",
                           "--threads", "1", "--rounds", at("r"), "--fixed", at("kept"), "--out", at("next.csv")});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("30 candidates are copies"));
  EXPECT_THAT(result.err, HasSubstr("nothing is left to grade"));
  EXPECT_FALSE(program::fs::exists(folder_ / "r"));
}

TEST_F(GradesWithAModel, GradedCutoutsAreASetThatCheckAndEvaluateRead) {
  write("g.csv", "id,grade\npool.npy#3,A\npool.npy#7,X\npool.npy#8,X\npool.npy#9,C\n");
  const auto result = run({"grades", "export", at("g.csv"), "--labels-by", "grade", "--training-set", at("set"), "--images", at("pool.npy"),
                           "--labels", at("l.csv")});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(program::lines_of(folder_ / "set/train.csv"),
              ::testing::UnorderedElementsAre("id,label,weight", "pool.npy#3,1,1", "pool.npy#7,0,1", "pool.npy#8,0,1"));
  const auto checked = run({"check", at("set"), "--json"});
  EXPECT_EQ(checked.status, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("\"lenses\": 1"));
  EXPECT_EQ(run({"grades", "export", at("g.csv"), "--training-set", at("set2")}).status, 2) << "without images";
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
  EXPECT_THAT(rows.at(1), ::testing::StartsWith("all,,,100,80,40,20,0.8,"));
  EXPECT_THAT(rows.at(1), HasSubstr(",0.5,"));
  EXPECT_THAT(rows.at(1), HasSubstr(",0.4,"));
  EXPECT_THAT(result.out, HasSubstr("the whole way"));
  EXPECT_THAT(rows.at(2), ::testing::StartsWith("theta_e_arcsec,1,"));
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
