#include <cmath>
#include <fstream>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/value.h"
#include "lensfind/sky/table.h"
#include "program.h"

namespace {

using lensfind::Value;
using program::Program;
using program::run;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class Tables : public Program {
 protected:
  void write(const std::string& name, const std::string& text) const { std::ofstream{folder_ / name, std::ios::binary} << text; }
  [[nodiscard]] Value evaluation() const {
    return lensfind::parse_json(program::text_of(folder_ / "r" / "evaluation.json"), "evaluation.json");
  }
  /// Exit status 0, and what was said.
  std::string evaluate(std::vector<std::string> more) const {
    more.insert(more.begin(), {"evaluate", "--out", at("r"), "--overwrite", "--bootstrap", "50"});
    const auto result = run(more);
    EXPECT_EQ(result.status, 0) << result.err;
    return result.out + result.err;
  }
};

double score_of(int i) { return std::sin(i * 12.9898) * 1.5 + (i % 4 == 0 ? 1.8 : 0); }

/// 400 samples, a quarter of them lenses.
std::string table_of(const std::string& header, const std::string& row) {
  std::string text = header + "\n";
  for (int i = 0; i < 400; ++i)
    text += fmt::format(fmt::runtime(row), fmt::arg("i", i), fmt::arg("l", i % 4 == 0 ? 1 : 0),
                        fmt::arg("word", i % 4 == 0 ? "Lens" : "nonlens"), fmt::arg("s", score_of(i)),
                        fmt::arg("p", 1 / (1 + std::exp(-2 * score_of(i) - 1)))) +
            "\n";
  return text;
}

double auc() {
  double pairs = 0;
  for (int lens = 0; lens < 400; lens += 4)
    for (int other = 0; other < 400; ++other)
      if (other % 4 != 0) pairs += score_of(lens) > score_of(other) ? 1 : score_of(lens) == score_of(other) ? .5 : 0;
  return pairs / (100 * 300);
}

TEST_F(Tables, ScoresOfEveryDialectAndKindGiveTheSameAuc) {
  write("semicolons.csv", table_of("ID;Label;Score", "{i};{word};{s}"));
  write("tabs.tsv", table_of("# a comment\nobjectId\tis_lens\tprediction", "12E{i}\t{word}\t{s}"));
  write("named.csv", table_of("key, truth, x, label", "k{i}, {l}, {s}, 7"));
  const auto table = lensfind::sky::create_table(folder_ / "t.fits",
                                                 {{"TARGETID", lensfind::sky::ColumnKind::whole},
                                                  {"label", lensfind::sky::ColumnKind::text, 7},
                                                  {"logit", lensfind::sky::ColumnKind::real}},
                                                 400);
  for (int i = 0; i < 400; ++i)
    table->add(
        std::vector<std::string>{fmt::format("{}", 9007199254740993 + i), i % 4 == 0 ? "lens" : "galaxy", fmt::format("{}", score_of(i))});
  table->commit();
  std::string rows;
  for (int i = 0; i < 400; ++i) rows += fmt::format("<TR><TD>{}</TD><TD>{}</TD><TD>{}</TD></TR>", i, i % 4 == 0 ? "T" : "F", score_of(i));
  write("t.vot",
        R"(<?xml version="1.0"?><VOTABLE><RESOURCE><TABLE><FIELD name="id" datatype="int"/><FIELD name="label" datatype="boolean"/>)"
        R"(<FIELD name="score" datatype="double"/><DATA><TABLEDATA>)" +
            rows + "</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>");
  for (const char* name : {"semicolons.csv", "tabs.tsv", "t.fits", "t.vot"}) {
    evaluate({"--scores", at(name)});
    EXPECT_NEAR(evaluation().at("auc").at("value").as_number(), auc(), 1e-12) << name;
  }
  evaluate({"--scores", at("named.csv"), "--id-column", "key", "--label-column", "truth", "--score-column", "x"});
  EXPECT_NEAR(evaluation().at("auc").at("value").as_number(), auc(), 1e-12);
  evaluate({"--scores", at("t.fits")});
  EXPECT_THAT(program::lines_of(folder_ / "r" / "scores.csv")[1], ::testing::StartsWith("9007199254740993,"));
}

TEST_F(Tables, ScoresBetween0And1AreCalibratedOnTheirLogit) {
  write("p.csv", table_of("id,label,score", "{i},{l},{p}"));
  write("v.csv", table_of("id,label,score", "v{i},{l},{p}"));
  write("logits.csv", table_of("id,label,logit", "{i},{l},{s}"));
  write("logits-v.csv", table_of("id,label,logit", "v{i},{l},{s}"));
  EXPECT_THAT(evaluate({"--scores", at("p.csv"), "--validation", at("v.csv")}), HasSubstr("calibrated on their logit"));
  const Value of_probabilities = evaluation();
  evaluate({"--scores", at("logits.csv"), "--validation", at("logits-v.csv")});
  // The logit of the score is 2 s + 1: a line through it is a line through s.
  for (const char* figure : {"slope", "intercept"})
    EXPECT_NEAR(of_probabilities.at("calibration").at(figure).at("value").as_number(),
                evaluation().at("calibration").at(figure).at("value").as_number(), 1e-4);
  const double half = of_probabilities.at("thresholds").at("half").at("value").as_number();
  EXPECT_NEAR(half, 1 / (1 + std::exp(-2 * evaluation().at("thresholds").at("half").at("value").as_number() - 1)), 1e-6);
}

TEST_F(Tables, LensesAloneHaveARecallAndNonLensesAFalsePositiveRate) {
  std::string lenses = "id,label,score\n", others = lenses;
  for (int i = 0; i < 200; ++i) (i % 4 == 0 ? lenses : others) += fmt::format("{},{},{}\n", i, i % 4 == 0 ? 1 : 0, score_of(i));
  write("lenses.csv", lenses);
  write("others.csv", others);
  write("v.csv", table_of("id,label,score", "v{i},{l},{s}"));
  EXPECT_THAT(evaluate({"--scores", at("lenses.csv"), "--validation", at("v.csv")}), HasSubstr("recall at f1"));
  const Value e = evaluation();
  EXPECT_EQ(e.find("auc"), nullptr);
  const double threshold = e.at("thresholds").at("f1").at("value").as_number();
  int found = 0;
  for (int i = 0; i < 200; i += 4) found += score_of(i) >= threshold ? 1 : 0;
  EXPECT_NEAR(e.at("thresholds").at("f1").at("recall").at("value").as_number(), found / 50.0, 1e-12);
  EXPECT_EQ(program::lines_of(folder_ / "r" / "recall.csv").size(), 51u);
  EXPECT_THAT(program::text_of(folder_ / "r" / "report.html"), HasSubstr("recall"));
  EXPECT_THAT(evaluate({"--scores", at("others.csv")}), HasSubstr("150 non-lenses and no others"));
  EXPECT_NE(evaluation().at("curves").find("false_positive_rate"), nullptr);
}

TEST_F(Tables, CompletenessOverUnknownColumnsFailsBeforeAnythingIsScored) {
  write("t.csv", table_of("id,label,score", "{i},{l},{s}"));
  write("truth.csv", "id,theta_e_arcsec\n0,1\n");
  const auto result = run(
      {"evaluate", "--scores", at("nowhere.csv"), "--truth", at("truth.csv"), "--completeness", "theta_e_arcsek,foo", "--out", at("r")});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, ::testing::AllOf(HasSubstr("no column `theta_e_arcsek`"), HasSubstr("did you mean `theta_e_arcsec`")));
}

TEST_F(Tables, FindersOfOtherPeopleAreComparedById) {
  write("a.csv", table_of("id,label,logit", "{i},{l},{s}"));
  std::string b = "objid;p_lens\n";
  for (int i = 399; i >= 0; --i) b += fmt::format("{};{}\n", i, 1 / (1 + std::exp(-std::cos(i * 7.7) - (i % 4 == 0 ? 1.0 : 0))));
  write("b.csv", b + "x;0.5\n");
  const auto result = run({"compare", "--scores", at("a.csv"), at("b.csv"), "--out", at("c")});
  ASSERT_EQ(result.status, 0) << result.err;
  lensfind::CsvReader differences{folder_ / "c" / "differences.csv"};
  ASSERT_TRUE(differences.next());
  const Value second = lensfind::parse_json(program::text_of(folder_ / "c" / "models" / "b" / "evaluation.json"), "b");
  EXPECT_NEAR(*lensfind::parse_number(differences[differences.column("difference")]), auc() - second.at("auc").at("value").as_number(),
              1e-12);
  EXPECT_THAT(result.err, HasSubstr("b: 1 of 401 samples have no score of another finder"));
  EXPECT_EQ(run({"compare", "--scores", at("a.csv"), "--out", at("d")}).status, 2);
}

TEST_F(Tables, MatchTakesTablesOfAnyKindAndNamedColumns) {
  write("s.csv", "cand;p;X;Y\n=1+2;0.9;10:00:00;-05:00:00\nb;0.1;150.1;-5\n");
  write(
      "k.vot",
      R"(<?xml version="1.0"?><VOTABLE><RESOURCE><TABLE><FIELD name="Name" datatype="char" arraysize="*"/>)"
      R"(<FIELD name="RAJ2000" datatype="double" unit="rad"/><FIELD name="DEJ2000" datatype="double" unit="rad"/>)"
      R"(<DATA><TABLEDATA><TR><TD>known one</TD><TD>2.6179938779914944</TD><TD>-0.08726646259971647</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>)");
  const auto result = run({"match", at("s.csv"), "--known", at("k.vot"), "--out", at("m.csv"), "--id-column", "cand", "--score-column", "p",
                           "--ra-column", "X", "--dec-column", "Y"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(program::lines_of(folder_ / "m.csv")[1],
              ::testing::AllOf(::testing::StartsWith("1,\"=1+2\",0.9,,150,-5,1,1,known one,0.000")));
  EXPECT_EQ(run({"match", at("s.csv"), "--known", at("k.vot"), "--out", at("n.csv"), "--ra-column", "Z", "--dec-column", "Y"}).status, 1);
}

}  // namespace
