#include "lensfind/model/model.h"

#include <filesystem>
#include <fstream>
#include <limits>

#include <gmock/gmock.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/model/import_model.h"
#include "lensfind/model/onnx_model.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/networks.h"
#include "lensfind/testing/told_progress.h"
#include "tests/scratch_folder.h"

namespace lensfind::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Model small_model() {
  Model model;
  model.graph = network::build_network("resnet18", 3, 32, 2);
  model.weights = network::initialise(model.graph, 3);
  model.band_names = {"g", "r", "i"};
  model.preprocessing = {network::Preprocessing::Scaling::minmax, network::Preprocessing::Stretch::sqrt, {.1, .2, .3}, {1, 2, 3}};
  model.calibration = evaluate::Calibration{.5, -2, .057, 173, 2868, "a held-out half of validation"};
  model.thresholds = {{"f1", 1.25, "validation"}, {"fpr_1e-3", std::numeric_limits<double>::infinity(), "validation"}};
  model.provenance.set("seed", 7);
  return model;
}

std::string message(const auto& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Model, TakesTheLensAtIndexOne) {
  Model model;
  const float outputs[]{-1, 2};
  model.graph.outputs = 2;
  EXPECT_DOUBLE_EQ(model.logit(outputs), 3);
  model.graph.outputs = 1;
  EXPECT_DOUBLE_EQ(model.logit(outputs), -1);
}

TEST(Calibration, ShiftsProbabilityWithPrevalence) {
  // s = 2 x 1 - 1 = 1: likelihood ratio e; at prevalence 1/1001 the odds are e / 1000.
  const evaluate::Calibration calibration{.slope = 2, .intercept = -1, .prevalence = .5};
  EXPECT_NEAR(calibration.probability(1), std::exp(1) / (1 + std::exp(1)), 1e-15);
  EXPECT_NEAR(calibration.probability(1, 1.0 / 1001), std::exp(1) / (1000 + std::exp(1)), 1e-15);
}

TEST(ModelFolder, ReadsBackWhatItWrote) {
  const lensfind::testing::ScratchFolder folder;
  const Model model = small_model();
  save_model(model, folder.path());
  ASSERT_TRUE(is_model_folder(folder.path()));
  const Model back = load_model(folder.path());
  EXPECT_EQ(to_json_value(back), to_json_value(model));
  EXPECT_EQ(back.thresholds[1].threshold, std::numeric_limits<double>::infinity());
  EXPECT_EQ(back.weights.at("fc.weight").values, model.weights.at("fc.weight").values);
  EXPECT_THAT(back.band_names, ElementsAre("g", "r", "i"));
  EXPECT_DOUBLE_EQ(back.calibration->slope, .5);
  EXPECT_EQ(network::onnx_shape(read_text(folder / "model.onnx"), "model.onnx").bands, 3);
}

TEST(ModelFolder, StatesAPrevalenceOfSurveysAndWhatItWasTrainedOn) {
  const lensfind::testing::ScratchFolder folder;
  Model model = small_model();
  save_model(model, folder.path());
  EXPECT_EQ(read_json(folder / "model.json").at("survey_prevalence").as_number(), 1e-3);
  model.survey_prevalence = 2e-4;
  model.training_images = TrainingImages{.cutouts = 7};
  save_model(model, folder.path());
  const Model back = load_model(folder.path());
  EXPECT_EQ(back.survey_prevalence, 2e-4);
  EXPECT_EQ(back.training_images->cutouts, 7);
  // A folder of an earlier version says neither.
  Value earlier = empty_object();
  const Value whole = read_json(folder / "model.json");
  for (const auto& [key, value] : whole.as_object()) {
    if (key != "survey_prevalence" && key != "training_images") earlier.set(key, value);
  }
  write_file(folder / "model.json", to_json(earlier));
  EXPECT_EQ(load_model(folder.path()).survey_prevalence, 1e-3);
  EXPECT_FALSE(load_model(folder.path()).training_images);
}

TEST(ModelFolder, IsRefusedWhereSomethingIsMissingOrDamaged) {
  const lensfind::testing::ScratchFolder folder;
  EXPECT_THAT(message([&] { (void)load_model(folder.path()); }), HasSubstr("no model folder"));
  save_model(small_model(), folder.path());
  std::filesystem::resize_file(folder / "model.safetensors", 100000);
  EXPECT_THAT(message([&] { (void)load_model(folder.path()); }), HasSubstr("model.safetensors"));
  std::filesystem::remove(folder / "model.onnx");
  EXPECT_THAT(message([&] { (void)load_model(folder.path()); }), HasSubstr("model.onnx is missing"));
  save_model(small_model(), folder.path());
  Value said = read_json(folder / "model.json");
  write_file(folder / "model.json", to_json(said.set("survey_prevalence", 1.5)));
  EXPECT_THAT(message([&] { (void)load_model(folder.path()); }), HasSubstr("survey_prevalence"));
  write_file(folder / "model.json", R"({"format": 1, "netwrok": "resnet18"})");
  EXPECT_THAT(message([&] { (void)load_model(folder.path()); }), HasSubstr("unknown key `netwrok`"));
  write_file(folder / "model.json", "null");
  EXPECT_THAT(message([&] { (void)load_model(folder.path()); }), HasSubstr((folder / "model.json").string()));
  write_file(folder / "model.json", R"({"format": 2})");
  EXPECT_THAT(message([&] { (void)load_model(folder.path()); }), HasSubstr("`format`"));
}

TEST(ModelFolder, WithACalibrationThatRunsTheWrongWayIsRefused) {
  const lensfind::testing::ScratchFolder folder;
  for (const double slope : {0., -.5}) {
    Model model = small_model();
    model.calibration->slope = slope;
    save_model(model, folder.path());
    EXPECT_THAT(message([&] { (void)load_model(folder.path()); }), HasSubstr("`slope`")) << slope;
  }
}

TEST(ModelFromOnnx, KeepsTheFileAsItIs) {
  const lensfind::testing::ScratchFolder folder;
  const Model model = small_model();
  write_file(folder / "theirs.onnx", model_onnx(model));
  Model foreign = model_from_onnx(folder / "theirs.onnx");
  EXPECT_EQ(foreign.graph.size, 32);
  EXPECT_EQ(foreign.graph.outputs, 2);
  foreign.calibration = model.calibration;
  std::filesystem::create_directory(folder / "calibrated");
  save_model(foreign, folder / "calibrated");
  const Model back = load_model(folder / "calibrated");
  EXPECT_EQ(back.onnx, read_text(folder / "theirs.onnx"));
  EXPECT_EQ(back.calibration->lenses, 173);
  write_file(folder / "bad.onnx", std::string(100, '\0'));
  EXPECT_THAT(message([&] { (void)model_from_onnx(folder / "bad.onnx"); }), HasSubstr("bad.onnx: no ONNX model"));
}

TEST(ImportModel, MakesAModelFolder) {
  const lensfind::testing::ScratchFolder folder;
  network::Weights weights = network::initialise(network::build_network("resnet18", 3, 64, 2), 5);
  weights["fc.weight"] = {{1000, 512}, std::vector<float>(512000, 1)};
  weights["fc.bias"] = {{1000}, std::vector<float>(1000, 1)};
  network::write_safetensors(folder / "in1k.safetensors", weights);
  test::ToldProgress told;
  ImportOptions options{.network = "resnet18", .weights = folder / "in1k.safetensors", .out = folder / "model", .bands = 5};
  options.preprocessing.mean = {0, 0, 0, 0, 0};
  const Model model = import_model(options, told);
  EXPECT_THAT(told.warnings,
              ElementsAre(HasSubstr("from 3 bands to 5"), HasSubstr("red stands for the last band"), HasSubstr("1000 outputs")));
  EXPECT_EQ(load_model(folder / "model").weights.at("conv1.weight").values, model.weights.at("conv1.weight").values);
  EXPECT_THAT(message([&] { (void)import_model(options); }), HasSubstr("model"));  // the folder is there already
}

TEST(ImportModel, LeavesNoFolderWhereItFails) {
  const lensfind::testing::ScratchFolder folder;
  write_file(folder / "text.safetensors", "these are no weights");
  const ImportOptions options{.network = "resnet18", .weights = folder / "text.safetensors", .out = folder / "model"};
  EXPECT_THAT(message([&] { (void)import_model(options); }), HasSubstr("text.safetensors"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder.path()}, {}), 1);
}

}  // namespace
}  // namespace lensfind::model
