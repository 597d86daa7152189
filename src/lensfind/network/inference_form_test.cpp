#include "lensfind/network/inference_form.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "lensfind/network/graph_builder.h"
#include "lensfind/network/networks.h"
#include "tests/reference_fill.h"

namespace lensfind::network {
namespace {

using ::testing::ElementsAre;

WeightedGraph filled(Graph graph) {
  Weights weights = lensfind::testing::reference_weights(graph);
  return {std::move(graph), std::move(weights)};
}

std::size_t count(const Graph& graph, Operation operation) {
  return static_cast<std::size_t>(
      std::count_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) { return node.operation == operation; }));
}

TEST(InferenceForm, MovesANormsScaleAndShiftIntoTheConvolution) {
  GraphBuilder net;
  const Tensor x = net.flatten(net.conv(net.group_norm(net.input({2, 4, 4}), 1, "norm"), 1, {}, "conv"));
  WeightedGraph network{std::move(net).finish(x), {}};
  network.weights = {{"norm.weight", {{2}, {3, 5}}}, {"norm.bias", {{2}, {.5F, .25F}}}, {"conv.weight", {{1, 2, 1, 1}, {2, 8}}}};
  // conv(3 a + .5, 5 b + .25) = 2 (3 a + .5) + 8 (5 b + .25) = 6 a + 40 b + 3.
  const WeightedGraph form = inference_form(std::move(network));
  EXPECT_EQ(form.weights.size(), 2);
  EXPECT_THAT(form.weights.at("conv.weight").values, ElementsAre(6, 40));
  EXPECT_THAT(form.weights.at("conv.bias").values, ElementsAre(3));
}

TEST(InferenceForm, SplitsAConvolutionThatIsOnlySliced) {
  GraphBuilder net;
  const Tensor x = net.conv(net.input({1, 4, 4}), 3, {.bias = true}, "qkv");
  const Tensor y = net.flatten(net.multiply(net.slice(x, 1, 0, 1), net.slice(x, 1, 1, 3)));
  WeightedGraph network{std::move(net).finish(y), {}};
  network.weights = {{"qkv.weight", {{3, 1, 1, 1}, {1, 2, 3}}}, {"qkv.bias", {{3}, {10, 20, 30}}}};
  const WeightedGraph form = inference_form(std::move(network));
  EXPECT_EQ(count(form.graph, Operation::slice), 0);
  EXPECT_EQ(count(form.graph, Operation::conv2d), 2);
  EXPECT_EQ(form.weights.size(), 4);
  EXPECT_THAT(form.weights.at("qkv.1-3.weight").values, ElementsAre(2, 3));
  EXPECT_THAT(form.weights.at("qkv.1-3.bias").values, ElementsAre(20, 30));
}

TEST(InferenceForm, WritesSharedKernelsAndNormsOut) {
  GraphBuilder net;
  Tensor x = net.conv(net.input({1, 4, 4}), 8, {.kernel = 3, .sharing = Sharing::lifting}, "lift");
  x = net.conv(net.batch_norm(x, "norm", {.shared = true}), 8, {.sharing = Sharing::regular}, "point");
  const Tensor flat = net.flatten(x);
  WeightedGraph network{std::move(net).finish(flat), {}};
  network.weights = {{"lift.weight", {{1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}}},
                     {"norm.weight", {{1}, {2}}},
                     {"norm.bias", {{1}, {3}}},
                     {"norm.running_mean", {{1}, {4}}},
                     {"norm.running_var", {{1}, {5}}},
                     {"point.weight", {{1, 8, 1, 1}, {0, 1, 2, 3, 4, 5, 6, 7}}}};
  const WeightedGraph form = inference_form(std::move(network));
  EXPECT_NO_THROW(check_weights(form.graph, form.weights, "the form's own weights"));
  const std::vector<float>& lift = form.weights.at("lift.weight").values;
  ASSERT_EQ(lift.size(), 72);
  const auto kernel = [&](std::ptrdiff_t symmetry) {
    return std::vector<float>(lift.begin() + 9 * symmetry, lift.begin() + 9 * symmetry + 9);
  };
  EXPECT_THAT(kernel(0), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_THAT(kernel(1), ElementsAre(3, 6, 9, 2, 5, 8, 1, 4, 7));  // numpy.rot90
  EXPECT_THAT(kernel(4), ElementsAre(3, 2, 1, 6, 5, 4, 9, 8, 7));  // numpy.fliplr
  EXPECT_THAT(kernel(5), ElementsAre(1, 4, 7, 2, 5, 8, 3, 6, 9));  // numpy.rot90 of that
  EXPECT_EQ(form.weights.at("norm.running_var").values, std::vector<float>(8, 5));
  // What the stored kernel reads at quarter turn h, its copy turned once reads at h + 1.
  const std::vector<float>& point = form.weights.at("point.weight").values;
  EXPECT_THAT(std::vector<float>(point.begin() + 8, point.begin() + 12), ElementsAre(3, 0, 1, 2));
}

TEST(InferenceForm, ChangesAttentionAndNothingElse) {
  const WeightedGraph mobile = inference_form(filled(build_network("mobilevitv2_050", 3, 64, 2)));
  EXPECT_EQ(count(mobile.graph, Operation::slice), 0);
  for (const Node& node : mobile.graph.nodes) {
    // The norm behind the last layer is unfolded into the image first, so no convolution reads it.
    const bool folded = node.operation == Operation::group_norm && node.name.find("transformer") != std::string::npos;
    EXPECT_TRUE(!folded || node.parameters.empty()) << node.name;
  }
  EXPECT_NO_THROW(check_weights(mobile.graph, mobile.weights, "the form's own weights"));
  const WeightedGraph resnet = filled(build_network("resnet18", 3, 64, 2));
  const WeightedGraph form = inference_form(resnet);
  EXPECT_EQ(form.graph.nodes.size(), resnet.graph.nodes.size());
  EXPECT_EQ(form.weights.size(), resnet.weights.size());
}

}  // namespace
}  // namespace lensfind::network
