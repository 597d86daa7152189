#include <gmock/gmock.h>

#include "lensfind/model/model.h"
#include "lensfind/train/test_training.h"

namespace lensfind::train {
namespace {

using network::Preprocessing;

TEST(RecipesScaling, AutoTakesNoiseAndAsinhWhereTheSkyIsSubtracted) {
  Recipe recipe;
  recipe.scaling = ScalingChoice::automatic;
  recipe.stretch = StretchChoice::automatic;
  EXPECT_EQ(recipe.preprocessing(true).scaling, Preprocessing::Scaling::noise);
  EXPECT_EQ(recipe.preprocessing(true).stretch, Preprocessing::Stretch::asinh);
  EXPECT_EQ(recipe.preprocessing(false).scaling, Preprocessing::Scaling::minmax);
  EXPECT_EQ(recipe.preprocessing(false).stretch, Preprocessing::Stretch::sqrt);
  recipe.stretch = StretchChoice::none;
  EXPECT_EQ(recipe.preprocessing(true).stretch, Preprocessing::Stretch::none);
  recipe.scaling = ScalingChoice::minmax;
  EXPECT_EQ(recipe.preprocessing(true).scaling, Preprocessing::Scaling::minmax);
}

class ScalingOfTraining : public Training {
 protected:
  /// Trains one epoch on the set with each pixel this much lower.
  Preprocessing after_training(const std::string& out, float lower, std::vector<std::string> set) const {
    for (const auto& file : fs::recursive_directory_iterator{root_ / "set"}) {
      if (file.path().extension() != ".npy") continue;
      image::Image image = image::read_npy(file.path());
      for (float& value : image.values()) value -= lower;
      image::write_npy(file.path(), image.view());
    }
    set.insert(set.end(), {"epochs=1", "scaling=auto", "stretch=auto"});
    train(options(out, set));
    return model::load_model(root_ / out).preprocessing;
  }
};

TEST_F(ScalingOfTraining, AutoLooksAtTheSkyAndGoesOnAsTheModelThatItBeginsWith) {
  // Noise from 0 to 1, then from -.5 to .5.
  const Preprocessing above = after_training("above", 0, {});
  EXPECT_EQ(above.scaling, Preprocessing::Scaling::minmax);
  const Preprocessing further = after_training("further", .5F, {"initial_weights=" + (root_ / "above").string()});
  EXPECT_EQ(further.scaling, Preprocessing::Scaling::minmax);
  EXPECT_EQ(further.stretch, Preprocessing::Stretch::sqrt);
  const Preprocessing around = after_training("around", 0, {"seed=3"});
  EXPECT_EQ(around.scaling, Preprocessing::Scaling::noise);
  EXPECT_EQ(around.stretch, Preprocessing::Stretch::asinh);
}

}  // namespace
}  // namespace lensfind::train
