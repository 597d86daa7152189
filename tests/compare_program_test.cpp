#ifdef LENSFIND_WITH_TRAIN

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "lensfind/base/csv.h"
#include "program.h"

namespace {

using program::lines_of;
using program::Program;
using program::run;
using program::text_of;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

using TableRow = std::map<std::string, std::string>;

std::vector<TableRow> table_rows(const fs::path& path) {
  lensfind::CsvReader table{path};
  std::vector<TableRow> rows;
  while (table.next()) {
    TableRow row;
    for (const std::string& column : table.columns()) row[column] = table[table.column(column)];
    rows.push_back(row);
  }
  return rows;
}

class CompareTrained : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    program::write_noise_set(folder_ / "set", {.train_lenses = 60, .train_nonlenses = 90, .test_lenses = 20, .test_nonlenses = 30});
  }

  std::vector<std::string> compare(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"compare",    "--train",        "demo",   "flat=demo,stretch=none,augmentation=[]",
                                   "--ensemble", "both=demo+flat", "--data", at("set"),
                                   "--out",      at(out),          "--set",  "epochs=1",
                                   "--set",      "precision=f32",  "--set",  "network=student"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(CompareTrained, EveryRecipeWithEverySeedAndTheirMeans) {
  const auto made = run(compare("study", {"--seeds", "2", "--seed", "3"}));
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("run 4 of 4, about"));

  std::map<std::string, double> auc;
  for (const TableRow& row : table_rows(folder_ / "study/table.csv")) auc[row.at("model")] = std::stod(row.at("auc"));
  ASSERT_EQ(auc.size(), 6u);
  const std::vector<TableRow> recipes = table_rows(folder_ / "study/recipes.csv");
  ASSERT_EQ(recipes.size(), 3u);
  std::map<std::string, double> mean;
  for (const TableRow& row : recipes) {
    const std::string name = row.at("recipe");
    const double a = auc.at(name + "-seed3"), b = auc.at(name + "-seed4");
    mean[name] = std::stod(row.at("auc_mean"));
    EXPECT_EQ(row.at("seeds"), "2");
    EXPECT_NEAR(mean[name], (a + b) / 2, 1e-12) << name;
    EXPECT_NEAR(std::stod(row.at("auc_std")), std::abs(a - b) / std::sqrt(2), 1e-12) << name;
    EXPECT_TRUE(fs::exists(folder_ / "study/models" / (name + "-seed3") / "report.html")) << name;
    EXPECT_TRUE(fs::exists(folder_ / "study/models" / (name + "-seed4") / "evaluation.json")) << name;
  }
  for (const TableRow& row : table_rows(folder_ / "study/differences.csv")) {
    if (row.at("figure") == "auc") {
      EXPECT_NEAR(std::stod(row.at("difference")), mean.at(row.at("first")) - mean.at(row.at("second")), 1e-12);
    }
  }
  EXPECT_THAT(text_of(folder_ / "study/report.html"), HasSubstr("Over seeds"));
  EXPECT_THAT(text_of(folder_ / "study/runs/flat-seed3/recipe.toml"), HasSubstr("stretch = \"none\""));
  EXPECT_THAT(text_of(folder_ / "study/runs/both-seed4/model.json"), HasSubstr("\"calibration\": {"));
}

TEST_F(CompareTrained, GoesOnWhereItWasKilled) {
  ASSERT_EQ(run(compare("whole")).status, 0);
  const auto the_second_run_is_under_way = [&] { return fs::exists(folder_ / "killed/runs/flat-seed0/recipe.toml"); };
  EXPECT_EQ(program::run_and_kill(compare("killed"), the_second_run_is_under_way).status, 128 + SIGKILL);
  const fs::file_time_type first_made = fs::last_write_time(folder_ / "killed/runs/demo-seed0/model.safetensors");
  const auto refused = run(compare("killed"));
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("--resume"));

  const auto resumed = run(compare("killed", {"--resume"}));
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("run 2 of 2"));
  EXPECT_EQ(fs::last_write_time(folder_ / "killed/runs/demo-seed0/model.safetensors"), first_made) << "a finished run is left alone";
  for (const char* file : {"table.csv", "recipes.csv", "differences.csv"})
    EXPECT_EQ(text_of(folder_ / "killed" / file), text_of(folder_ / "whole" / file)) << file;

  const auto changed = run(compare("killed", {"--resume", "--set", "rate=0.5"}));
  EXPECT_EQ(changed.status, 1);
  EXPECT_THAT(changed.err, HasSubstr("another `rate`"));
}

TEST_F(CompareTrained, ExplainsWhatIsWrongBeforeAnythingIsTrained) {
  fs::create_directories(folder_ / "mine");
  std::ofstream{folder_ / "mine/letter.txt"} << "dear";
  const std::string data = at("set"), out = at("x");
  struct Wrong {
    std::vector<std::string> words;
    int status;
    std::string said;
  };
  for (const auto& [words, status, said] :
       std::vector<Wrong>{{{"--train", "demo", "demo", "--out", out}, 1, "same name"},
                          {{"--train", "demo", "--ensemble", "e=demo+other", "--out", out}, 1, "no recipe is named `other`"},
                          {{"--train", "demo", "--ensemble", "e", "--out", out}, 1, "NAME=A+B"},
                          {{"--train", "a/b=demo", "--out", out}, 1, "`a/b` is no name"},
                          {{"--train", "x=demo,epoch=1", "--out", out}, 1, "epochs"},
                          {{"--train", "demo", "--seeds", "0", "--out", out}, 2, "--seeds"},
                          {{"--train", "demo", "--overwrite", "--out", at("mine")}, 1, "left alone"},
                          {{"--out", out}, 2, "recipes"}}) {
    std::vector<std::string> all{"compare", "--data", data};
    all.insert(all.end(), words.begin(), words.end());
    const auto result = run(all);
    EXPECT_EQ(result.status, status) << result.out;
    EXPECT_THAT(result.err, HasSubstr(said));
    EXPECT_FALSE(fs::exists(out));
  }
  EXPECT_TRUE(fs::exists(folder_ / "mine/letter.txt"));
}

}  // namespace

#endif
