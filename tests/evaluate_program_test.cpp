#include <cmath>
#include <fstream>

#include <fmt/format.h>

#include "lensfind/base/value.h"
#include "program.h"

namespace {

using program::Program;
using program::run;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class Evaluate : public Program {
 protected:
  void write(const std::string& name, const std::string& text) const { std::ofstream{folder_ / name} << text; }
};

TEST_F(Evaluate, TakesAnybodysScores) {
  std::string table = "id,label,logit\n";
  for (int i = 0; i < 400; ++i) table += fmt::format("{},{},{:.2f}\n", i, i < 40 ? 1 : 0, std::sin(i * 12.9898) * 1.5 + (i < 40 ? 1.8 : 0));
  write("t.csv", table);
  const auto result = run({"evaluate", "--scores", at("t.csv"), "--out", at("r"), "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const lensfind::Value json = lensfind::parse_json(result.out, "stdout");
  // Mann-Whitney by its definition: all 40 x 360 pairs, ties counted half.
  double pairs = 0;
  const auto logit = [](int i) { return std::round((std::sin(i * 12.9898) * 1.5 + (i < 40 ? 1.8 : 0)) * 100) / 100; };
  for (int lens = 0; lens < 40; ++lens) {
    for (int other = 40; other < 400; ++other) pairs += logit(lens) > logit(other) ? 1 : logit(lens) == logit(other) ? .5 : 0;
  }
  EXPECT_NEAR(json.at("auc").at("value").as_number(), pairs / (40 * 360), 1e-12);
  const std::string page = program::text_of(folder_ / "r" / "report.html");
  EXPECT_THAT(page, HasSubstr("<svg"));
  EXPECT_THAT(page, ::testing::Not(HasSubstr("src=\"http")));
}

TEST_F(Evaluate, ExplainsWhatIsWrongWithATable) {
  const std::vector<std::pair<std::string, std::string>> bad{
      {"id,label\n1,1\n", "logit"},
      {"id,label,logit\n", "lens"},
      {"id,label,logit\n1,1,.5\n1,0,.4\n", "1"},
      {"id,label,logit\na,1,.5\nb,0,.4\na,1,.3\n", "the id `a` stands on lines 2 and 4"},
      {"id,label,logit\n1,3,.5\n2,0,.4\n", "line 2"},
      {"id,label,logit\n1,0,.5\n2,1,.4\n3,2,.3\n", "line 4: the label is `2`"},
      {"id,label,logit\n1,maybe,.5\n2,0,.4\n", "labels are 1 (lens), 0 (non-lens) or empty"},
      {"id,label,logit\n1,1,.5\n2,0,-inf\n", "line 3"},
      {"id,label,logit\n1,1,nan\n2,0,nan\n", "no row with a score"},
      {"id,label,logit,probability\n1,1,.5,1.5\n2,0,.4,.1\n", "line 2: the probability is 1.5"},
      {"id,logit\n1,.5\n2,.4\n", "label"},
      {"id,label,logit\n1,1\n2,0,.4\n", "line 2: 2 fields, but the header names 3"},
      {"id,label,logit\n1,1,inf\n2,0,.4\n", "line 2"},
      {"id,label,logit\n1,1,high\n2,0,.4\n", "line 2"},
      {"", "t.csv"},
  };
  for (const auto& [table, said] : bad) {
    write("t.csv", table);
    const auto result = run({"evaluate", "--scores", at("t.csv"), "--out", at("r")});
    EXPECT_EQ(result.status, 1) << table;
    EXPECT_THAT(result.err, ::testing::AllOf(HasSubstr("error: "), HasSubstr("hint: "), HasSubstr(said))) << table;
    EXPECT_FALSE(fs::exists(folder_ / "r"));
    EXPECT_THAT(program::temporaries_in(folder_), ::testing::IsEmpty());
  }
}

/// 40 lenses and 400 non-lenses whose ids begin with `prefix`.
std::string any_table(const std::string& prefix) {
  std::string table = "id,label,score\n";
  for (int i = 0; i < 440; ++i)
    table += fmt::format("{}{},{},{:.4f}\n", prefix, i, i < 40 ? 1 : 0, std::sin(i * 12.9898) * 1.5 + (i < 40 ? 2.2 : 0));
  return table;
}

TEST_F(Evaluate, CountsScoresThatAreNoNumber) {
  write("t.csv", any_table("a") + "x,1,nan\ny,0,\n");
  const auto result = run({"evaluate", "--scores", at("t.csv"), "--out", at("r"), "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const lensfind::Value counts = lensfind::parse_json(result.out, "stdout").at("counts");
  EXPECT_EQ(counts.at("lenses").as_integer(), 40);
  EXPECT_EQ(counts.at("nonlenses").as_integer(), 400);
  EXPECT_THAT(program::text_of(folder_ / "r" / "report.html"), HasSubstr("2 cutouts whose score is no number were left out"));
}

TEST_F(Evaluate, ChoosesThresholdsForAnybodysScoresOnTheirValidation) {
  write("t.csv", any_table("a"));
  write("v.csv", any_table("b"));
  const auto result = run({"evaluate", "--scores", at("t.csv"), "--validation", at("v.csv"), "--prevalence", "0.01", "--target",
                           "recall=.8", "--out", at("r"), "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const lensfind::Value json = lensfind::parse_json(result.out, "stdout");
  // Test and validation hold the same scores, so the threshold is the 32nd of 40 lenses in both.
  EXPECT_EQ(json.at("thresholds").at("recall=0.8").at("confusion").at("tp").as_integer(), 32);
  EXPECT_NE(json.at("thresholds").find("f1"), nullptr);
  EXPECT_NE(json.find("brier"), nullptr);
  const auto shared = run({"evaluate", "--scores", at("t.csv"), "--validation", at("t.csv"), "--out", at("s")});
  EXPECT_EQ(shared.status, 1);
  EXPECT_THAT(shared.err, HasSubstr("a0 stands in --scores and in --validation"));
  EXPECT_EQ(run({"evaluate", "--scores", at("t.csv"), "--target", "recall=.8", "--out", at("s")}).status, 2);
}

TEST_F(Evaluate, MapsCompletenessOverAnyTwoColumns) {
  write("t.csv", any_table("a"));
  write("v.csv", any_table("b"));
  std::string truth = "id,kind,seeing_fwhm,lens_mag_i\n";
  for (int i = 0; i < 440; ++i)
    truth +=
        i < 40 ? fmt::format("a{},lens,{},{}\n", i, .5 + .01 * i, 18 + i % 4) : fmt::format("a{},{},,\n", i, i % 2 ? "ring" : "spiral");
  write("truth.csv", truth);
  const std::vector<std::string> asked{"evaluate", "--scores",      at("t.csv"),      "--validation",           at("v.csv"),
                                       "--truth",  at("truth.csv"), "--completeness", "seeing_fwhm,lens_mag_i", "--out",
                                       at("r")};
  const auto result = run(asked);
  ASSERT_EQ(result.status, 0) << result.err;
  const auto cells = program::lines_of(folder_ / "r" / "completeness.csv");
  EXPECT_EQ(cells.front(), "seeing_fwhm_low,seeing_fwhm_high,lens_mag_i_low,lens_mag_i_high,lenses,found,completeness,low,high");
  EXPECT_THAT(program::text_of(folder_ / "r" / "completeness.fits"), ::testing::StartsWith("SIMPLE  ="));
  EXPECT_TRUE(fs::exists(folder_ / "r" / "figures" / "completeness.pdf"));
  const auto kinds = program::lines_of(folder_ / "r" / "false_positives.csv");
  EXPECT_EQ(kinds.front(), "kind,nonlenses,false_positives,rate,low,high");
  EXPECT_EQ(kinds.size(), 3u);
  const auto missing = run({"evaluate", "--scores", at("t.csv"), "--validation", at("v.csv"), "--truth", at("truth.csv"), "--completeness",
                            "seeing_fwhm,redshift", "--out", at("s")});
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.err, ::testing::AllOf(HasSubstr("no column `redshift`"), HasSubstr("seeing_fwhm")));
}

}  // namespace
