#include "lensfind/model/ensemble.h"

#include <cmath>
#include <filesystem>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/model/run_onnx_test.h"
#include "lensfind/network/film.h"
#include "lensfind/network/networks.h"
#include "tests/reference_fill.h"
#include "tests/scratch_folder.h"

namespace lensfind::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::size_t member_count = 3;

Model member(const std::string& network, int outputs, std::optional<evaluate::Calibration> calibration) {
  Model model;
  model.graph = network::build_network(network, 3, 32, outputs);
  model.weights = lensfind::testing::reference_weights(model.graph);
  model.band_names = {"g", "r", "i"};
  model.preprocessing.mean = {.1, .2, .3};
  model.calibration = std::move(calibration);
  return model;
}

/// Two members of other architecture and number of outputs, saved in folders.
class Ensemble : public ::testing::Test {
 protected:
  void SetUp() override {
    for (std::size_t i = 0; i < members.size(); ++i) {
      folders.push_back(root / std::to_string(i));
      std::filesystem::create_directory(folders.back());
      save_model(members[i], folders.back());
    }
  }

  /// Of member i for each cutout, from its own ONNX file.
  std::vector<double> member_logits(std::size_t i) {
    const std::vector<float> outputs = run_onnx(model_onnx(members[i]), cutouts, {member_count, 3, 32, 32});
    std::vector<double> logits;
    for (std::size_t k = 0; k < member_count; ++k)
      logits.push_back(members[i].logit(outputs.data() + k * static_cast<std::size_t>(members[i].graph.outputs)));
    return logits;
  }

  lensfind::testing::ScratchFolder root;
  std::vector<Model> members{member("resnet18", 2, evaluate::Calibration{.5, 1, .1, 20, 180, "validation"}),
                             member("tf_efficientnet_b0", 1, evaluate::Calibration{3, -.5, .3, 30, 70, "validation"})};
  std::vector<std::filesystem::path> folders;
  std::vector<float> cutouts = lensfind::testing::reference_cutouts("input", member_count, 3, 32);
};

TEST_F(Ensemble, GivesTheMeanLogit) {
  const Model ensemble = make_ensemble(folders, network::Combine::logit);
  const std::vector<float> logits = run_onnx(ensemble.onnx, cutouts, {member_count, 3, 32, 32});
  ASSERT_EQ(logits.size(), member_count);
  for (std::size_t k = 0; k < member_count; ++k) EXPECT_NEAR(logits[k], (member_logits(0)[k] + member_logits(1)[k]) / 2, 1e-5);
  EXPECT_FALSE(ensemble.calibration.has_value());
}

/// By numpy's rule: element % 4 quarter turns, then a flip of left and right from element 4 on.
std::vector<float> seen_by(int element, const std::vector<float>& cutouts, std::size_t size) {
  std::vector<float> turned(cutouts.size());
  for (std::size_t i = 0; i < cutouts.size(); ++i) {
    std::size_t plane = i / (size * size), y = i / size % size, x = i % size;
    if (element >= 4) x = size - 1 - x;
    for (int turn = 0; turn < element % 4; ++turn) {
      const std::size_t from_x = size - 1 - y;
      y = x;
      x = from_x;
    }
    turned[i] = cutouts[(plane * size + y) * size + x];
  }
  return turned;
}

TEST_F(Ensemble, ExportsAndCombinesMeansOverTheSymmetriesOfTheSquare) {
  members[0].average_symmetries = true;
  save_model(members[0], folders[0]);
  std::vector<double> wanted(member_count, 0);
  for (int element = 0; element < 8; ++element) {
    const std::vector<float> outputs = run_onnx(model_onnx(members[0]), seen_by(element, cutouts, 32), {member_count, 3, 32, 32});
    for (std::size_t k = 0; k < member_count; ++k) wanted[k] += members[0].logit(outputs.data() + 2 * k) / 8;
  }
  const std::vector<float> exported = run_onnx(exported_onnx(members[0]), cutouts, {member_count, 3, 32, 32});
  ASSERT_EQ(exported.size(), 2 * member_count);
  const std::vector<float> both = run_onnx(make_ensemble(folders, network::Combine::logit).onnx, cutouts, {member_count, 3, 32, 32});
  for (std::size_t k = 0; k < member_count; ++k) {
    EXPECT_NEAR(members[0].logit(exported.data() + 2 * k), wanted[k], 1e-5);
    EXPECT_GT(std::abs(member_logits(0)[k] - wanted[k]), 1e-3);
    EXPECT_NEAR(both[k], (wanted[k] + member_logits(1)[k]) / 2, 1e-5);
  }
}

TEST_F(Ensemble, GivesTheMeanOfCalibratedLogits) {
  const Model ensemble = make_ensemble(folders, network::Combine::calibrated);
  const std::vector<float> logits = run_onnx(ensemble.onnx, cutouts, {member_count, 3, 32, 32});
  for (std::size_t k = 0; k < member_count; ++k)
    EXPECT_NEAR(logits[k], (.5 * member_logits(0)[k] + 1 + 3 * member_logits(1)[k] - .5) / 2, 1e-5);
  EXPECT_FALSE(ensemble.calibration.has_value());
}

TEST_F(Ensemble, TakesFittedWeightsAndTheirCalibration) {
  const FittedCombination fitted{{2, -1}, {.5, .25}, {.8, .1, .2, 40, 160, "elsewhere"}};
  const Model ensemble = make_ensemble(folders, network::Combine::stacked, fitted);
  const std::vector<float> logits = run_onnx(ensemble.onnx, cutouts, {member_count, 3, 32, 32});
  for (std::size_t k = 0; k < member_count; ++k)
    EXPECT_NEAR(logits[k], (2 * member_logits(0)[k] + .5 - member_logits(1)[k] + .25) / 2, 1e-5);
  ASSERT_TRUE(ensemble.calibration.has_value());
  EXPECT_EQ(ensemble.calibration->slope, .8);
  EXPECT_EQ(ensemble.calibration->fitted_on, "elsewhere");
  EXPECT_THROW((void)make_ensemble(folders, network::Combine::stacked), Error);
}

TEST_F(Ensemble, GivesTheMeanCalibratedProbability) {
  const Model ensemble = make_ensemble(folders, network::Combine::probability);
  const std::vector<float> logits = run_onnx(ensemble.onnx, cutouts, {member_count, 3, 32, 32});
  for (std::size_t k = 0; k < member_count; ++k) {
    // Both at the first member's prevalence, .1.
    const double p =
        (members[0].calibration->probability(member_logits(0)[k], .1) + members[1].calibration->probability(member_logits(1)[k], .1)) / 2;
    EXPECT_NEAR(logits[k], std::log(p / (1 - p)), 1e-5);
    EXPECT_NEAR(ensemble.calibration->probability(logits[k]), p, 1e-5);
  }
}

TEST_F(Ensemble, KeepsTheUnitOfTheNoiseThatMembersAreToldAndRefusesTwo) {
  const network::QualityScale scale{
      .seeing_mean = {0, 0, 0}, .seeing_std = {0, 0, 0}, .log_noise_mean = {0, 0, 0}, .log_noise_std = {1, 1, 1}};
  const auto tell = [&](std::size_t i, double zero_point) {
    members[i].graph = network::with_film(network::build_network("resnet18", 3, 32, members[i].graph.outputs));
    members[i].weights = lensfind::testing::reference_weights(members[i].graph);
    members[i].preprocessing.quality = scale;
    members[i].zero_point = zero_point;
    save_model(members[i], folders[i]);
  };
  tell(1, 27);
  EXPECT_EQ(make_ensemble(folders, network::Combine::logit).zero_point, 27);  // the other is not told it
  tell(0, 30);
  EXPECT_THROW((void)make_ensemble(folders, network::Combine::logit), Error);
}

TEST_F(Ensemble, IsAModelFolderThatNamesItsMembers) {
  const std::filesystem::path folder = root / "both";
  std::filesystem::create_directory(folder);
  const Model ensemble = make_ensemble(folders, network::Combine::probability);
  save_model(ensemble, folder);
  EXPECT_THAT(read_text(folder / "model.json"), HasSubstr(R"("members": ["../0", "../1"])"));
  const Model back = load_model(folder);
  EXPECT_EQ(back.onnx, ensemble.onnx);
  EXPECT_EQ(back.graph.outputs, 1);
  EXPECT_THAT(back.members, ElementsAre(folders[0], folders[1]));
  EXPECT_EQ(back.combine, network::Combine::probability);
}

TEST_F(Ensemble, RefusesMembersThatDoNotFit) {
  const auto refused = [&](const std::vector<std::filesystem::path>& named, network::Combine combine) {
    try {
      (void)make_ensemble(named, combine);
    } catch (const Error& error) {
      return std::string{error.what()};
    }
    return std::string{"nothing was thrown"};
  };
  EXPECT_THAT(refused({folders[0]}, network::Combine::logit), HasSubstr("1 members"));
  members[1].calibration.reset();
  save_model(members[1], folders[1]);
  EXPECT_THAT(refused(folders, network::Combine::probability), HasSubstr("1: is not calibrated"));
  members[1].band_names = {"r", "g", "i"};
  save_model(members[1], folders[1]);
  EXPECT_THAT(refused(folders, network::Combine::logit), HasSubstr("bands r,g,i"));
  members[1] = member("resnet18", 2, std::nullopt);
  members[1].graph = network::build_network("resnet18", 3, 64, 2);
  save_model(members[1], folders[1]);
  EXPECT_THAT(refused(folders, network::Combine::logit), HasSubstr("32 pixels"));
}

}  // namespace
}  // namespace lensfind::model
