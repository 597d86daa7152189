#include <cmath>
#include <fstream>

#include <fmt/format.h>

#include "lensfind/base/value.h"
#include "program.h"

namespace {

using program::Program;
using program::run;
using testing::HasSubstr;
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
  EXPECT_THAT(page, testing::Not(HasSubstr("src=\"http")));
}

TEST_F(Evaluate, ExplainsWhatIsWrongWithATable) {
  const std::vector<std::pair<std::string, std::string>> bad{
      {"id,label\n1,1\n", "logit"},
      {"id,label,logit\n", "lens"},
      {"id,label,logit\n1,1,.5\n2,1,.4\n", "non-lens"},
      {"id,label,logit\n1,1,.5\n1,0,.4\n", "1"},
      {"id,label,logit\n1,3,.5\n2,0,.4\n", "line 2"},
      {"id,label,logit\n1,1,inf\n2,0,.4\n", "line 2"},
      {"id,label,logit\n1,1,high\n2,0,.4\n", "line 2"},
      {"", "t.csv"},
  };
  for (const auto& [table, said] : bad) {
    write("t.csv", table);
    const auto result = run({"evaluate", "--scores", at("t.csv"), "--out", at("r")});
    EXPECT_EQ(result.status, 1) << table;
    EXPECT_THAT(result.err, testing::AllOf(HasSubstr("error: "), HasSubstr("hint: "), HasSubstr(said))) << table;
    EXPECT_FALSE(fs::exists(folder_ / "r"));
    EXPECT_THAT(program::temporaries_in(folder_), testing::IsEmpty());
  }
}

}  // namespace
