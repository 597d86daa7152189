#include "lensfind/network/initialise.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "lensfind/network/networks.h"

namespace lensfind::network {
namespace {

double std_dev(const std::vector<float>& values) {
  const double squares = std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

TEST(Initialise, DrawsResNetAsTimmDoes) {
  // timm's ResNet.init_weights: kaiming_normal_(fan_out, relu), torch's default for nn.Linear, zeros for the last norm of a branch.
  const Weights weights = initialise(build_network("resnet18", 3, 64, 2), 1);
  const Array& convolution = weights.at("layer4.1.conv2.weight");
  EXPECT_NEAR(std_dev(convolution.values), std::sqrt(2.0 / (512 * 9)), 1e-4);
  EXPECT_NEAR(std::accumulate(convolution.values.begin(), convolution.values.end(), 0.0) / 2359296, 0, 1e-4);
  const auto [min, max] = std::minmax_element(weights.at("fc.weight").values.begin(), weights.at("fc.weight").values.end());
  const float half_width = 1 / std::sqrt(512.0F);
  EXPECT_GE(*min, -half_width);
  EXPECT_LT(*max, half_width);
  EXPECT_NEAR(std_dev(weights.at("fc.weight").values), half_width / std::sqrt(3), .002);
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
  // timm's _init_weight_goog (EfficientNet) and byobnet's _init_weights (MobileViTv2): standard deviation sqrt(2 / (kernel area x outputs /
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

/// The numbers drawn for a parameter of `count` numbers have mean 0 and this standard deviation, to 4.5 standard errors.
void expect_moments(const Weights& weights, const std::string& name, std::size_t count, double wanted) {
  const std::vector<float>& values = weights.at(name).values;
  ASSERT_EQ(values.size(), count) << name;
  const double n = static_cast<double>(count);
  EXPECT_NEAR(std::accumulate(values.begin(), values.end(), 0.0) / n, 0, 4.5 * wanted / std::sqrt(n)) << name;
  EXPECT_NEAR(std_dev(values), wanted, 4.5 * wanted / std::sqrt(2 * n)) << name;
}

/// Fraction of the numbers beyond two standard deviations: .0455 of a normal distribution, none of a uniform one or of one cut off there.
double fraction_beyond_two(const std::vector<float>& values) {
  const double limit = 2 * std_dev(values);
  return static_cast<double>(std::count_if(values.begin(), values.end(), [&](float value) { return std::abs(value) > limit; })) /
         static_cast<double>(values.size());
}

TEST(Initialise, DrawsEfficientNetAsTimmDoes) {
  // The rule sqrt(2 / fan_out), and what timm 1.0.31 drew for tf_efficientnet_b0 behind torch.manual_seed(0).
  const Weights weights = initialise(build_network("tf_efficientnet_b0", 3, 64, 2), 1);
  expect_moments(weights, "conv_stem.weight", 864, std::sqrt(2.0 / (32 * 9)));                // timm's draw: .0810
  expect_moments(weights, "blocks.5.1.conv_pw.weight", 221184, std::sqrt(2.0 / 1152));        // .0417
  expect_moments(weights, "blocks.5.1.conv_dw.weight", 28800, std::sqrt(2.0 / 25));           // .2796
  expect_moments(weights, "blocks.5.1.se.conv_expand.weight", 55296, std::sqrt(2.0 / 1152));  // .0417
  expect_moments(weights, "conv_head.weight", 409600, std::sqrt(2.0 / 1280));                 // .0395
  expect_moments(weights, "classifier.weight", 2560, 1 / std::sqrt(6.0));                     // .415, within +-.7071
  EXPECT_NEAR(fraction_beyond_two(weights.at("conv_head.weight").values), .0455, .002);
  const auto [min, max] = std::ranges::minmax(weights.at("classifier.weight").values);
  EXPECT_GE(min, -std::sqrt(.5F));
  EXPECT_LT(max, std::sqrt(.5F));
  EXPECT_GT(max - min, 1.4);
  EXPECT_EQ(weights.at("classifier.bias").values, std::vector<float>(2, 0));
  EXPECT_EQ(weights.at("blocks.5.1.se.conv_expand.bias").values, std::vector<float>(1152, 0));
  EXPECT_EQ(weights.at("blocks.5.1.bn3.weight").values, std::vector<float>(192, 1));
}

TEST(Initialise, DrawsMobileViTv2AsTimmDoes) {
  const Weights weights = initialise(build_network("mobilevitv2_100", 3, 64, 2), 1);
  const std::string layer = "stages.4.1.transformer.0.";
  expect_moments(weights, "stem.conv.weight", 864, std::sqrt(2.0 / (32 * 9)));                // timm's draw: .0790
  expect_moments(weights, "stages.4.0.conv2_kxk.conv.weight", 6912, std::sqrt(2.0 / 9));      // .463
  expect_moments(weights, layer + "attn.qkv_proj.weight", 131328, std::sqrt(2.0 / 513));      // .0625
  expect_moments(weights, layer + "mlp.fc1.weight", 131072, std::sqrt(2.0 / 512));            // .0625
  expect_moments(weights, "stages.4.1.conv_proj.conv.weight", 131072, std::sqrt(2.0 / 512));  // .0625
  expect_moments(weights, "head.fc.weight", 1024, .01);                                       // .0101
  EXPECT_NEAR(fraction_beyond_two(weights.at(layer + "mlp.fc1.weight").values), .0455, .003);
  EXPECT_EQ(weights.at("head.fc.bias").values, std::vector<float>(2, 0));
  EXPECT_EQ(weights.at(layer + "attn.qkv_proj.bias").values, std::vector<float>(513, 0));
  EXPECT_EQ(weights.at(layer + "norm1.weight").values, std::vector<float>(256, 1));
  EXPECT_EQ(weights.at("stages.4.1.conv_proj.bn.weight").values, std::vector<float>(512, 1));
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
