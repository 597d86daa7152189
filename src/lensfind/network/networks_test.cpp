#include "lensfind/network/networks.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "tests/network_reference.h"
#include "tests/reference_fill.h"

namespace lensfind::network {
namespace {

using ::testing::HasSubstr;

/// "name (2, 3)" of each, as comparable lines.
std::vector<std::string> lines(const Value& listed) {
  std::vector<std::string> out;
  for (const Value& entry : listed.as_array()) {
    const std::string& name = entry.at("name").as_string();
    // An integer that counts training batches; nothing reads it.
    if (!name.ends_with("num_batches_tracked")) out.push_back(name + " " + to_json(entry.at("shape"), -1));
  }
  return out;
}

std::vector<std::string> lines(const Graph& graph, bool trainable) {
  std::vector<std::string> out;
  for (const Parameter& parameter : graph.parameters()) {
    if (parameter.trainable != trainable) continue;
    Value shape{Value::Array{}};
    for (const std::int64_t length : parameter.shape) shape.push_back(length);
    out.push_back(parameter.name + " " + to_json(shape, -1));
  }
  return out;
}

TEST(Networks, HaveTimmsNamesShapesAndOrder) {
  int compared = 0;
  for (const Architecture& architecture : architectures()) {
    const auto path = lensfind::testing::network_reference(architecture.name);
    if (!std::filesystem::exists(path)) continue;  // resnet34 and others are made of the same blocks
    const Value reference = read_json(path);
    const Graph graph = build_network(architecture.name, 3, 64, 2);
    EXPECT_EQ(lines(graph, true), lines(reference.at("parameters"))) << architecture.name;
    EXPECT_EQ(lines(graph, false), lines(reference.at("buffers"))) << architecture.name;
    EXPECT_EQ(graph.parameter_count(), reference.at("parameter_count").as_integer()) << architecture.name;
    ++compared;
  }
  EXPECT_EQ(compared, 13);
}

TEST(Networks, HaveTheParametersThatTimmCounts) {
  // timm 1.0.31: sum(p.numel() for p in timm.create_model(name, num_classes=..., in_chans=...).parameters()).
  EXPECT_EQ(build_network("resnet18", 3, 64, 2).parameter_count(), 11177538);
  EXPECT_EQ(build_network("resnet18", 1, 41, 1).parameter_count(), 11177538 - 2 * 64 * 49 - 513);
  EXPECT_EQ(build_network("resnet18", 5, 256, 2).parameter_count(), 11177538 + 2 * 64 * 49);
  EXPECT_EQ(build_network("resnet34", 3, 64, 2).parameter_count(), 21285698);
  EXPECT_EQ(build_network("resnet50", 3, 64, 2).parameter_count(), 23512130);
  EXPECT_EQ(build_network("tf_efficientnet_b0", 3, 64, 2).parameter_count(), 4010110);
  EXPECT_EQ(build_network("tf_efficientnet_b1", 3, 64, 2).parameter_count(), 6515746);
  EXPECT_EQ(build_network("tf_efficientnet_b3", 3, 64, 2).parameter_count(), 10699306);
  EXPECT_EQ(build_network("tf_efficientnet_b4", 3, 64, 2).parameter_count(), 17552202);
  EXPECT_EQ(build_network("efficientnet_lite0", 3, 64, 2).parameter_count(), 3373570);
  EXPECT_EQ(build_network("efficientnet_lite0_fine", 3, 64, 2).parameter_count(), 3373570);
  EXPECT_EQ(build_network("mobilevitv2_050", 3, 64, 2).parameter_count(), 1114107);
  EXPECT_EQ(build_network("mobilevitv2_075", 3, 64, 2).parameter_count(), 2481779);
}

TEST(Networks, WithAttentionHaveTheParametersOfThePlainOneWithinTwoPercent) {
  for (const std::string plain : {"resnet18", "resnet18_half"}) {
    const auto parameters = static_cast<double>(build_network(plain, 3, 64, 2).parameter_count());
    for (const std::string kind : {"_se", "_cbam", "_coordinate", "_self_attention"}) {
      const auto with = static_cast<double>(build_network(plain + kind, 3, 64, 2).parameter_count());
      EXPECT_GT(with / parameters, 1) << plain << kind;
      EXPECT_LT(with / parameters, 1.02) << plain << kind;
    }
  }
}

TEST(Networks, AnEquivariantOneHasAnEighthOfTheWeightsOfItsLayers) {
  // By hand, of fields 4, 8, 12, 24, 48 on 3 bands: kernels side^2 x fields x channels read, two numbers a field for each norm.
  const std::int64_t stem = 25 * 4 * 3 + 2 * 4 + 9 * 8 * 32 + 2 * 8;
  const std::int64_t layer1 = 4 * (9 * 8 * 64 + 2 * 8);
  const auto layer = [](std::int64_t before, std::int64_t fields) {
    return 9 * fields * 8 * before + 3 * 9 * fields * 8 * fields + fields * 8 * before + 5 * 2 * fields;
  };
  const Graph graph = build_network("equivariant_d4", 3, 64, 2);
  EXPECT_EQ(graph.parameter_count(), stem + layer1 + layer(8, 12) + layer(12, 24) + layer(24, 48) + 2 * 48 + 2);
  // Each whole kernel is used at every pixel: 8 times the stored one.
  EXPECT_EQ(graph.nodes[1].multiply_adds(), 8 * 25 * 4 * 3 * 64 * 64);
  EXPECT_NEAR(static_cast<double>(graph.multiply_adds()), static_cast<double>(build_network("resnet18", 3, 64, 2).multiply_adds()), 2e7);
}

TEST(Networks, NeedTheMultiplyAddsOfThePaper) {
  // He et al. 2015, table 1 (224 pixels, 1000 outputs): 1.8, 3.6 and 3.8 x 10^9; theirs has the stride in ResNet-50's first 1x1
  // convolution, torchvision's and timm's in the 3x3 (4.09 x 10^9).
  EXPECT_NEAR(static_cast<double>(build_network("resnet18", 3, 224, 1).multiply_adds()) / 1e9, 1.814, .002);
  EXPECT_NEAR(static_cast<double>(build_network("resnet34", 3, 224, 1).multiply_adds()) / 1e9, 3.664, .002);
  EXPECT_NEAR(static_cast<double>(build_network("resnet50", 3, 224, 1).multiply_adds()) / 1e9, 4.087, .004);
  // Tan & Le 2019, table 2: B0 needs .39 x 10^9 at 224 pixels. Mehta & Rastegari 2022, table 1b: 1.8 x 10^9 at 256 for width 1, .5 x 10^9
  // for width .5.
  EXPECT_NEAR(static_cast<double>(build_network("tf_efficientnet_b0", 3, 224, 1).multiply_adds()) / 1e9, .39, .01);
  EXPECT_NEAR(static_cast<double>(build_network("mobilevitv2_100", 3, 256, 1).multiply_adds()) / 1e9, 1.8, .05);
  EXPECT_NEAR(static_cast<double>(build_network("mobilevitv2_050", 3, 256, 1).multiply_adds()) / 1e9, .5, .05);
}

TEST(Networks, AStemOfStrideOneDoublesTheResolutionOfAllFeatures) {
  const auto last_pixels = [](const std::string& name) {
    const Graph graph = build_network(name, 3, 64, 2);
    const auto head = std::ranges::find(graph.nodes, "conv_head", &Node::name);
    return std::vector<std::int64_t>{head->shape[1], head->shape[2]};
  };
  EXPECT_EQ(last_pixels("efficientnet_lite0"), (std::vector<std::int64_t>{2, 2}));
  EXPECT_EQ(last_pixels("efficientnet_lite0_fine"), (std::vector<std::int64_t>{4, 4}));
}

TEST(Networks, AStudentTakesAFewMillionMultiplyAddsAtEverySize) {
  for (const int bands : {1, 3, 5}) {
    for (int size = 32; size <= 256; ++size) {
      const std::int64_t needed = build_network("student", bands, size, 2).multiply_adds();
      EXPECT_GE(needed, 1'500'000) << bands << " bands of " << size;
      EXPECT_LE(needed, 5'000'000) << bands << " bands of " << size;
    }
  }
  // At 64 pixels: 16 channels of 2x2 patches, then 32, 64 and 128 channels at 16, 8 and 4 pixels.
  const std::int64_t by_hand = 3 * 4 * 16 * 32 * 32 + 9 * (16 * 32 * 256 + 32 * 64 * 64 + 64 * 128 * 16) + 128 * 2;
  EXPECT_EQ(build_network("student", 3, 64, 2).multiply_adds(), by_hand);
}

TEST(Networks, AreBuiltForAllBandsSizesAndOutputs) {
  for (const Architecture& architecture : architectures()) {
    for (const int bands : {1, 2, 4, 5}) {
      for (const int size : {32, 33, 64, 101, 192, 256}) {
        if (size % architecture.size_multiple != 0) continue;
        const Graph graph = build_network(architecture.name, bands, size, 1 + bands % 2);
        EXPECT_EQ(graph.name, architecture.name);
        EXPECT_EQ(graph.bands, bands);
        EXPECT_EQ(graph.size, size);
        EXPECT_EQ(graph.outputs, 1 + bands % 2);
      }
    }
  }
}

/// The probabilities of all drop_path nodes, in order.
std::vector<double> drop_path_rates(const std::string& name, double rate) {
  std::vector<double> rates;
  for (const Node& node : build_network(name, 3, 64, 2, {.drop_path = rate}).nodes) {
    if (node.operation == Operation::drop_path) rates.push_back(node.probability);
  }
  return rates;
}

TEST(Networks, DropPathsAtTimmsRates) {
  // timm 1.0.31: the drop_prob of the DropPath modules that act, of timm.create_model(name, drop_path_rate=.2).
  const auto near = [](const std::vector<double>& rates) { return ::testing::Pointwise(::testing::DoubleNear(1e-6), rates); };
  EXPECT_THAT(drop_path_rates("resnet18", .2), near({.028571, .057143, .085714, .114286, .142857, .171429, .2}));
  EXPECT_THAT(drop_path_rates("tf_efficientnet_b0", .2), near({.025, .05, .075, .0875, .1125, .125, .15, .1625, .175}));
  EXPECT_THAT(drop_path_rates("mobilevitv2_050", .2),
              near({.05, .1, .1, .1, .1, .15, .15, .15, .15, .15, .15, .15, .15, .2, .2, .2, .2, .2, .2}));
  EXPECT_TRUE(drop_path_rates("tf_efficientnet_b0", 0).empty());
}

TEST(Networks, DropOutBeforeTheLastLayerOnlyWhenAsked) {
  for (const Architecture& architecture : architectures()) {
    const auto plain = build_network(architecture.name, 3, 64, 2).nodes;
    const auto nodes = build_network(architecture.name, 3, 64, 2, {.dropout = .3}).nodes;
    ASSERT_EQ(nodes.size(), plain.size() + 1) << architecture.name;
    EXPECT_EQ(nodes.back().operation, Operation::linear);
    EXPECT_EQ(nodes[nodes.size() - 2].operation, Operation::dropout);
    EXPECT_EQ(nodes[nodes.size() - 2].probability, .3);
  }
}

TEST(Networks, NameTheNearestOfAnUnknownOne) {
  try {
    (void)build_network("resnet81", 3, 64, 2);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("resnet81"));
    EXPECT_THAT(error.hint(), HasSubstr("resnet18"));
  }
  EXPECT_THROW((void)build_network("resnet18", 6, 64, 2), Error);
  EXPECT_THROW((void)build_network("resnet18", 3, 31, 2), Error);
  EXPECT_THROW((void)build_network("resnet18", 3, 257, 2), Error);
  EXPECT_THROW((void)build_network("resnet18", 3, 64, 3), Error);
  EXPECT_THROW((void)build_network("mobilevitv2_100", 3, 96, 2), Error);
}

}  // namespace
}  // namespace lensfind::network
