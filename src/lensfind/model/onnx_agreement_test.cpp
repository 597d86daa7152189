#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include <gmock/gmock.h>

#include "lensfind/base/value.h"
#include "lensfind/model/run_onnx_test.h"
#include "lensfind/network/graph_builder.h"
#include "lensfind/network/import_weights.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/onnx.h"
#include "tests/network_reference.h"
#include "tests/reference_fill.h"

/// What to_onnx writes, run by OpenVINO in float32.
namespace lensfind::model {
namespace {

using ::testing::FloatNear;
using ::testing::Pointwise;

std::vector<float> reference_logits(const Value& reference) {
  std::vector<float> logits;
  for (const Value& row : reference.at("eval_logits").as_array()) {
    for (const Value& value : row.as_array()) logits.push_back(static_cast<float>(value.as_number()));
  }
  return logits;
}

float largest(const std::vector<float>& values) {
  float max = 0;
  for (const float value : values) max = std::max(max, std::abs(value));
  return max;
}

class OnnxAgreement : public ::testing::TestWithParam<std::string> {};

TEST_P(OnnxAgreement, GivesTimmsLogits) {
  const std::vector<float> wanted = reference_logits(read_json(lensfind::testing::network_reference(GetParam())));
  const network::Graph graph = network::build_network(GetParam(), 3, 64, 2);
  const std::string onnx = network::to_onnx(graph, lensfind::testing::reference_weights(graph), {});
  const std::vector<float> logits = run_onnx(onnx, lensfind::testing::reference_cutouts("input", 4), {4, 3, 64, 64});
  EXPECT_THAT(logits, Pointwise(FloatNear(1e-4F * largest(wanted)), wanted));
}

INSTANTIATE_TEST_SUITE_P(Networks, OnnxAgreement,
                         ::testing::Values("resnet18", "resnet50", "tf_efficientnet_b0", "tf_efficientnet_b1", "tf_efficientnet_b2",
                                           "efficientnet_lite0", "mobilevitv2_050", "mobilevitv2_100"),
                         [](const auto& network) { return network.param; });

/// Filled by name and shape alone, as tests/reference/filling.py does.
network::Array filled(const std::string& name, const std::vector<std::int64_t>& shape) {
  network::Array array{shape, {}};
  const auto count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>{});
  const double fan_in = static_cast<double>(count / shape[0]);
  const double scale = shape.size() >= 2 ? std::sqrt((shape.size() == 4 ? 6 : 3) / fan_in) : .1;
  const double at_zero = name.ends_with("running_var") || (shape.size() == 1 && name.ends_with("weight")) ? 1 : 0;
  for (const double u : lensfind::testing::uniform(name, static_cast<std::size_t>(count)))
    array.values.push_back(static_cast<float>(at_zero + (name.ends_with("running_var") ? .5 * std::abs(u) : scale * u)));
  return array;
}

TEST(ImportedEfficientNetLite, GivesTheLogitsOfThePackageOfItsWeights) {
  const Value reference = read_json(lensfind::testing::network_reference("efficientnet_lite_pytorch"));
  network::Weights weights;
  for (const Value& entry : reference.at("arrays").as_array()) {
    std::vector<std::int64_t> shape;
    for (const Value& length : entry.at("shape").as_array()) shape.push_back(length.as_integer());
    weights[entry.at("name").as_string()] = filled(entry.at("name").as_string(), shape);
  }
  const network::Graph graph = network::build_network("efficientnet_lite0", 3, 64, 2);
  const network::ImportedWeights imported = network::import_weights(graph, std::move(weights), "lite0.pth", true, 0);
  EXPECT_TRUE(imported.notes.empty());
  const std::vector<float> wanted = reference_logits(reference);
  const std::vector<float> logits =
      run_onnx(network::to_onnx(graph, imported.weights, {}), lensfind::testing::reference_cutouts("input", 4), {4, 3, 64, 64});
  EXPECT_THAT(logits, Pointwise(FloatNear(1e-5F * largest(wanted)), wanted));
}

/// The cutouts themselves as logits would be too many: their pixels, summed along a row, weighted by the identity.
network::Graph pixel_network(int bands, int size, network::Weights& weights) {
  network::GraphBuilder net;
  const network::Tensor x = net.flatten(net.input({bands, size, size}));
  const std::int64_t pixels = net.shape(x)[0];
  const network::Tensor logits = net.linear(x, pixels, "fc");
  network::Graph graph = std::move(net).finish(logits);
  network::Array identity{{pixels, pixels}, std::vector<float>(static_cast<std::size_t>(pixels * pixels))};
  for (std::int64_t i = 0; i < pixels; ++i) identity.values[static_cast<std::size_t>(i * pixels + i)] = 1;
  weights["fc.weight"] = std::move(identity);
  weights["fc.bias"] = {{pixels}, std::vector<float>(static_cast<std::size_t>(pixels))};
  return graph;
}

/// What a network of one sample gives for the pixels 0, 1, 2, ... of (2, 4, 4).
std::vector<float> run_on_counting(network::GraphBuilder net, network::Tensor last, const network::Weights& weights = {}) {
  std::vector<float> pixels(32);
  std::iota(pixels.begin(), pixels.end(), 0.0F);
  const network::Tensor flat = net.flatten(last);
  return run_onnx(network::to_onnx(std::move(net).finish(flat), weights, {}), pixels, {1, 2, 4, 4});
}

TEST(OnnxOperations, MoveNumbersAsTheBuilderSays) {
  network::GraphBuilder net;
  const network::Tensor x = net.input({2, 4, 4});
  // Channel 1, rows 2 and 3, columns 0 and 2 summed over the row: by hand from pixel 16 c + 4 y + x.
  network::Tensor y = net.slice(net.slice(x, 1, 1, 2), 2, 2, 4);
  y = net.sum(net.transpose(net.reshape(y, {2, 2, 2}), {0, 1, 3, 2}), -1);
  EXPECT_THAT(run_on_counting(std::move(net), y), Pointwise(FloatNear(1e-5F), {24.0F + 26, 25.0F + 27, 28.0F + 30, 29.0F + 31}));
}

TEST(OnnxOperations, PoolAndJoin) {
  network::GraphBuilder net;
  const network::Tensor x = net.input({2, 4, 4});
  const network::Tensor highest = net.max_pool(x, {.kernel = 3, .stride = 2, .padding = 1});
  const network::Tensor mean = net.average_pool(x, {.kernel = 3, .stride = 2, .padding = 1});
  const network::Tensor joined = net.concat(std::array{highest, mean}, 1);
  // Windows of rows and columns {0, 1} and {1, 2, 3}: padding is no maximum and does not count in the mean.
  EXPECT_THAT(run_on_counting(std::move(net), joined), Pointwise(FloatNear(1e-5F), {5.0F, 7.0F, 13.0F, 15.0F, 21.0F, 23.0F, 29.0F, 31.0F,
                                                                                    2.5F, 4.0F, 8.5F, 10.0F, 18.5F, 20.0F, 24.5F, 26.0F}));
}

TEST(OnnxPreprocessing, IsWhatTrainingDoes) {
  using network::Preprocessing;
  network::Weights weights;
  const network::Graph graph = pixel_network(2, 4, weights);
  std::vector<float> raw = lensfind::testing::reference_cutouts("raw", 2, 2, 4);
  for (float& value : raw) value = 300 * (value - .3F);
  std::fill(raw.begin() + 16, raw.begin() + 32, 5.0F);  // a constant band
  for (const auto scaling : {Preprocessing::Scaling::none, Preprocessing::Scaling::minmax, Preprocessing::Scaling::noise}) {
    for (const auto stretch : {Preprocessing::Stretch::none, Preprocessing::Stretch::sqrt, Preprocessing::Stretch::asinh}) {
      const Preprocessing steps{scaling, stretch, {.2, .1}, {.5, 3}};
      std::vector<float> wanted = raw;
      for (std::size_t cutout = 0; cutout < 2; ++cutout) network::preprocess(steps, {{2, 4, 4}, wanted.data() + 32 * cutout});
      EXPECT_THAT(run_onnx(network::to_onnx(graph, weights, steps), raw, {2, 2, 4, 4}),
                  Pointwise(FloatNear(1e-5F * largest(wanted)), wanted));
    }
  }
}

}  // namespace
}  // namespace lensfind::model
