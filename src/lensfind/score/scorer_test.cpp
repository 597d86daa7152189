#include "lensfind/score/scorer.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/cutouts/test_folder.h"
#include "lensfind/model/model.h"
#include "lensfind/network/networks.h"
#include "lensfind/score/fake_engine.h"
#include "tests/reference_fill.h"

namespace lensfind::score {
namespace {

class Scorers : public cutouts::TestFolder {};

TEST_F(Scorers, AreReadFromModelFoldersAndOnnxFiles) {
  const network::Graph graph = network::build_network("resnet18", 1, 32, 1);
  model::Model saved{.graph = graph, .weights = lensfind::testing::reference_weights(graph), .band_names = {"g"}};
  model::save_model(saved, folder_);
  const Scorer plain = open_scorer(folder_);
  EXPECT_EQ(plain.onnx, folder_ / "model.onnx");
  EXPECT_FALSE(plain.prevalence(.1));
  EXPECT_EQ(plain.notes.size(), 1u);
  saved.calibration = evaluate::Calibration{.slope = 2, .intercept = 1, .prevalence = .25};
  model::save_model(saved, folder_);
  const Scorer calibrated = open_scorer(folder_);
  EXPECT_EQ(calibrated.prevalence({}), .25);
  EXPECT_EQ(calibrated.prevalence(.1), .1);
  EXPECT_NE(calibrated.fingerprint, plain.fingerprint);
  EXPECT_EQ(open_scorer(folder_).fingerprint, calibrated.fingerprint);

  const Scorer bare = open_scorer(folder_ / "model.onnx");
  EXPECT_FALSE(bare.calibration);
  EXPECT_THAT(bare.notes, ::testing::ElementsAre(::testing::HasSubstr("taken as logits")));
}

TEST_F(Scorers, WantAZeroPointOnlyWhereTheUnitOfFluxMatters) {
  const network::Graph graph = network::build_network("student", 1, 32, 1);
  using Scaling = network::Preprocessing::Scaling;
  for (const Scaling scaling : {Scaling::none, Scaling::minmax, Scaling::noise}) {
    model::save_model({.graph = graph,
                       .weights = lensfind::testing::reference_weights(graph),
                       .band_names = {"g"},
                       .preprocessing = {.scaling = scaling},
                       .zero_point = 27.},
                      folder_);
    EXPECT_EQ(open_scorer(folder_).zero_point.has_value(), scaling == Scaling::none);
  }
}

TEST_F(Scorers, RefuseWhatIsNoModel) {
  EXPECT_THROW(open_scorer(folder_), Error);
  EXPECT_THROW(open_scorer(folder_ / "none"), Error);
}

dataset::Dataset numbered(int count) {
  dataset::Dataset data{.shape = {1, 2, 2}};
  std::vector<float> pixels;
  for (int i = 0; i < count; ++i) {
    data.samples.push_back(
        {.id = std::to_string(i), .label = i % 3 == 0 ? Label::lens : Label::unknown, .group = "object " + std::to_string(i / 2)});
    pixels.insert(pixels.end(), 4, static_cast<float>(i));
  }
  data.pixels = dataset::PixelStore{data.shape, pixels};
  return data;
}

TEST(ScoreDataset, KeepsOrderLabelsAndGroups) {
  FakeEngine engine{{1, 2, 2}};
  Scorer scorer;
  scorer.calibration = evaluate::Calibration{.slope = 1, .intercept = 0, .prevalence = .5};
  const evaluate::Scores scores = score_dataset(engine, scorer, numbered(101));
  ASSERT_EQ(scores.size(), 101u);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    EXPECT_EQ(scores[i].id, std::to_string(i));
    EXPECT_EQ(scores[i].logit, static_cast<double>(i));
    EXPECT_EQ(scores[i].label, i % 3 == 0 ? Label::lens : Label::unknown);
    EXPECT_EQ(scores[i].group, "object " + std::to_string(i / 2));
  }
  EXPECT_NEAR(scores[2].probability, .8807970779778823, 1e-15);  // sigmoid(2)
}

TEST(ScoreDataset, NeedsCutoutsOfTheNetworksShape) {
  FakeEngine engine{{1, 4, 4}};
  EXPECT_THROW(score_dataset(engine, {}, numbered(3)), Error);
}

TEST(ScoreDataset, Stops) {
  FakeEngine engine{{1, 2, 2}};
  const StopFlag stop{true};
  EXPECT_THROW(score_dataset(engine, {}, numbered(3), {}, no_progress(), stop), Stopped);
}

}  // namespace
}  // namespace lensfind::score
