#include <cmath>
#include <fstream>
#include <map>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/random.h"
#include "lensfind/base/value.h"
#include "program.h"

namespace {

using lensfind::Value;
using program::Program;
using program::run;
using ::testing::AllOf;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

struct Row {
  double logit = 0, probability = 0;
  std::string finders;
};

std::map<std::string, Row> rows_of(const fs::path& path) {
  lensfind::CsvReader table{path};
  std::map<std::string, Row> out;
  const auto number = [&](const char* column) { return lensfind::parse_number(table[table.column(column)]).value_or(std::nan("")); };
  while (table.next())
    out[std::string{table[table.column("id")]}] = {number("logit"), number("probability"), std::string{table[table.column("finders")]}};
  return out;
}

/// Two finders of correlation .8, of which one is the better (combination_test.cpp has the law), and grades of people.
class Combine : public Program {
 protected:
  static constexpr int lenses = 150, nonlenses = 600;

  void SetUp() override {
    Program::SetUp();
    std::ofstream a{at("a.csv")}, b{at("b.csv")}, people{at("people.csv")}, labels{at("labels.csv")};
    a << "id,logit\n";
    b << "object_id;prob;more\n";
    people << "id,mean,score\n";
    labels << "id,label\n";
    lensfind::RandomStream random{11, lensfind::Purpose::test};
    for (int i = 0; i < lenses + nonlenses; ++i) {
      const double lens = i < lenses ? 1 : 0, first = random.normal(), second = .8 * first + .6 * random.normal();
      a << fmt::format("{},{}\n", i, first + lens);
      if (i % 10 != 9) b << fmt::format("{};{};1\n", i, 1 / (1 + std::exp(-second - 2 * lens)));
      people << fmt::format("{},{},{}\n", i, std::round(2 * (random.normal() + lens)) / 2, random.normal());
      labels << fmt::format("{},{}\n", i, lens);
    }
  }

  [[nodiscard]] program::Result make(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{
        "combine", "a=" + at("a.csv"), "b=" + at("b.csv"), "--labels", at("labels.csv"), "--out", at(out), "--trees", "20"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

TEST_F(Combine, ChoosesARuleSaysWhatItGainsAndAppliesIt) {
  const auto made = make("c.json", {"--overwrite"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.out, AllOf(HasSubstr("135 lenses and 540 non-lenses with a score of all 2 finders; 75 labelled objects lack one"),
                              HasSubstr("against the best finder alone (b): the gain excludes 0."), HasSubstr("independent_bayes"),
                              HasSubstr("chosen in each fold"), HasSubstr("with rules for 3 sets of finders")));
  const Value model = lensfind::read_json(at("c.json"));
  EXPECT_EQ(model.at("rule").as_string(), "stacking");
  EXPECT_NEAR(model.at("prevalence").as_number(), .2, 1e-9);

  const auto applied =
      run({"combine", "--apply", at("c.json"), "b=" + at("b.csv"), "a=" + at("a.csv"), "--prevalence", ".01", "--out", at("s.csv")});
  ASSERT_EQ(applied.status, 0) << applied.err;
  EXPECT_THAT(applied.out, AllOf(HasSubstr("750 objects by stacking"), HasSubstr("a fraction of lenses of 0.01")));
  const auto rows = rows_of(at("s.csv"));
  ASSERT_EQ(rows.size(), 750u);
  int by_a = 0;
  for (const auto& [id, row] : rows) {
    by_a += row.finders == "a" ? 1 : 0;
    EXPECT_NEAR(row.probability, 1 / (1 + std::exp(-row.logit) * 99), 1e-12);
  }
  EXPECT_EQ(by_a, 75);
  EXPECT_EQ(rows.at("9").finders, "a");
  EXPECT_EQ(rows.at("8").finders, "a+b");
}

TEST_F(Combine, ItsTableIsOneThatEvaluateReads) {
  ASSERT_EQ(make("c.json").status, 0);
  for (const char* name : {"s.csv", "s.fits"}) {
    const auto applied = run({"combine", "--apply", at("c.json"), "a=" + at("a.csv"), "b=" + at("b.csv"), "--out", at(name)});
    ASSERT_EQ(applied.status, 0) << applied.err;
  }
  // A combination may be a finder of another.
  const auto again = run({"combine", "both=" + at("s.fits"), "people=" + at("people.csv") + ":mean", "--labels", at("labels.csv"), "--out",
                          at("d.json"), "--json"});
  ASSERT_EQ(again.status, 0) << again.err;
  const Value about = lensfind::parse_json(again.out, "stdout");
  EXPECT_EQ(about.at("labelled").as_integer(), 750);
  EXPECT_EQ(about.at("study").at("finders").as_array().size(), 2u);
  EXPECT_EQ(about.at("study").at("rules").as_array().size(), 6u);
  EXPECT_GT(about.at("study").at("chosen").at("minus_best_finder").at("average_precision").at("low").as_number(), 0);
  EXPECT_EQ(lensfind::read_json(at("d.json")).at("finders").as_array()[1].at("column").as_string(), "mean");
}

TEST_F(Combine, IsTheSameForAnyNumberOfThreads) {
  ASSERT_EQ(make("one.json", {"--threads", "1"}).status, 0);
  ASSERT_EQ(make("two.json", {"--threads", "2"}).status, 0);
  EXPECT_EQ(program::text_of(at("one.json")), program::text_of(at("two.json")));
}

TEST_F(Combine, SaysWhatIsWrong) {
  std::ofstream{at("few.csv")} << "id,label\n1,1\n2,1\n700,0\n";
  const auto few = run({"combine", "a=" + at("a.csv"), "b=" + at("b.csv"), "--labels", at("few.csv"), "--out", at("x.json")});
  EXPECT_EQ(few.status, 1);
  EXPECT_THAT(few.err, AllOf(HasSubstr("2 labelled lenses have a score of every finder"), HasSubstr("hint: ")));
  const auto alone = run({"combine", "a=" + at("a.csv"), "--labels", at("labels.csv"), "--out", at("x.json")});
  EXPECT_THAT(alone.err, HasSubstr("one finder cannot be combined"));
  const auto unlabelled = run({"combine", "a=" + at("a.csv"), "b=" + at("b.csv"), "--out", at("x.json")});
  EXPECT_THAT(unlabelled.err, HasSubstr("no object that a finder scored has a label"));
  EXPECT_EQ(make("x.json", {"--folds", "1"}).status, 2);
  EXPECT_EQ(make("x.json", {"--prevalence", ".1"}).status, 2);
  EXPECT_FALSE(fs::exists(at("x.json")));

  ASSERT_EQ(make("c.json").status, 0);
  EXPECT_THAT(make("c.json").err, HasSubstr("--overwrite"));
  const auto unknown = run({"combine", "--apply", at("c.json"), "c=" + at("a.csv"), "--out", at("s.csv")});
  EXPECT_THAT(unknown.err, HasSubstr("knows no finder `c`"));
  const auto no_model = run({"combine", "--apply", at("labels.csv"), "a=" + at("a.csv"), "--out", at("s.csv")});
  EXPECT_EQ(no_model.status, 1);
}

}  // namespace
