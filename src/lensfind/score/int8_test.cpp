#include <algorithm>
#include <cmath>
#include <memory>

#include <gmock/gmock.h>
#include <openvino/op/constant.hpp>
#include <openvino/op/fake_quantize.hpp>
#include <openvino/openvino.hpp>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/cutouts/test_folder.h"
#include "lensfind/network/graph_builder.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/onnx.h"
#include "lensfind/score/fixed_network.h"
#include "lensfind/score/int8_layers.h"
#include "lensfind/score/int8_ranges.h"
#include "lensfind/score/precision.h"
#include "tests/reference_fill.h"

namespace lensfind::score {
namespace {

using lensfind::testing::reference_cutouts;
using lensfind::testing::reference_weights;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// (1, 4, 4) pixels, three 1 x 1 convolutions without bias and a classifier. The second convolution is the only layer in int8 but the
/// third.
network::Graph tiny_graph() {
  network::GraphBuilder net;
  network::Tensor x = net.conv(net.input({1, 4, 4}), 1, {.kernel = 1}, "first");
  x = net.conv(net.relu(x), 2, {.kernel = 1}, "second");
  x = net.conv(net.relu(x), 2, {.kernel = 1}, "third");
  const network::Tensor logits = net.linear(net.flatten(net.global_average(x)), 1, "fc");
  return std::move(net).finish(logits);
}

class Int8 : public cutouts::TestFolder {
 protected:
  network::OnnxNetwork network(const network::Graph& graph, const network::Weights& weights) {
    text("model.onnx", network::to_onnx(graph, weights, {}));
    return network::read_onnx(folder_ / "model.onnx");
  }
  network::OnnxNetwork reference_network(const std::string& name) {
    const network::Graph graph = network::build_network(name, 1, 64, 1);
    return network(graph, reference_weights(graph));
  }
  model::Int8Ranges measure(const network::OnnxNetwork& net, const std::vector<float>& cutouts, std::size_t count) {
    return measure_int8_ranges(net, "model.onnx", {}, cutouts, count);
  }
  std::unique_ptr<Engine> open(const network::OnnxNetwork& net, const model::Int8Ranges& ranges, int threads = 1, std::size_t batch = 0) {
    return open_engine(net, "model.onnx", {.precision = Precision::int8, .threads = threads, .batch = batch, .int8_ranges = ranges});
  }
  static bool missing() { return !processor_has_vnni(); }
};

TEST_F(Int8, TakesAllLayersButTheFirstAndTheLast) {
  ov::Core core;
  const network::OnnxNetwork net = network(tiny_graph(), reference_weights(tiny_graph()));
  const FixedNetwork fixed = read_fixed(core, net, "model.onnx", {});
  fold_constants(fixed.network);
  const ov::NodeVector layers = int8_layers(*fixed.network);
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[0]->get_output_shape(0)[1], 2u);
  EXPECT_EQ(layers[1]->get_input_shape(0)[1], 2u);
}

TEST_F(Int8, TakesNoLayersOfOnePixelOrOfOneChannel) {
  // Squeeze and excitation's convolutions see one number a channel.
  ov::Core core;
  const FixedNetwork fixed = read_fixed(core, reference_network("tf_efficientnet_b0"), "model.onnx", {});
  fold_constants(fixed.network);
  std::size_t several = 0;
  for (const auto& layer : int8_layers(*fixed.network)) {
    const ov::Shape made = layer->get_output_shape(0);
    EXPECT_GT(made[2] * made[3], 1u);
    ++several;
  }
  // EfficientNet-B0 has 16 blocks: 15 expanding and 16 projecting convolutions, and the one behind them; its 16 depthwise ones stay.
  EXPECT_EQ(several, 32u);
}

TEST_F(Int8, MeasuresWhatGoesIntoALayer) {
  const network::Graph graph = tiny_graph();
  network::Weights weights = reference_weights(graph);
  weights.at("first.weight").values = {2};
  if (weights.contains("first.bias")) weights.at("first.bias").values = {0};
  std::vector<float> cutouts(3 * 16);
  for (std::size_t i = 0; i < cutouts.size(); ++i) cutouts[i] = static_cast<float>(i) / 47 - .25F;  // from -.25 to .75
  const model::Int8Ranges ranges = measure(network(graph, weights), cutouts, 3);
  ASSERT_EQ(ranges.layers.size(), 2u);
  EXPECT_EQ(ranges.cutouts, 3);
  EXPECT_EQ(ranges.layers[0].low, 0);  // behind relu
  EXPECT_DOUBLE_EQ(ranges.layers[0].high, 1.5);
}

TEST_F(Int8, CutsAFewFarNumbersOffWhereThatLosesLess) {
  const network::Graph graph = tiny_graph();
  network::Weights weights = reference_weights(graph);
  weights.at("first.weight").values = {1};
  if (weights.contains("first.bias")) weights.at("first.bias").values = {0};
  // 10^5 numbers below 1 and one at 1.5: with steps of high / 255 the errors are 10^5 high^2 / (12 * 255^2) + (1.5 - high)^2, least at
  // high = 1.5 / (1 + .128) = 1.33.
  std::vector<float> cutouts(6250 * 16);
  for (std::size_t i = 0; i < cutouts.size(); ++i) cutouts[i] = static_cast<float>(i % 1000) / 1000;
  cutouts[5] = 1.5F;
  const double high = measure(network(graph, weights), cutouts, 6250).layers[0].high;
  EXPECT_NEAR(high, 1.33, .03);
}

TEST_F(Int8, RoundsWhatGoesInAndTheWeightsOfEachOutput) {
  ov::Core core;
  const network::Graph graph = tiny_graph();
  network::Weights weights = reference_weights(graph);
  weights.at("third.weight").values = {.5F, -.25F, 3, 6};
  const network::OnnxNetwork net = network(graph, weights);
  const FixedNetwork fixed = read_fixed(core, net, "model.onnx", {.batch = 1});
  fold_constants(fixed.network);
  const ov::NodeVector layers = int8_layers(*fixed.network);
  model::Int8Ranges ranges{.cutouts = 1, .weights = weights_hash(*fixed.network), .layers = {}};
  for (const auto& layer : layers) ranges.layers.push_back({layer->get_friendly_name(), -1, 3});
  round_to_int8(*fixed.network, ranges, "model.onnx");
  const auto ends = [](const ov::Node& layer, std::size_t input) {
    std::vector<float> both;
    const auto node = layer.get_input_node_shared_ptr(input);
    const auto rounding = ov::as_type_ptr<ov::op::v0::FakeQuantize>(node);
    if (!rounding) return both;
    for (const std::size_t end : {1u, 2u}) {
      const auto values = ov::as_type_ptr<ov::op::v0::Constant>(rounding->get_input_node_shared_ptr(end))->cast_vector<float>();
      both.insert(both.end(), values.begin(), values.end());
    }
    return both;
  };
  EXPECT_THAT(ends(*layers[1], 1), ElementsAre(-.5F, -6, .5F, 6));
  // Steps of 4/255, of which 64 lie below 0: from -64 to 191 steps.
  EXPECT_THAT(ends(*layers[1], 0), ElementsAre(::testing::FloatEq(-64 * 4.F / 255), ::testing::FloatEq(191 * 4.F / 255)));
}

/// What computes each convolution of a network that is rounded to int8, as OpenVINO says.
std::vector<std::string> kernels_of_convolutions(const network::OnnxNetwork& net, const model::Int8Ranges& ranges) {
  ov::Core core;
  const FixedNetwork fixed = read_fixed(core, net, "model.onnx", {});
  fold_constants(fixed.network);
  round_to_int8(*fixed.network, ranges, "model.onnx");
  const ov::CompiledModel compiled = compile_network(core, fixed.network, ov::element::f32, 1, {}, "model.onnx");
  std::vector<std::string> kernels;
  for (const auto& node : compiled.get_runtime_model()->get_ordered_ops()) {
    const auto& facts = node->get_rt_info();
    if (facts.at("layerType").as<std::string>() == "Convolution") kernels.push_back(facts.at("primitiveType").as<std::string>());
  }
  return kernels;
}

TEST_F(Int8, IsWhatOpenVinoComputesIn) {
  if (missing()) GTEST_SKIP() << "this processor has no VNNI";
  const network::OnnxNetwork net = reference_network("resnet18");
  const std::vector<float> cutouts = reference_cutouts("input", 8, 1, 64);
  const std::vector<std::string> kernels = kernels_of_convolutions(net, measure(net, cutouts, 8));
  ASSERT_EQ(kernels.size(), 20u);
  EXPECT_THAT(kernels.front(), ::testing::Not(::testing::EndsWith("_I8")));
  EXPECT_THAT(std::vector<std::string>(kernels.begin() + 1, kernels.end()), Each(::testing::EndsWith("_I8")));
}

TEST_F(Int8, StaysNearF32) {
  if (missing()) GTEST_SKIP() << "this processor has no VNNI";
  for (const std::string name : {"resnet18", "tf_efficientnet_b0"}) {
    const network::OnnxNetwork net = reference_network(name);
    const std::vector<float> cutouts = reference_cutouts("input", 40, 1, 64);
    const std::vector<float> exact = open_engine(net, "model.onnx", {})->run(cutouts, 40);
    const std::vector<float> rounded = open(net, measure(net, cutouts, 40))->run(cutouts, 40);
    double sum = 0, squares = 0, largest = 0;
    for (std::size_t i = 0; i < 40; ++i) {
      sum += exact[i];
      squares += double{exact[i]} * exact[i];
      largest = std::max(largest, std::abs(double{exact[i]} - rounded[i]));
    }
    const double size = std::sqrt(squares / 40);
    EXPECT_NE(rounded, exact) << name;
    EXPECT_LT(largest, .1 * size) << name;
  }
}

TEST_F(Int8, GivesACutoutTheSameLogitInAnyCompanyAndWithAnyThreads) {
  if (missing()) GTEST_SKIP() << "this processor has no VNNI";
  for (const std::string name : {"student", "mobilevitv2_050"}) {
    const network::OnnxNetwork net = reference_network(name);
    const std::vector<float> cutouts = reference_cutouts("input", 70, 1, 64);
    const model::Int8Ranges ranges = measure(net, cutouts, 8);
    const std::vector<float> together = open(net, ranges)->run(cutouts, 70);
    EXPECT_EQ(open(net, ranges, 3)->run(cutouts, 70), together);
    EXPECT_EQ(open(net, ranges, 2, 7)->run(cutouts, 70), together);
    for (const std::size_t i : {0u, 33u, 69u})
      EXPECT_EQ(open(net, ranges, 1, 1)->run(std::span{cutouts}.subspan(i * 4096, 4096), 1), std::vector<float>{together[i]});
  }
}

TEST_F(Int8, WantsRangesOfTheSameNetwork) {
  if (missing()) GTEST_SKIP() << "this processor has no VNNI";
  const network::OnnxNetwork net = reference_network("resnet18");
  EXPECT_THROW(open(net, {}), Error);
  model::Int8Ranges ranges = measure(net, reference_cutouts("input", 2, 1, 64), 2);
  EXPECT_TRUE(ranges_fit(net, "model.onnx", {}, ranges));
  ranges.layers[3].layer = "another";
  EXPECT_FALSE(ranges_fit(net, "model.onnx", {}, ranges));
  EXPECT_THROW(open(net, ranges), Error);
  EXPECT_THROW(measure(net, {}, 0), Error);
}

TEST_F(Int8, WantsRangesThatWereMeasuredWithTheSameWeights) {
  if (missing()) GTEST_SKIP() << "this processor has no VNNI";
  const network::Graph graph = network::build_network("student", 1, 32, 1);
  network::Weights weights = reference_weights(graph);
  const network::OnnxNetwork net = network(graph, weights);
  const model::Int8Ranges ranges = measure(net, reference_cutouts("input", 2, 1, 32), 2);
  EXPECT_EQ(ranges.weights, weights_hash(net, "model.onnx"));
  EXPECT_TRUE(ranges_fit(net, "model.onnx", {.batch = 3}, ranges));
  weights.begin()->second.values.front() += .01F;  // one number of one layer
  const network::OnnxNetwork other = network(graph, weights);
  EXPECT_FALSE(ranges_fit(other, "model.onnx", {}, ranges));
  EXPECT_THROW(open(other, ranges), Error);
  model::Int8Ranges of_an_earlier_version = ranges;
  of_an_earlier_version.weights.clear();
  EXPECT_FALSE(ranges_fit(net, "model.onnx", {}, of_an_earlier_version));
}

TEST_F(Int8, MeasuresTheSameRangesOnAnyThreads) {
  const network::OnnxNetwork net = reference_network("tf_efficientnet_b0");
  const std::vector<float> cutouts = reference_cutouts("input", 70, 1, 64);  // two whole batches and a part
  const auto on = [&](int threads) { return measure_int8_ranges(net, "model.onnx", {.threads = threads}, cutouts, 70); };
  const model::Int8Ranges one = on(1);
  EXPECT_EQ(on(2), one);
  EXPECT_EQ(on(5), one);
}

TEST_F(Int8, IsRefusedWhereNoLayerCanBe) {
  network::GraphBuilder builder;
  const network::Tensor x = builder.conv(builder.input({1, 64, 64}), 2, {.kernel = 3}, "only");
  const network::Tensor logits = builder.linear(builder.flatten(builder.global_average(x)), 1, "fc");
  const network::Graph graph = std::move(builder).finish(logits);
  const network::OnnxNetwork net = network(graph, reference_weights(graph));
  try {
    measure(net, reference_cutouts("input", 2, 1, 64), 2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("no layer that can be computed in int8"));
    EXPECT_THAT(error.hint(), HasSubstr("--precision auto"));
  }
}

class ChosenPrecisions : public Int8 {
 protected:
  static constexpr std::size_t count = 128;
  Scorer scorer(const std::string& name) {
    reference_network(name);
    return open_scorer(folder_ / "model.onnx");
  }
  std::vector<float> cutouts() { return reference_cutouts("input", count, 1, 64); }
};

TEST_F(ChosenPrecisions, TakeTheRangesThatTheModelHas) {
  if (missing()) GTEST_SKIP() << "this processor has no VNNI";
  Scorer model = scorer("student");
  const std::vector<float> pixels = cutouts();
  const ChosenEngine measured = open_int8(model, pixels, count, {.threads = 1});
  EXPECT_THAT(measured.reason, HasSubstr("measured on the first 128 cutouts"));
  model.int8_ranges = measured.int8_ranges;
  model.int8_ranges->layers[0].high *= 2;
  const ChosenEngine own = open_int8(model, {}, 0, {.threads = 1});
  EXPECT_THAT(own.reason, HasSubstr("that the model has measured"));
  EXPECT_EQ(own.int8_ranges, *model.int8_ranges);
  EXPECT_NE(own.engine->run(pixels, count), measured.engine->run(pixels, count));
  model.int8_ranges->layers[0].layer = "of another network";
  EXPECT_EQ(open_int8(model, pixels, count, {.threads = 1}).int8_ranges, measured.int8_ranges);
}

TEST_F(ChosenPrecisions, TakeInt8OnlyWhereProbabilitiesStay) {
  if (missing()) GTEST_SKIP() << "this processor has no VNNI";
  Scorer model = scorer("student");
  const std::vector<float> pixels = cutouts();
  model.calibration = evaluate::Calibration{.slope = 1e-9};  // all probabilities are one half
  EXPECT_NE(choose_precision(model, pixels, count, {.threads = 1}, true).precision, Precision::int8) << "it has no ranges of its own";
  model.int8_ranges = open_int8(model, pixels, count, {.threads = 1}).int8_ranges;
  EXPECT_THAT(choose_precision(model, pixels, count, {.threads = 1}, true).reason, HasSubstr("int8: on the first 128"));
  EXPECT_NE(choose_precision(model, pixels, count, {.threads = 1}, false).precision, Precision::int8);
  EXPECT_NE(choose_precision(model, pixels, count - 1, {.threads = 1}, true).precision, Precision::int8);
  // So steep that any change of the first logit, whose probability is one half, moves that.
  const double first = open_engine(model, {.threads = 1})->run(std::span{pixels}.first(4096), 1)[0];
  model.calibration = evaluate::Calibration{.slope = 1e6, .intercept = -1e6 * first};
  const ChosenEngine exact = choose_precision(model, pixels, count, {.threads = 1}, true);
  EXPECT_EQ(exact.precision, Precision::f32);
}

}  // namespace
}  // namespace lensfind::score
