#include "lensfind/train/series.h"

#include <fstream>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::train {
namespace {

namespace fs = std::filesystem;

class Series : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(root_);
    std::ofstream{root_ / "plain.toml"} << "network = \"resnet34\"\nepochs = 7\nimbalance = [\"weight\"]\n";
  }
  void TearDown() override { fs::remove_all(root_); }
  [[nodiscard]] NamedRecipe parse(const std::string& text, const std::vector<std::string>& overrides = {}) const {
    return parse_recipe(text, {root_}, overrides);
  }

  fs::path root_ =
      fs::path{::testing::TempDir()} / (std::string{"series-"} + ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(Series, ARecipeIsNamedAfterItsFileOrAsItSays) {
  EXPECT_EQ(parse("plain").name, "plain");
  EXPECT_EQ(parse((root_ / "plain.toml").string()).name, "plain");
  EXPECT_EQ(parse("other=plain").name, "other");
  EXPECT_EQ(parse("other=plain").recipe.network, "resnet34");
}

TEST_F(Series, ItsOwnChangesComeAfterThoseForAll) {
  const NamedRecipe changed = parse("x=plain,epochs=3,rate=0.5", {"epochs=2", "batch=5"});
  EXPECT_EQ(changed.recipe.epochs, 3);
  EXPECT_EQ(changed.recipe.batch, 5);
  EXPECT_EQ(changed.recipe.rate, .5);
}

TEST_F(Series, CommasInsideBracketsSeparateNothing) {
  const NamedRecipe changed =
      parse(R"(x=plain,augmentation=[{name="shift",range=[0.1]},{name="d4"}],imbalance=["weight","sampler"],epochs=4)");
  EXPECT_EQ(changed.recipe.augmentation.size(), 2u);
  EXPECT_EQ(changed.recipe.imbalance.size(), 2u);
  EXPECT_EQ(changed.recipe.epochs, 4);
}

TEST_F(Series, PlansRecipesThenEnsemblesWithEachSeed) {
  const SeriesOptions options{.recipes = {parse("a=plain"), parse("b=plain")},
                              .ensembles = {parse_ensemble("both=a+b")},
                              .first_seed = 5,
                              .seeds = 2,
                              .out = "out"};
  const std::vector<SeriesRun> runs = plan_series(options);
  std::vector<std::string> folders;
  for (const SeriesRun& run : runs) folders.push_back(run.folder.string());
  EXPECT_THAT(folders, ::testing::ElementsAre("out/runs/a-seed5", "out/runs/a-seed6", "out/runs/b-seed5", "out/runs/b-seed6",
                                              "out/runs/both-seed5", "out/runs/both-seed6"));
}

TEST_F(Series, RefusesNamesThatCannotBe) {
  EXPECT_THROW((void)parse("../up=plain"), Error);
  EXPECT_THROW((void)parse("=plain"), Error);
  EXPECT_THROW(parse_ensemble("one=a"), Error);
  EXPECT_THROW(parse_ensemble("a+b"), Error);
  EXPECT_THROW(plan_series({.recipes = {parse("a=plain"), parse("a=plain")}, .out = "out"}), Error);
  EXPECT_THROW(plan_series({.recipes = {parse("a=plain")}, .ensembles = {parse_ensemble("e=a+b")}, .out = "out"}), Error);
}

}  // namespace
}  // namespace lensfind::train
