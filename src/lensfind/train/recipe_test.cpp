#include "lensfind/train/recipe.h"

#include <gmock/gmock.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "tests/scratch_folder.h"

namespace lensfind::train {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<std::filesystem::path> installed{std::filesystem::path{LENSFIND_SOURCE_DIR} / "recipes"};

/// What the published study's notebook says; the chain itself is compared with albumentations in dataset/augment_reference_test.cpp.
TEST(StudyRecipes, AreTheStudys) {
  for (const auto& [name, network] : {std::pair{"study-resnet18", "resnet18"},
                                      {"study-efficientnet-b1", "tf_efficientnet_b1"},
                                      {"study-efficientnet-b2", "tf_efficientnet_b2"},
                                      {"study-mobilevitv2", "mobilevitv2_100"}}) {
    Recipe recipe = read_recipe(name, installed);
    EXPECT_EQ(recipe.network, network);
    EXPECT_EQ(recipe.keep, KeepRule::auc);
    EXPECT_EQ(recipe.patience, 5);
    EXPECT_THAT(recipe.imbalance, ElementsAre(Imbalance::copies, Imbalance::weight));
    EXPECT_EQ(recipe.copies, 9);
    EXPECT_DOUBLE_EQ(recipe.positive_weight, 16.575);
    ASSERT_EQ(recipe.augmentation.size(), 4u);
    EXPECT_THAT((std::vector{recipe.augmentation[0].probability, recipe.augmentation[1].probability, recipe.augmentation[2].probability,
                             recipe.augmentation[3].probability}),
                ElementsAre(.8, .8, .5, .7));
    for (const dataset::AugmentationStep& step : recipe.augmentation[1].one_of) EXPECT_EQ(step.border, image::Border::reflect);
    // All else is a recipe's default: the study's.
    Recipe plain;
    plain.network = network;
    plain.augmentation = recipe.augmentation;
    EXPECT_EQ(to_json(write_fields(recipe), -1), to_json(write_fields(plain), -1));
  }
}

TEST(Recipe, OfOlderNamesIsReadAsOneOfThePresentOnes) {
  const lensfind::testing::ScratchFolder folder;
  const std::string older =
      "lens_share = 0.3\nmined_share = 0.2\naugmentation = [{name = 'turn', range = [20]}, {name = 'one_of', one_of = [{name = "
      "'quarter_turn'}, {name = 'shift_scale_turn'}]}]\n";
  const std::string present =
      "lens_fraction = 0.3\nmined_fraction = 0.2\naugmentation = [{name = 'rotate', range = [20]}, {name = 'one_of', one_of = [{name = "
      "'rotate90'}, {name = 'shift_scale_rotate'}]}]\n";
  write_file(folder.path() / "older.toml", older);
  write_file(folder.path() / "present.toml", present);
  const Recipe read = read_recipe((folder.path() / "older.toml").string(), {}, {});
  EXPECT_EQ(read.lens_fraction, .3);
  EXPECT_EQ(to_json(write_fields(read), -1), to_json(write_fields(read_recipe((folder.path() / "present.toml").string(), {}, {})), -1));
}

TEST(RecipeWarnings, NamesBlackCornersThatOnlyLensesGet) {
  Recipe recipe;
  recipe.imbalance = {Imbalance::copies};
  recipe.augmentation = {{.name = "one_of", .one_of = {{.name = "d4"}, {.name = "rotate", .border = image::Border::zero}}}};
  EXPECT_THAT(recipe_warnings(recipe), ElementsAre(HasSubstr("black corners")));
  recipe.augmentation[0].one_of[1].border = image::Border::reflect;
  EXPECT_THAT(recipe_warnings(recipe), ElementsAre());
  recipe.augmentation = {{.name = "shift", .border = image::Border::zero}};
  recipe.imbalance = {Imbalance::sampler};  // both classes are augmented
  EXPECT_THAT(recipe_warnings(recipe), ElementsAre());
}

TEST(RecipeWarnings, NamesStepsThatChangeTheQualityThatTheNetworkIsTold) {
  Recipe recipe;
  recipe.imbalance = {Imbalance::sampler};
  recipe.condition = Condition::quality;
  recipe.augmentation = {{.name = "d4"}, {.name = "core_erasing"}};
  EXPECT_THAT(recipe_warnings(recipe), ElementsAre());
  for (const char* name : {"psf_mismatch", "noise_injection", "blur", "gaussian_blur", "noise"}) {
    recipe.augmentation = {{.name = "one_of", .one_of = {{.name = "d4"}, {.name = name}}}};
    EXPECT_THAT(recipe_warnings(recipe), ElementsAre(HasSubstr("before augmentation"))) << name;
  }
  recipe.condition = Condition::none;
  EXPECT_THAT(recipe_warnings(recipe), ElementsAre());
}

}  // namespace
}  // namespace lensfind::train
