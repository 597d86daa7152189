#include "lensfind/base/value.h"
#include "program.h"

namespace {

using program::Program;
using program::run;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// The models that the project ships, tried as a user would.
class ShippedModels : public Program {
 protected:
  static std::vector<std::string> names() {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator{fs::path{LENSFIND_SOURCE_DIR} / "models"})
      if (fs::exists(entry.path() / "model.json")) out.push_back(entry.path().filename().string());
    return out;
  }

  /// AUC of a model on genuine lenses and others, in two folders of the shared data.
  double auc_of(const std::string& model, const fs::path& lenses, const fs::path& others) {
    fs::create_directories(folder_ / "real");
    fs::copy(lenses, folder_ / "real/test_lenses");
    fs::copy(others, folder_ / "real/test_nonlenses");
    const auto said = run({"evaluate", model, "--data", at("real"), "--split", "all", "--out", at("report")});
    EXPECT_EQ(said.status, 0) << said.err;
    return lensfind::read_json(folder_ / "report/evaluation.json").at("auc").at("value").as_number();
  }
};

TEST_F(ShippedModels, SayWhatTheyAreAndScoreTheirSurveysCutouts) {
  for (const std::string& name : names()) {
    const auto card = run({"models", "--card", name});
    ASSERT_EQ(card.status, 0) << card.err;
    EXPECT_THAT(card.out, HasSubstr("Limits:")) << name;
    EXPECT_THAT(card.out, HasSubstr("simulated, ")) << name;
    // "simulate --survey legacy --band g --band r --band z --scaling none"
    const std::size_t begin = card.out.find("`simulate --survey ") + 1;
    const std::string words = card.out.substr(begin, card.out.find_first_of("`\n", begin) - begin);
    const std::string set = at(name);
    ASSERT_EQ(program::run_shell("\"$LENSFIND\" " + words + " '" + set +
                                 "' --test-lenses 3 --test-nonlenses 3 --set population.nonlens_magnitudes=counts --quiet")
                  .status,
              0)
        << words;
    const auto scored = run({"score", name, set, "--out", at(name + ".csv"), "--quiet"});
    EXPECT_EQ(scored.status, 0) << name << scored.err;
    EXPECT_EQ(program::lines_of(at(name + ".csv")).size(), 7u) << name;
  }
}

// 10 lenses and 10 others; the model's card has the interval.
TEST_F(ShippedModels, DeeplenseFindsGenuineLensesOfItsSet) {
  const fs::path data = program::shared_folder() / "data/deeplense-sample";
  if (program::shared_folder().empty() || !fs::exists(data)) GTEST_SKIP() << "genuine cutouts are not here";
  EXPECT_GT(auc_of("deeplense", data / "train_lenses", data / "train_nonlenses"), 0.9);
}

// 40 lenses and 69 look-alikes that people took for lenses.
TEST_F(ShippedModels, CfhtlsTellsGenuineLensesFromWhatPeopleTookForSome) {
  const fs::path data = program::shared_folder() / "data/cfhtls-lenses";
  if (program::shared_folder().empty() || !fs::exists(data)) GTEST_SKIP() << "genuine cutouts are not here";
  EXPECT_GT(auc_of("cfhtls", data / "strong", data / "lookalikes"), 0.72);
}

}  // namespace
