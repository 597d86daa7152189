#include "lensfind/model/shipped.h"

#include <gmock/gmock.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/model/onnx_model.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/networks.h"
#include "tests/scratch_folder.h"

namespace lensfind::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Model shipped_model() {
  Model model;
  model.graph = network::build_network("student", 2, 32, 2);
  model.weights = network::initialise(model.graph, 3);
  model.band_names = {"g", "r"};
  return model;
}

std::string complaint(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    return std::string{error.what()} + " | " + error.hint();
  }
  return "no error";
}

TEST(PackedModel, HasWeightsOf16BitsAndMakesItsOnnxFile) {
  const lensfind::testing::ScratchFolder folder;
  const Model model = shipped_model();
  std::filesystem::create_directories(folder / "whole");
  std::filesystem::create_directories(folder / "packed");
  save_model(model, folder / "whole");
  save_model(packed(model), folder / "packed");
  EXPECT_FALSE(std::filesystem::exists(folder / "packed/model.onnx"));
  EXPECT_LT(std::filesystem::file_size(folder / "packed/model.safetensors"),
            .6 * static_cast<double>(std::filesystem::file_size(folder / "whole/model.safetensors")));
  const Model back = load_model(folder / "packed");
  EXPECT_TRUE(back.packed);
  for (const auto& [name, array] : model.weights) {
    for (std::size_t i = 0; i < array.values.size(); ++i) {
      // Half a step of 2^-11 of the value, or of 2^-25 for the least.
      EXPECT_NEAR(back.weights.at(name).values[i], array.values[i], std::abs(array.values[i]) * 0x1p-11 + 0x1p-25) << name;
    }
  }
  EXPECT_EQ(network_of_folder(folder / "packed").bytes, model_onnx(packed(model)));
  EXPECT_EQ(network_of_folder(folder / "whole").shape.bands, 2);
}

TEST(PackedModel, IsRefusedWhereAWeightIsBeyond16Bits) {
  Model model = shipped_model();
  model.weights.begin()->second.values[0] = 1e5F;
  EXPECT_THAT(complaint([&] { packed(model); }), HasSubstr("beyond what 16 bits hold"));
}

TEST(ShippedModels, AreFoundByNameUnlessThereIsSuchAModel) {
  const lensfind::testing::ScratchFolder folder;
  for (const char* name : {"first/hsc", "first/des", "second/hsc"}) {
    std::filesystem::create_directories(folder / name);
    save_model(packed(shipped_model()), folder / name);
  }
  const std::vector<std::filesystem::path> folders{folder / "first", folder / "second", folder / "absent"};
  const std::vector<ShippedModel> models = shipped_models(folders);
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].name, "des");
  EXPECT_EQ(find_model("hsc", folders), folder / "first/hsc");
  EXPECT_EQ(find_model(folder / "second/hsc", folders), folder / "second/hsc");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  for (const char* name : {"des", "images", "hsc"}) std::filesystem::create_directory(name);
  save_model(packed(shipped_model()), "hsc");
  const auto model = find_model("hsc", folders), not_the_images = find_model("des", folders), a_folder = find_model("images", folders);
  std::filesystem::current_path(before);
  EXPECT_EQ(model, "hsc");
  EXPECT_EQ(not_the_images, folder / "first/des");
  EXPECT_EQ(a_folder, "images");
  EXPECT_THAT(complaint([&] { find_model("hsx", folders); }), HasSubstr("did you mean `hsc`?"));
  EXPECT_THAT(complaint([&] { find_model("my-run", {}); }), HasSubstr("no models are installed"));
}

TEST(ModelCard, ReadsBackAndTellsItsFigures) {
  const lensfind::testing::ScratchFolder folder;
  ModelCard card;
  card.summary = "lenses in \"HSC\" images";
  card.figures = {
      {.data = "20 genuine cutouts", .images = "real", .lenses = 10, .nonlenses = 10, .auc = .95, .auc_low = .75, .auc_high = .99},
      {.data = "a test set",
       .lenses = 100,
       .nonlenses = 9000,
       .auc = .98,
       .auc_low = .97,
       .auc_high = .99,
       .tpr_1e3 = .5,
       .tpr_1e3_low = .4,
       .tpr_1e3_high = .6}};
  card.limits = {"not for min-max scaled images"};
  write_card(card, folder.path());
  const ModelCard back = read_card(folder.path());
  EXPECT_EQ(write_fields(back), write_fields(card));
  const std::string text = card_text("hsc", shipped_model(), back);
  EXPECT_THAT(text, HasSubstr("real, 20 genuine cutouts: 10 lenses, 10 non-lenses\n    AUC 0.950 (0.750-0.990)\n"));
  EXPECT_THAT(text, HasSubstr("false-positive rate of 1e-3: 0.500 (0.400-0.600)"));
  EXPECT_THAT(complaint([&] { (void)read_card(folder / "elsewhere"); }), HasSubstr("has no card"));
}

}  // namespace
}  // namespace lensfind::model
