#include <filesystem>

#include "lensfind/base/value.h"
#include "program.h"

namespace {

using program::Program;
using program::run;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class CheckAgainst : public Program {
 protected:
  void simulate(const std::string& name, const std::string& seed, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"simulate", at(name), "--survey", "des",      "--lenses", "60",     "--nonlenses",
                                   "60",       "--size", "32",       "--format", "stack",    "--seed", seed};
    words.insert(words.end(), more.begin(), more.end());
    const auto made = run(words);
    ASSERT_EQ(made.status, 0) << made.err;
  }
  [[nodiscard]] double auc(const program::Result& checked, std::size_t of_class, const char* which = "value") const {
    return lensfind::parse_json(checked.out, "stdout").at("against").at("classes").as_array()[of_class].at("auc").at(which).as_number();
  }
};

TEST_F(CheckAgainst, TellsNoisierSetsApartAndOneLawNot) {
  simulate("a", "1");
  simulate("b", "2");
  simulate("noisy", "3", {"--set", "depth_5sigma=[22.5,22.2,21.6]"});
  const auto same = run({"check", at("a"), "--against", at("b"), "--shortcut-sample", "0", "--json"});
  ASSERT_EQ(same.status, 0) << same.err;
  const auto other = run({"check", at("a"), "--against", at("noisy"), "--shortcut-sample", "0", "--json", "--out", at("likeness")});
  ASSERT_EQ(other.status, 0) << other.err;
  for (const std::size_t of_class : {0u, 1u}) {
    EXPECT_LT(auc(same, of_class, "low"), .55);
    EXPECT_GT(auc(other, of_class, "low"), .8);
  }
  for (const char* name : {"against.json", "numbers.csv", "cutouts.png", "numbers.svg", "numbers.csv"})
    EXPECT_TRUE(fs::exists(folder_ / "likeness" / name)) << name;
  const auto told = run({"check", at("a"), "--against", at("noisy"), "--shortcut-sample", "0"});
  EXPECT_THAT(told.out, HasSubstr("lenses: 60 against 60"));
  EXPECT_THAT(told.out, HasSubstr("noise in "));
}

TEST_F(CheckAgainst, RefusesAnOutWithoutIt) {
  const auto wrong = run({"check", at("a"), "--out", at("b")});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("--against"));
}

}  // namespace
