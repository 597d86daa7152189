#ifdef LENSFIND_WITH_TRAIN

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/random.h"
#include "lensfind/base/value.h"
#include "lensfind/image/npy.h"
#include "program.h"

namespace {

using program::lines_of;
using program::Program;
using program::run;
using program::text_of;
using ::testing::EndsWith;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// Cutouts of noise; lenses have a bright square, so that the teacher finds nearly all of them.
class CascadeProgram : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    write("set/train_lenses", 60, true, 1);
    write("set/train_nonlenses", 120, false, 1000);
    write("set/test_lenses", 20, true, 2000);
    write("set/test_nonlenses", 40, false, 3000);
    const auto made = run({"train", "--recipe", "student", "--data", at("set"), "--out", at("teacher"), "--set", "epochs=6", "--set",
                           "batch=16", "--threads", "1"});
    ASSERT_EQ(made.status, 0) << made.err;
  }

  void write(const std::string& folder, int count, bool lens, std::uint64_t seed) const {
    fs::create_directories(folder_ / folder);
    for (int i = 1; i <= count; ++i) {
      lensfind::image::Image image{lensfind::image::ImageShape{1, 32, 32}};
      lensfind::RandomStream random{seed + static_cast<std::uint64_t>(i), lensfind::Purpose::test};
      for (float& value : image.values()) value = static_cast<float>(random.uniform());
      for (int row = 8; lens && row < 20; ++row) {
        for (int column = 8; column < 20; ++column) image.at(0, row, column) += 2;
      }
      lensfind::image::write_npy(folder_ / folder / fmt::format("{}.npy", i), image.view());
    }
  }

  /// Ids of a table of scores that begin with `folder`, the lowest logit first.
  static std::vector<std::string> by_logit(const fs::path& scores, const std::string& folder) {
    lensfind::CsvReader table{scores};
    const std::size_t id = table.column("id"), logit = table.column("logit");
    std::vector<std::pair<double, std::string>> rows;
    while (table.next()) {
      if (table[id].starts_with(folder)) rows.emplace_back(lensfind::parse_number(table[logit]).value(), table[id]);
    }
    std::ranges::sort(rows);
    std::vector<std::string> ids;
    for (const auto& row : rows) ids.push_back(row.second);
    return ids;
  }

  std::vector<std::string> cascade(const std::string& out) const {
    return {"cascade",  "--teacher", at("teacher"), "--data",     at("set"), "--out",     at(out), "--set",
            "batch=16", "--set",     "epochs=4",    "--max-lost", "0.1",     "--threads", "1"};
  }
};

TEST_F(CascadeProgram, ScoresWithTheTeacherWhatTheStudentLeaves) {
  const auto made = run(cascade("cascade"));
  ASSERT_EQ(made.status, 0) << made.err;
  const lensfind::Value chosen = lensfind::read_json(folder_ / "cascade/evaluation.json").at("cascade");
  EXPECT_LE(chosen.at("lost").at("value").as_number(), .1);
  EXPECT_LT(chosen.at("lost").at("value").as_number(), chosen.at("lost").at("high").as_number());

  const auto scored = run({"score", at("cascade"), at("set/test_lenses"), at("set/test_nonlenses"), "--out", at("s.csv"), "--top", "3"});
  ASSERT_EQ(scored.status, 0) << scored.err;
  const auto rows = lines_of(folder_ / "s.csv");
  ASSERT_EQ(rows.size(), 61u);
  EXPECT_EQ(rows[0], "id,logit,probability,stage");
  EXPECT_THAT(rows[1], EndsWith(",teacher"));
  EXPECT_THAT(rows.back(), EndsWith(",student"));
  EXPECT_THAT(lines_of(folder_ / "s.top.csv")[1], EndsWith(",teacher"));

  const auto judged = run({"evaluate", at("cascade"), "--data", at("set"), "--out", at("report")});
  ASSERT_EQ(judged.status, 0) << judged.err;
  const lensfind::Value there = lensfind::read_json(folder_ / "report/evaluation.json");
  EXPECT_EQ(there.at("auc").at("value").as_number(), 1);
  EXPECT_GT(there.at("cascade").at("lenses").as_integer(), 10);
}

TEST_F(CascadeProgram, RefusesAStudentThatIsToldTheQuality) {
  const auto refused =
      run({"cascade", "--teacher", at("teacher"), "--data", at("set"), "--out", at("cascade"), "--set", "condition=quality"});
  EXPECT_NE(refused.status, 0);
  EXPECT_THAT(refused.err, HasSubstr("the teacher may be told the image quality"));
  EXPECT_FALSE(fs::exists(folder_ / "cascade"));
}

TEST_F(CascadeProgram, LosesWhatLabelsSayThatHaveBeenCorrected) {
  ASSERT_EQ(run(cascade("cascade")).status, 0);
  const auto found = [this](const std::string& out, std::vector<std::string> more) {
    std::vector<std::string> words{"evaluate", at("cascade"), "--data", at("set"), "--split", "test", "--out", at(out), "--bootstrap", "0"};
    words.insert(words.end(), more.begin(), more.end());
    const auto judged = run(words);
    EXPECT_EQ(judged.status, 0) << judged.err;
    return lensfind::read_json(folder_ / out / "evaluation.json").at("cascade");
  };
  const lensfind::Value before = found("before", {});
  ASSERT_EQ(before.at("lenses").as_integer(), 20);
  // Of five lenses that the student lets pass nothing is known, and five non-lenses that the teacher does not find are lenses.
  ASSERT_EQ(run({"evaluate", at("teacher"), "--data", at("set"), "--split", "test", "--out", at("taught"), "--bootstrap", "0"}).status, 0);
  const auto lenses = by_logit(folder_ / "before/scores.csv", "test_lenses/");
  const auto nonlenses = by_logit(folder_ / "taught/scores.csv", "test_nonlenses/");
  std::ofstream corrected{folder_ / "corrected.csv"};
  corrected << "id,label\n";
  for (std::size_t i = 0; i < 5; ++i) corrected << lenses.at(lenses.size() - 1 - i) << ",\n" << nonlenses.at(i) << ",1\n";
  corrected.close();
  const lensfind::Value after = found("after", {"--relabel", at("corrected.csv")});
  EXPECT_EQ(after.at("lenses").as_integer(), 15);
  EXPECT_NEAR(15 * after.at("lost").at("value").as_number(), 20 * before.at("lost").at("value").as_number(), 1e-9);
  EXPECT_NE(after.at("lost").at("high").as_number(), before.at("lost").at("high").as_number());
}

TEST_F(CascadeProgram, GoesOnWhereItWasKilled) {
  ASSERT_EQ(run(cascade("unbroken")).status, 0);
  program::run_and_kill(cascade("killed"), [this] { return fs::exists(folder_ / "killed/student/history.csv"); });
  EXPECT_FALSE(fs::exists(folder_ / "killed/model.json"));
  auto again = cascade("killed");
  EXPECT_EQ(run(again).status, 1) << "what is there is not replaced unasked";
  again.emplace_back("--resume");
  ASSERT_EQ(run(again).status, 0);
  EXPECT_EQ(text_of(folder_ / "killed/student/model.safetensors"), text_of(folder_ / "unbroken/student/model.safetensors"));
  EXPECT_EQ(text_of(folder_ / "killed/evaluation.json"), text_of(folder_ / "unbroken/evaluation.json"));
}

TEST_F(CascadeProgram, IsNoModelForCommandsThatNeedOneNetwork) {
  ASSERT_EQ(run(cascade("cascade")).status, 0);
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"export", at("cascade"), "--out", at("x.onnx")},
                                             {"calibrate", at("cascade"), "--data", at("set"), "--out", at("x")},
                                             {"ensemble", at("cascade"), at("teacher"), "--out", at("x")},
                                             {"cascade", "--teacher", at("cascade"), "--data", at("set"), "--out", at("x")}}) {
    const auto result = run(words);
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, HasSubstr("is a cascade")) << words[0];
  }
  auto strict = cascade("strict");
  strict[12] = "0.001";
  EXPECT_THAT(run(strict).err, HasSubstr("at least 999 are needed"));
}

}  // namespace

#endif
