#include <algorithm>
#include <cmath>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/cutouts/test_folder.h"
#include "lensfind/network/graph_builder.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/onnx.h"
#include "lensfind/score/engine.h"
#include "tests/network_reference.h"
#include "tests/reference_fill.h"

namespace lensfind::score {
namespace {

using lensfind::testing::reference_cutouts;
using lensfind::testing::reference_weights;
using ::testing::FloatNear;
using ::testing::Pointwise;
namespace fs = std::filesystem;

class OpenVinoEngines : public cutouts::TestFolder {
 protected:
  fs::path write(const network::Graph& graph, const std::string& name = "model.onnx") const {
    text(name, network::to_onnx(graph, reference_weights(graph), {}));
    return folder_ / name;
  }
  /// A convolution and a linear layer: (2, 16, 16) pixels to `outputs` logits.
  static network::Graph small(std::int64_t outputs) {
    network::GraphBuilder net;
    const network::Tensor x = net.relu(net.conv(net.input({2, 16, 16}), 8, {.kernel = 3}, "conv"));
    const network::Tensor logits = net.linear(net.flatten(net.global_average(x)), outputs, "fc");
    return std::move(net).finish(logits);
  }
};

TEST_F(OpenVinoEngines, GiveTimmsAndPyTorchsLogits) {
  for (const std::string name :
       {"resnet18", "resnet18_se", "resnet18_cbam", "resnet18_coordinate", "resnet18_self_attention", "equivariant_d4"}) {
    std::vector<float> wanted;
    const Value numbers = read_json(lensfind::testing::network_reference(name));
    for (const Value& row : numbers.at("eval_logits").as_array()) {
      for (const Value& value : row.as_array()) wanted.push_back(static_cast<float>(value.as_number()));
    }
    const auto engine = open_engine(write(network::build_network(name, 3, 64, 2), name + ".onnx"));
    EXPECT_EQ(engine->shape(), (image::ImageShape{3, 64, 64}));
    EXPECT_EQ(engine->outputs(), 2);
    const float largest = std::ranges::max(wanted, {}, [](float x) { return std::abs(x); });
    EXPECT_THAT(engine->run(reference_cutouts("input", 4), 4), Pointwise(FloatNear(1e-4F * std::abs(largest)), wanted)) << name;
  }
}

TEST_F(OpenVinoEngines, GiveACutoutTheSameLogitInAnyCompanyAndWithAnyThreads) {
  const fs::path onnx = write(network::build_network("resnet18", 1, 32, 1));
  const auto engine = open_engine(onnx, {.threads = 1});
  const std::vector<float> cutouts = reference_cutouts("input", 70, 1, 32);
  const std::vector<float> together = engine->run(cutouts, 70);
  ASSERT_EQ(together.size(), 70u);
  EXPECT_EQ(open_engine(onnx, {.threads = 3})->run(cutouts, 70), together);
  for (const std::size_t i : {0u, 33u, 69u}) {
    EXPECT_EQ(engine->run(std::span{cutouts}.subspan(i * 1024, 1024), 1), std::vector<float>{together[i]});
  }
}

TEST_F(OpenVinoEngines, ComputeInBf16WhenAsked) {
  if (!processor_has_bf16()) GTEST_SKIP() << "this processor has no bf16";
  const fs::path onnx = write(network::build_network("resnet18", 1, 32, 1));
  const std::vector<float> cutouts = reference_cutouts("input", 8, 1, 32);
  const std::vector<float> exact = open_engine(onnx)->run(cutouts, 8);
  const std::vector<float> rounded = open_engine(onnx, {.precision = Precision::bf16})->run(cutouts, 8);
  EXPECT_NE(rounded, exact);
  EXPECT_THAT(rounded, Pointwise(FloatNear(.05F * std::abs(exact[0])), exact));
}

/// `cutouts` as counts of a survey: 300 above a sky of 10,000, which bf16 (8 bits) cannot tell from a constant.
std::vector<float> as_counts(std::vector<float> cutouts) {
  for (float& pixel : cutouts) pixel = 10000 + 300 * pixel;
  return cutouts;
}

const network::Preprocessing scaled{.scaling = network::Preprocessing::Scaling::minmax, .mean = {.2, .3}, .std_dev = {.1, .2}};

TEST_F(OpenVinoEngines, ScaleRawCountsExactlyInBf16) {
  if (!processor_has_bf16()) GTEST_SKIP() << "this processor has no bf16";
  const network::Graph graph = network::build_network("resnet18", 2, 32, 1);
  text("model.onnx", network::to_onnx(graph, reference_weights(graph), scaled));
  const auto engine = open_engine(folder_ / "model.onnx", {.precision = Precision::bf16});
  const std::vector<float> exact = open_engine(folder_ / "model.onnx")->run(as_counts(reference_cutouts("input", 40, 2, 32)), 40);
  const std::vector<float> counts = engine->run(as_counts(reference_cutouts("input", 40, 2, 32)), 40);
  EXPECT_NE(counts, exact);
  EXPECT_THAT(counts, Pointwise(FloatNear(.05F * std::abs(exact[0])), exact));
}

TEST_F(OpenVinoEngines, ScaleForEachMemberOfAnEnsembleInBf16) {
  if (!processor_has_bf16()) GTEST_SKIP() << "this processor has no bf16";
  const network::Graph graph = network::build_network("resnet18", 2, 32, 1);
  const network::Weights weights = reference_weights(graph);
  const network::Preprocessing stretched{.scaling = scaled.scaling, .stretch = network::Preprocessing::Stretch::sqrt};
  const network::EnsembleMember members[] = {{graph, weights, scaled}, {graph, weights, stretched}};
  text("both.onnx", network::ensemble_to_onnx(members, network::Combine::logit));
  const std::vector<float> counts = as_counts(reference_cutouts("input", 40, 2, 32));
  const std::vector<float> exact = open_engine(folder_ / "both.onnx")->run(counts, 40);
  const std::vector<float> rounded = open_engine(folder_ / "both.onnx", {.precision = Precision::bf16})->run(counts, 40);
  EXPECT_THAT(rounded, Pointwise(FloatNear(.05F * std::abs(exact[0])), exact));
}

TEST_F(OpenVinoEngines, CombineTheLogitsOfAnEnsembleInF32) {
  if (!processor_has_bf16()) GTEST_SKIP() << "this processor has no bf16";
  const network::Graph graphs[] = {network::build_network("resnet18", 2, 32, 2), network::build_network("tf_efficientnet_b0", 2, 32, 1)};
  const network::Weights weights[] = {reference_weights(graphs[0]), reference_weights(graphs[1])};
  const network::EnsembleMember members[] = {{graphs[0], weights[0], scaled}, {graphs[1], weights[1], scaled}};
  text("both.onnx", network::ensemble_to_onnx(members, network::Combine::logit));
  text("0.onnx", network::to_onnx(graphs[0], weights[0], scaled));
  text("1.onnx", network::to_onnx(graphs[1], weights[1], scaled));
  const std::vector<float> counts = as_counts(reference_cutouts("input", 40, 2, 32));
  const auto rounded = [&](const char* name) { return open_engine(folder_ / name, {.precision = Precision::bf16})->run(counts, 40); };
  const std::vector<float> first = rounded("0.onnx"), second = rounded("1.onnx");
  std::vector<float> means;
  for (std::size_t i = 0; i < 40; ++i) means.push_back((first[2 * i + 1] - first[2 * i] + second[i]) / 2);
  EXPECT_THAT(rounded("both.onnx"), Pointwise(FloatNear(1e-5F * std::abs(means[0])), means));
}

TEST_F(OpenVinoEngines, KeepCompiledNetworks) {
  const fs::path onnx = write(small(1));
  const std::vector<float> cutouts = reference_cutouts("input", 3, 2, 16);
  const std::vector<float> first = open_engine(onnx, {.cache_folder = folder_ / "cache"})->run(cutouts, 3);
  EXPECT_FALSE(fs::is_empty(folder_ / "cache"));
  EXPECT_EQ(open_engine(onnx, {.cache_folder = folder_ / "cache"})->run(cutouts, 3), first);
  for (const auto& entry : fs::directory_iterator{folder_ / "cache"}) fs::resize_file(entry, fs::file_size(entry) / 2);
  EXPECT_EQ(open_engine(onnx, {.cache_folder = folder_ / "cache"})->run(cutouts, 3), first);
  EXPECT_EQ(open_engine(onnx, {.cache_folder = "/proc/no-such-folder"})->run(cutouts, 3), first);
}

TEST_F(OpenVinoEngines, RefuseWhatIsNoNetworkOfCutouts) {
  EXPECT_THROW(open_engine(write(small(3))), Error);
  EXPECT_THROW(open_engine(folder_ / "none.onnx"), Error);
  text("text.onnx", "this is text");
  EXPECT_THROW(open_engine(folder_ / "text.onnx"), Error);
  text("zeros.onnx", std::string(100, '\0'));
  EXPECT_THROW(open_engine(folder_ / "zeros.onnx"), Error);
}

TEST_F(OpenVinoEngines, SurviveDamagedFiles) {
  const std::string whole = read_text(write(small(2)));
  const std::vector<float> cutouts = reference_cutouts("input", 1, 2, 16);
  for (std::size_t i = 0; i < whole.size(); i += whole.size() / 30) {
    std::string cut = whole.substr(0, i);
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x55);
    for (const std::string& damaged : {cut, flipped}) {
      text("damaged.onnx", damaged);
      try {
        open_engine(folder_ / "damaged.onnx")->run(cutouts, 1);
      } catch (const Error& error) {
        EXPECT_FALSE(error.hint().empty());
      }
    }
  }
}

}  // namespace
}  // namespace lensfind::score
