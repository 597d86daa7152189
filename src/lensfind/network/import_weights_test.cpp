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
  ASSERT_EQ(imported.notes.size(), 1);
  EXPECT_THAT(imported.notes[0], HasSubstr("in1k.safetensors: the head `fc` has 1000 outputs; an untrained one with 2"));
  EXPECT_EQ(imported.weights.at("fc.weight").values, initialise(wanted, 4).at("fc.weight").values);
  EXPECT_EQ(imported.weights.at("conv1.weight").values, imagenet.at("conv1.weight").values);
  EXPECT_THROW((void)import_weights(wanted, imagenet, "in1k.safetensors", true, 4), Error);
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
  EXPECT_THAT(imported.notes, ::testing::ElementsAre(HasSubstr("there is no head `fc`")));
  EXPECT_THROW((void)import_weights(graph, encoder, "encoder.safetensors", true, 9), Error) << "--keep-head";
}

TEST(ImportWeights, RefusesAnotherNetworksWeights) {
  const Weights other = lensfind::testing::reference_weights(build_network("resnet34", 3, 64, 2));
  EXPECT_THROW((void)import_weights(build_network("resnet18", 3, 64, 2), other, "r34.safetensors", false, 0), Error);
  EXPECT_THROW((void)import_weights(build_network("resnet18", 3, 64, 2), {}, "empty.safetensors", false, 0), Error);
}

}  // namespace
}  // namespace lensfind::network
