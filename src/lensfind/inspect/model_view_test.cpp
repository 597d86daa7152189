#include "lensfind/inspect/model_view.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/random.h"
#include "lensfind/dataset/duplicates.h"
#include "lensfind/image/npy.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/onnx.h"
#include "lensfind/score/engine.h"
#include "lensfind/score/symmetry.h"
#include "tests/reference_fill.h"
#include "tests/scratch_folder.h"

namespace lensfind::inspect {
namespace {

using lensfind::testing::reference_weights;
using lensfind::testing::ScratchFolder;

/// Six cutouts of two bands, as files 0.npy to 5.npy; 5.npy has one band only.
void write_cutouts(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  RandomStream random{5, Purpose::test};
  for (int i = 0; i < 6; ++i) {
    image::Image image{image::ImageShape{i == 5 ? 1 : 2, 32, 32}};
    for (float& value : image.values()) value = static_cast<float>(random.uniform());
    image::write_npy(folder / (std::to_string(i) + ".npy"), std::as_const(image).view());
  }
}

std::vector<float> pixels_of(const std::filesystem::path& file) {
  const image::Image image = image::read_npy(file);
  return {image.values().begin(), image.values().end()};
}

TEST(ModelView, GivesTheLogitsOfScoringAndTheSpreadOfEightOrientations) {
  const ScratchFolder folder;
  write_cutouts(folder / "images");
  const network::Graph graph = network::build_network("resnet18", 2, 32, 2);
  write_file(folder / "m.onnx", network::to_onnx(graph, reference_weights(graph), {}));
  const score::Scorer scorer = score::open_scorer(folder / "m.onnx");
  const std::unordered_set<std::string> wanted{"1", "3", "5"};
  const ModelView view = view_by_model(scorer, {.images = {.inputs = {folder / "images"}}, .disagreement = true, .threads = 1}, &wanted);
  EXPECT_THAT(view.ids, ::testing::ElementsAre("1", "3"));
  EXPECT_EQ(view.unreadable, 1) << "one band is too few";
  EXPECT_EQ(view.width, 512u);
  EXPECT_EQ(view.features.size(), 2 * 512u);
  EXPECT_EQ(view.by, "orientations");
  const auto engine = score::open_engine(scorer, {.threads = 1});
  for (std::size_t row = 0; row < 2; ++row) {
    const std::vector<float> pixels = pixels_of(folder / "images" / (view.ids[row] + ".npy"));
    double sum = 0, squares = 0;
    for (int number = 0; number < 8; ++number) {
      const std::vector<std::size_t> from = score::symmetry(number, 32);
      std::vector<float> turned(pixels.size());
      for (std::size_t band = 0; band < pixels.size(); band += 1024)
        for (std::size_t i = 0; i < 1024; ++i) turned[band + i] = pixels[band + from[i]];
      const double logit = static_cast<double>(score::logits_of(*engine, turned, 1)[0]);
      if (number == 0) {
        EXPECT_NEAR(view.logits[row], logit, 1e-4 * std::abs(logit));
      }
      sum += logit;
      squares += logit * logit;
    }
    const double expected = std::sqrt((squares - sum * sum / 8) / 7);
    EXPECT_NEAR(view.disagreement[row], expected, .02 * expected);
    EXPECT_GT(expected, 0);
    EXPECT_EQ(view.pixels[row], dataset::hash_of_any_rotation(image::ImageView{image::ImageShape{2, 32, 32}, pixels.data()}));
  }
}

// Each member is scored by itself, from a file of its own.
TEST(ModelView, OfAnEnsembleTheSpreadIsThatOfItsMembers) {
  const ScratchFolder folder;
  write_cutouts(folder / "images");
  const network::Graph graphs[] = {network::build_network("resnet18", 2, 32, 2), network::build_network("tf_efficientnet_b0", 2, 32, 1)};
  const network::Weights weights[] = {reference_weights(graphs[0]), reference_weights(graphs[1])};
  const network::Preprocessing steps;
  const network::EnsembleMember members[] = {{graphs[0], weights[0], steps, 2., .5}, {graphs[1], weights[1], steps, .5, -1.}};
  write_file(folder / "both.onnx", network::ensemble_to_onnx(members, network::Combine::probability));
  const std::unordered_set<std::string> wanted{"1", "3"};
  const ModelView view = view_by_model(score::open_scorer(folder / "both.onnx"),
                                       {.images = {.inputs = {folder / "images"}}, .disagreement = true, .threads = 1}, &wanted);
  ASSERT_EQ(view.by, "members");
  ASSERT_EQ(view.ids.size(), 2u);
  for (std::size_t row = 0; row < 2; ++row) {
    const std::vector<float> pixels = pixels_of(folder / "images" / (view.ids[row] + ".npy"));
    std::vector<double> logits;
    for (int i = 0; i < 2; ++i) {
      const auto file = folder / (std::to_string(i) + ".onnx");
      write_file(file, network::to_onnx(graphs[i], weights[i], {}));
      const auto engine = score::open_engine(score::open_scorer(file), {.threads = 1});
      logits.push_back(static_cast<double>(score::logits_of(*engine, pixels, 1)[0]));
    }
    const double expected = std::abs(logits[0] - logits[1]) / std::sqrt(2);
    EXPECT_NEAR(view.disagreement[row], expected, 1e-3 * (std::abs(logits[0]) + std::abs(logits[1])));
    EXPECT_GT(expected, 0);
  }
}

}  // namespace
}  // namespace lensfind::inspect
