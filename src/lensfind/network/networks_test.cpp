#include "lensfind/network/networks.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
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
    const auto path = lensfind::testing::shared_folder() / "reference" / "networks" / (architecture.name + ".json");
    if (!std::filesystem::exists(path)) continue;
    const Value reference = read_json(path);
    const Graph graph = build_network(architecture.name, 3, 64, 2);
    EXPECT_EQ(lines(graph, true), lines(reference.at("parameters"))) << architecture.name;
    EXPECT_EQ(lines(graph, false), lines(reference.at("buffers"))) << architecture.name;
    EXPECT_EQ(graph.parameter_count(), reference.at("parameter_count").as_integer()) << architecture.name;
    ++compared;
  }
  if (compared == 0) GTEST_SKIP() << "no reference numbers in " << lensfind::testing::shared_folder();
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
  EXPECT_EQ(build_network("mobilevitv2_050", 3, 64, 2).parameter_count(), 1114107);
  EXPECT_EQ(build_network("mobilevitv2_075", 3, 64, 2).parameter_count(), 2481779);
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

TEST(Networks, DropWhereTimmDoesAndOnlyWhenAsked) {
  // timm 1.0.31: drop_path_rate grows linearly over the blocks, from 0 (which is left out); over the blocks for EfficientNet (its last
  // block does not reach the rate), over the blocks less one for the others. B0 has 16 blocks, 9 of them residual.
  const auto count = [](const Graph& graph, Operation operation) {
    return std::count_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) { return node.operation == operation; });
  };
  const Graph b0 = build_network("tf_efficientnet_b0", 3, 64, 2, {.dropout = .2, .drop_path = .16});
  EXPECT_EQ(count(b0, Operation::dropout), 1);
  EXPECT_EQ(count(b0, Operation::drop_path), 9);
  const auto last =
      std::find_if(b0.nodes.rbegin(), b0.nodes.rend(), [](const Node& node) { return node.operation == Operation::drop_path; });
  EXPECT_NEAR(last->probability, .14, 1e-12);  // blocks.5.3 is the fifteenth
  EXPECT_EQ(count(build_network("tf_efficientnet_b0", 3, 64, 2), Operation::drop_path), 0);
  const Graph resnet = build_network("resnet18", 3, 64, 2, {.drop_path = .1});
  EXPECT_EQ(count(resnet, Operation::drop_path), 7);
  EXPECT_EQ(count(build_network("mobilevitv2_050", 3, 64, 2, {.drop_path = .1}), Operation::drop_path), 1 + 2 * (2 + 4 + 3));
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
