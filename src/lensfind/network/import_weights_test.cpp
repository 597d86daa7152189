#include "lensfind/network/import_weights.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/networks.h"
#include "tests/reference_fill.h"

namespace lensfind::network {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(AdaptFirstConvolution, DoesAsTimmsAdaptInputConv) {
  // One output, kernel 1x2, three bands (1, 2), (10, 20), (100, 200). timm sums for one band, and repeats times 3 / bands for others.
  const Array three{{1, 3, 1, 2}, {1, 2, 10, 20, 100, 200}};
  EXPECT_THAT(adapt_first_convolution(three, 1).values, ElementsAre(111, 222));
  EXPECT_THAT(adapt_first_convolution(three, 2).values, ElementsAre(1.5F, 3, 15, 30));
  const float fraction = 3.0F / 5;
  EXPECT_THAT(adapt_first_convolution(three, 5).values,
              ElementsAre(fraction * 1, fraction * 2, fraction * 10, fraction * 20, fraction * 100, fraction * 200, fraction * 1,
                          fraction * 2, fraction * 10, fraction * 20));
  EXPECT_THAT(adapt_first_convolution(three, 5).shape, ElementsAre(1, 5, 1, 2));
}

TEST(ImportWeights, ReplacesAHeadOfAnotherSizeAndSaysSo) {
  const Graph wanted = build_network("resnet18", 3, 64, 2);
  Weights imagenet = lensfind::testing::reference_weights(wanted);
  imagenet["fc.weight"] = {{1000, 512}, std::vector<float>(512000, 1)};
  imagenet["fc.bias"] = {{1000}, std::vector<float>(1000, 1)};
  const ImportedWeights imported = import_weights(wanted, imagenet, "in1k.safetensors", false, 4);
  ASSERT_EQ(imported.notes.size(), 2);
  EXPECT_THAT(imported.notes[1], HasSubstr("in1k.safetensors: the head `fc` has 1000 outputs; an untrained one with 2"));
  EXPECT_EQ(imported.weights.at("fc.weight").values, initialise(wanted, 4).at("fc.weight").values);
  EXPECT_EQ(imported.weights.at("layer1.0.conv1.weight").values, imagenet.at("layer1.0.conv1.weight").values);
  EXPECT_THROW((void)import_weights(wanted, imagenet, "in1k.safetensors", true, 4), Error);
}

TEST(ImportWeights, LetsTheRedOfPhotographsStandForTheLastBand) {
  // The kernel of the first output at its first pixel: 1 for red, 2 for green, 3 for blue.
  const auto first_pixel = [](int bands, std::int64_t classes) {
    const Graph graph = build_network("resnet18", bands, 64, 2);
    Weights weights = lensfind::testing::reference_weights(build_network("resnet18", 3, 64, 2));
    weights["fc.weight"] = {{classes, 512}, std::vector<float>(static_cast<std::size_t>(512 * classes))};
    weights["fc.bias"] = {{classes}, std::vector<float>(static_cast<std::size_t>(classes))};
    for (const int channel : {0, 1, 2})
      weights["conv1.weight"].values[static_cast<std::size_t>(49 * channel)] = static_cast<float>(channel + 1);
    const std::vector<float> kernel = import_weights(graph, weights, "w.pth", false, 0).weights.at("conv1.weight").values;
    std::vector<float> values;
    for (int band = 0; band < bands; ++band) values.push_back(kernel[static_cast<std::size_t>(49 * band)]);
    return values;
  };
  EXPECT_THAT(first_pixel(3, 1000), ElementsAre(3, 2, 1));  // g, r, i
  EXPECT_THAT(first_pixel(3, 7), ElementsAre(1, 2, 3));     // whose they are is not known
  EXPECT_THAT(first_pixel(1, 1000), ElementsAre(6));
  EXPECT_THAT(first_pixel(2, 1000), ElementsAre(3, 1.5F));
  EXPECT_THAT(first_pixel(4, 1000), ElementsAre(.75F, 2.25F, 1.5F, .75F));
}

TEST(ImportWeights, SaysWhereTheOrderOfBandsIsNotKnown) {
  const auto notes = [](int bands, std::int64_t classes) {
    Weights weights = lensfind::testing::reference_weights(build_network("resnet18", 3, 64, 2));
    weights["fc.weight"] = {{classes, 512}, std::vector<float>(static_cast<std::size_t>(512 * classes))};
    weights["fc.bias"] = {{classes}, std::vector<float>(static_cast<std::size_t>(classes))};
    return import_weights(build_network("resnet18", bands, 64, 2), weights, "w.pth", false, 0).notes;
  };
  const auto not_known = ::testing::Contains(HasSubstr("is not known of weights of 21841 classes"));
  EXPECT_THAT(notes(3, 21841), not_known);
  EXPECT_THAT(notes(4, 21841), not_known);
  for (const std::int64_t classes : {1, 2, 1000}) EXPECT_THAT(notes(3, classes), ::testing::Each(::testing::Not(HasSubstr("not known"))));
  EXPECT_THAT(notes(1, 21841), ::testing::Each(::testing::Not(HasSubstr("not known")))) << "a sum of the three";
}

TEST(ImportWeights, CarriesThreeBandsToFiveAndStripsLightningsPrefix) {
  Weights lightning;
  for (auto& [name, array] : lensfind::testing::reference_weights(build_network("resnet18", 3, 64, 2)))
    lightning.emplace("model." + name, std::move(array));
  const ImportedWeights imported = import_weights(build_network("resnet18", 5, 64, 2), lightning, "l.safetensors", false, 0);
  EXPECT_THAT(imported.notes, ElementsAre(HasSubstr("`conv1.weight` was carried from 3 bands to 5")));
  EXPECT_THAT(imported.weights.at("conv1.weight").shape, ElementsAre(64, 5, 7, 7));
}

TEST(ImportWeights, TakesTheNetworkOutOfALightningCheckpointWithALoss) {
  const Graph graph = build_network("resnet18", 3, 64, 2);
  Weights lightning{{"criterion.weight", {{2}, {1, 16}}}};
  for (auto& [name, array] : lensfind::testing::reference_weights(graph)) lightning.emplace("backbone." + name, std::move(array));
  const ImportedWeights imported = import_weights(graph, lightning, "l.ckpt", false, 0);
  EXPECT_THAT(imported.notes, ElementsAre("l.ckpt: took `backbone` and left out 1 other array, the first `criterion.weight`"));
  EXPECT_EQ(imported.weights.at("conv1.weight").values, lightning.at("backbone.conv1.weight").values);
  for (const auto& [name, array] : lensfind::testing::reference_weights(graph)) lightning.emplace("teacher." + name, array);
  EXPECT_THROW((void)import_weights(graph, lightning, "l.ckpt", false, 0), Error);
}

TEST(ImportWeights, DrawsAHeadWhereThereIsNone) {
  const Graph graph = build_network("resnet18", 3, 64, 2);
  Weights encoder = initialise(graph, 1);
  encoder.erase("fc.weight");
  encoder.erase("fc.bias");
  const ImportedWeights imported = import_weights(graph, encoder, "encoder.safetensors", false, 9);
  EXPECT_EQ(imported.weights.at("fc.weight").values, initialise(graph, 9).at("fc.weight").values);
  EXPECT_EQ(imported.weights.at("conv1.weight").values, encoder.at("conv1.weight").values);
  EXPECT_THAT(imported.notes, ElementsAre(HasSubstr("`conv1.weight` reads red first is not known of weights without a head"),
                                          HasSubstr("there is no head `fc`")));
  EXPECT_THROW((void)import_weights(graph, encoder, "encoder.safetensors", true, 9), Error) << "--keep-head";
}

TEST(ImportWeights, RefusesAnotherNetworksWeights) {
  const Weights other = lensfind::testing::reference_weights(build_network("resnet34", 3, 64, 2));
  EXPECT_THROW((void)import_weights(build_network("resnet18", 3, 64, 2), other, "r34.safetensors", false, 0), Error);
  EXPECT_THROW((void)import_weights(build_network("resnet18", 3, 64, 2), {}, "empty.safetensors", false, 0), Error);
}

}  // namespace
}  // namespace lensfind::network
