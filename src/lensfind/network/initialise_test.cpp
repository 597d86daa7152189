#include "lensfind/network/initialise.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "lensfind/network/networks.h"

namespace lensfind::network {
namespace {

double deviation(const std::vector<float>& values) {
  const double squares = std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

TEST(Initialise, DrawsResNetAsTimmDoes) {
  // timm's ResNet.init_weights: kaiming_normal_(fan_out, relu), torch's default for nn.Linear, zeros for the last norm of a branch.
  const Weights weights = initialise(build_network("resnet18", 3, 64, 2), 1);
  const Array& convolution = weights.at("layer4.1.conv2.weight");
  EXPECT_NEAR(deviation(convolution.values), std::sqrt(2.0 / (512 * 9)), 1e-4);
  EXPECT_NEAR(std::accumulate(convolution.values.begin(), convolution.values.end(), 0.0) / 2359296, 0, 1e-4);
  const auto [least, most] = std::minmax_element(weights.at("fc.weight").values.begin(), weights.at("fc.weight").values.end());
  const float half_width = 1 / std::sqrt(512.0F);
  EXPECT_GE(*least, -half_width);
  EXPECT_LT(*most, half_width);
  EXPECT_NEAR(deviation(weights.at("fc.weight").values), half_width / std::sqrt(3), .002);
  EXPECT_EQ(weights.at("layer1.0.bn2.weight").values, std::vector<float>(64, 0));
  EXPECT_EQ(weights.at("layer1.0.bn1.weight").values, std::vector<float>(64, 1));
  EXPECT_EQ(weights.at("bn1.bias").values, std::vector<float>(64, 0));
  EXPECT_EQ(weights.at("bn1.running_mean").values, std::vector<float>(64, 0));
  EXPECT_EQ(weights.at("bn1.running_var").values, std::vector<float>(64, 1));
}

/// Of the named parameter.
Initialisation start_of(const Graph& graph, const std::string& name) {
  const std::vector<Parameter> all = graph.parameters();
  return std::find_if(all.begin(), all.end(), [&](const Parameter& parameter) { return parameter.name == name; })->initialisation;
}

TEST(Initialise, KnowsTimmsRulesForTheOtherFamilies) {
  // timm's _init_weight_goog (EfficientNet) and byobnet's _init_weights (MobileViTv2): deviation sqrt(2 / (kernel area x outputs /
  // groups)).
  const Graph b0 = build_network("tf_efficientnet_b0", 3, 64, 2);
  EXPECT_EQ(start_of(b0, "blocks.1.0.conv_dw.weight"), (Initialisation{Initialisation::Kind::normal, std::sqrt(2.0 / 9)}));
  EXPECT_EQ(start_of(b0, "blocks.1.0.conv_pw.weight"), (Initialisation{Initialisation::Kind::normal, std::sqrt(2.0 / 96)}));
  EXPECT_EQ(start_of(b0, "classifier.weight"), (Initialisation{Initialisation::Kind::uniform, 1 / std::sqrt(2.0)}));
  EXPECT_EQ(start_of(b0, "classifier.bias"), (Initialisation{Initialisation::Kind::constant, 0}));
  EXPECT_EQ(start_of(b0, "blocks.1.1.bn3.weight"), (Initialisation{Initialisation::Kind::constant, 1}));
  const Graph mobile = build_network("mobilevitv2_100", 3, 64, 2);
  EXPECT_EQ(start_of(mobile, "head.fc.weight"), (Initialisation{Initialisation::Kind::normal, .01}));
  EXPECT_EQ(start_of(mobile, "stages.1.1.conv3_1x1.bn.weight"), (Initialisation{Initialisation::Kind::constant, 0}));
  EXPECT_EQ(start_of(mobile, "stages.1.0.conv3_1x1.bn.weight"), (Initialisation{Initialisation::Kind::constant, 1}));
}

TEST(Initialise, DependsOnSeedAndNameAlone) {
  const Weights one = initialise(build_network("resnet18", 3, 64, 2), 7);
  const Weights other_head = initialise(build_network("resnet18", 3, 96, 1), 7);
  const Weights other_seed = initialise(build_network("resnet18", 3, 64, 2), 8);
  EXPECT_EQ(one.at("layer2.0.conv1.weight").values, other_head.at("layer2.0.conv1.weight").values);
  EXPECT_NE(one.at("layer2.0.conv1.weight").values, other_seed.at("layer2.0.conv1.weight").values);
  EXPECT_NE(one.at("layer2.0.conv2.weight").values[0], one.at("layer2.1.conv1.weight").values[0]);
}

}  // namespace
}  // namespace lensfind::network
