#include "lensfind/train/fine_tune.h"

#include <cmath>
#include <numeric>

#include <gmock/gmock.h>

#include "lensfind/base/random.h"
#include "lensfind/evaluate/curves.h"
#include "lensfind/image/symmetry.h"
#include "lensfind/network/graph_builder.h"
#include "lensfind/network/initialise.h"
#include "lensfind/train/head_features.h"

namespace lensfind::train {
namespace {

constexpr image::ImageShape cutout_shape{1, 8, 8};

/// Noise of mean `level`; the first half are lenses, `brighter` than the others.
dataset::Dataset noise(int count, double level, double brighter) {
  dataset::Dataset data;
  data.shape = cutout_shape;
  std::vector<float> pixels;
  for (int i = 0; i < count; ++i) {
    RandomStream random{static_cast<std::uint64_t>(i), Purpose::test};
    const bool lens = i < count / 2;
    data.samples.push_back({.id = std::to_string(i), .label = lens ? Label::lens : Label::non_lens, .group = std::to_string(i)});
    for (std::size_t p = 0; p < cutout_shape.values(); ++p)
      pixels.push_back(static_cast<float>(random.normal(level + (lens ? brighter : 0), 2)));
  }
  data.pixels = dataset::PixelStore{cutout_shape, std::move(pixels)};
  return data;
}

std::vector<std::int64_t> all(const dataset::Dataset& data) {
  std::vector<std::int64_t> samples(data.samples.size());
  std::iota(samples.begin(), samples.end(), 0);
  return samples;
}

/// convolution, batch norm, relu, average, two outputs.
network::Graph small_network() {
  network::GraphBuilder net;
  network::Tensor x = net.input({cutout_shape.bands, cutout_shape.height, cutout_shape.width});
  x = net.relu(net.batch_norm(net.conv(x, 4, {.kernel = 3}, "conv"), "norm", {}));
  const network::Tensor logits = net.linear(net.flatten(net.global_average(x)), 2, "fc");
  return std::move(net).finish(logits);
}

Recipe recipe(int epochs) {
  Recipe recipe;
  recipe.imbalance = {};
  recipe.batch = 8;
  recipe.epochs = epochs;
  recipe.rate = .01;
  recipe.schedule = ScheduleKind::constant;
  recipe.loss = LossKind::softmax;
  recipe.augmentation = {{.name = "d4"}};
  recipe.ema_decay = .8;
  return recipe;
}

struct FineTune : ::testing::Test {
  network::Graph graph = small_network();
  network::Preprocessing plain = {};
  network::Weights weights = network::initialise(graph, 1);
  dataset::Dataset data = noise(60, 1, 1.2);
  std::vector<std::int64_t> samples = all(data);

  [[nodiscard]] FineTuned tuned(Recipe by) const {
    return fine_tune({graph, plain, weights}, {.recipe = std::move(by), .train = {data, samples}, .judged = {data, samples}, .threads = 1});
  }
};

TEST_F(FineTune, LearnsTheLabels) {
  std::vector<Label> labels;
  for (const dataset::Sample& sample : data.samples) labels.push_back(sample.label);
  const FineTuned result = tuned(recipe(12));
  EXPECT_GT(evaluate::auc(result.logits.back(), labels), .97);
  EXPECT_EQ(logits_of({graph, plain, result.weights}, {data, samples}, 1), result.logits.back());
}

TEST_F(FineTune, AfterEachEpochSaysWhatARunOfSoManyEndsWith) {
  const FineTuned three = tuned(recipe(3)), one = tuned(recipe(1));
  EXPECT_EQ(three.logits.front(), one.logits.back());
  EXPECT_NE(three.logits.back(), one.logits.back());
}

TEST_F(FineTune, LastLayerOfItsFeaturesIsItsLogit) {
  const std::vector<std::int64_t> some{3, 40, 7};
  const std::vector<float>&weight = weights.at("fc.weight").values, &bias = weights.at("fc.bias").values;
  for (const int views : {1, 8}) {
    const HeadFeatures features = head_features({graph, plain, weights}, {data, some}, views, 1);
    ASSERT_EQ(features.columns, 4u);
    const std::vector<double> logits = logits_of({graph, plain, weights}, {data, some}, 1, views);
    for (std::size_t i = 0; i < some.size(); ++i) {
      double logit = static_cast<double>(bias[1] - bias[0]);
      for (std::size_t c = 0; c < 4; ++c) logit += static_cast<double>(weight[4 + c] - weight[c]) * features.values[4 * i + c];
      EXPECT_NEAR(logits[i], logit, 1e-5) << views;
    }
  }
}

TEST_F(FineTune, MeansOverTheSymmetriesAreAlikeForATurnedImage) {
  dataset::Dataset turned = data;
  std::vector<float> pixels;
  for (std::int64_t i = 0; i < data.size(); ++i) {
    image::Image image{cutout_shape};
    data.pixels.read(i, image.values());
    image::rotate90(image.view(), 1);
    pixels.insert(pixels.end(), image.values().begin(), image.values().end());
  }
  turned.pixels = dataset::PixelStore{cutout_shape, std::move(pixels)};
  const std::vector<double> a = logits_of({graph, plain, weights}, {data, samples}, 1, 8),
                            b = logits_of({graph, plain, weights}, {turned, samples}, 1, 8),
                            one = logits_of({graph, plain, weights}, {turned, samples}, 1, 1);
  double apart = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_NEAR(a[i], b[i], 1e-5);
    apart = std::max(apart, std::abs(a[i] - one[i]));
  }
  EXPECT_GT(apart, 1e-3);
}

TEST_F(FineTune, LeavesFrozenBatchNormsAlone) {
  Recipe frozen = recipe(2);
  frozen.freeze = {"norm"};
  const FineTuned result = tuned(frozen);
  EXPECT_EQ(result.weights.at("norm.running_mean").values, weights.at("norm.running_mean").values);
  EXPECT_NE(result.weights.at("conv.weight").values, weights.at("conv.weight").values);
  EXPECT_NE(tuned(recipe(2)).weights.at("norm.running_mean").values, weights.at("norm.running_mean").values);
}

/// The first layer is a batch norm of the pixels: its statistics are theirs.
TEST(NormStatistics, BecomeTheSamples) {
  network::GraphBuilder net;
  network::Tensor x = net.batch_norm(net.input({cutout_shape.bands, cutout_shape.height, cutout_shape.width}), "norm", {});
  const network::Tensor logits = net.linear(net.flatten(net.global_average(x)), 1, "fc");
  const network::Graph graph = std::move(net).finish(logits);
  const network::Weights weights = network::initialise(graph, 1);
  const dataset::Dataset data = noise(64, 5, 0);
  double sum = 0, squares = 0, count = 0;
  std::vector<float> pixels(cutout_shape.values());
  for (std::int64_t i = 0; i < data.size(); ++i) {
    data.pixels.read(i, pixels);
    for (const float value : pixels) {
      sum += static_cast<double>(value);
      squares += static_cast<double>(value) * static_cast<double>(value);
      ++count;
    }
  }
  const double mean = sum / count, variance = squares / count - mean * mean;
  const std::vector<std::int64_t> samples = all(data);
  const network::Weights whole = refresh_norm_statistics({graph, {}, weights}, {data, samples}, 1, 1, 64, 0, 1);
  EXPECT_NEAR(whole.at("norm.running_mean").values[0], mean, 1e-4);
  EXPECT_NEAR(whole.at("norm.running_var").values[0], variance * count / (count - 1), 1e-3);
  const network::Weights half = refresh_norm_statistics({graph, {}, weights}, {data, samples}, .5, 2, 32, 0, 1);
  EXPECT_NEAR(half.at("norm.running_mean").values[0], mean / 2, 1e-4);  // from 0
  EXPECT_NEAR(half.at("norm.running_var").values[0], (1 + variance) / 2, .01);
  EXPECT_EQ(half.at("fc.weight").values, weights.at("fc.weight").values);
}

}  // namespace
}  // namespace lensfind::train
