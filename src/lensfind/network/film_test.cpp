#include "lensfind/network/film.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/onnx.h"
#include "lensfind/network/onnx_file.h"
#include "lensfind/network/preprocess.h"

namespace lensfind::network {
namespace {

constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

std::vector<std::string> film_parameters(const Graph& graph) {
  std::vector<std::string> names;
  for (const Parameter& parameter : graph.parameters())
    if (parameter.name.starts_with("film.")) names.push_back(parameter.name);
  return names;
}

std::vector<std::int64_t> shape_of(const Graph& graph, const std::string& parameter) {
  for (const Parameter& one : graph.parameters())
    if (one.name == parameter) return one.shape;
  return {};
}

TEST(Film, ModulatesTheStemAndEachStageOfAResNet) {
  const Graph graph = with_film(build_network("resnet18_half", 3, 64, 2));
  EXPECT_TRUE(has_film(graph));
  EXPECT_EQ(film_parameters(graph).size(), 5 * 4U);  // scale and shift, weight and bias, of the stem and four stages
  EXPECT_EQ(shape_of(graph, "film.0.scale.weight"), (std::vector<std::int64_t>{32, 6}));
  EXPECT_EQ(shape_of(graph, "film.4.shift.weight"), (std::vector<std::int64_t>{256, 6}));
  // (2 x 3 + 1) numbers for scale and shift of 32 + 32 + 64 + 128 + 256 channels.
  EXPECT_EQ(graph.parameter_count() - build_network("resnet18_half", 3, 64, 2).parameter_count(), 7 * 2 * (32 + 32 + 64 + 128 + 256));
}

TEST(Film, IsReadByTheNextLayerAloneSoThatNothingPassesItBy) {
  const Graph graph = with_film(build_network("resnet18_half", 3, 64, 2));
  int matches = 0;
  for (std::size_t i = 0; i + 1 < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const bool scales = node.operation == Operation::multiply && graph.nodes[static_cast<std::size_t>(node.inputs[1])].shape.size() == 3;
    if (!scales) continue;
    ++matches;
    int readers = 0;
    for (const Node& reader : graph.nodes)
      readers += static_cast<int>(std::count(reader.inputs.begin(), reader.inputs.end(), node.inputs[0]));
    EXPECT_EQ(readers, 1) << "node " << i;
  }
  EXPECT_EQ(matches, 5);  // the stem and four stages
}

TEST(Film, BeginsAsScaleOneAndShiftZero) {
  const Graph graph = with_film(build_network("resnet18_half", 1, 64, 1));
  const Weights weights = initialise(graph, 7);
  for (const std::string& name : film_parameters(graph)) {
    const float wanted = name.ends_with("scale.bias") ? 1.F : 0.F;
    for (const float value : weights.at(name).values) ASSERT_EQ(value, wanted) << name;
  }
}

TEST(Film, FitsEveryNetworkButTheEquivariantOnes) {
  for (const Architecture& architecture : architectures()) {
    const Graph graph = build_network(architecture.name, 3, 64, 2);
    if (architecture.name.starts_with("equivariant")) {
      EXPECT_THROW(with_film(graph), Error) << architecture.name;
    } else {
      EXPECT_GE(film_parameters(with_film(graph)).size(), 3 * 4U) << architecture.name;
    }
  }
}

TEST(Quality, IsStandardisedByMeanAndScatterAndTheMeanWhereNotKnown) {
  const QualityScale scale{.seeing_mean = {.8, .6}, .seeing_std = {.1, .2}, .log_noise_mean = {-2, 0}, .log_noise_std = {.5, 1}};
  // Rows of 0, 1, 0, 1, ...: each difference along a row is 1 and none lies between rows, so that the scatter is 1 / 0.8581343.
  std::vector<float> pixels(2 * 16 * 16);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(i % 2);
  const image::ImageView cutout{{2, 16, 16}, pixels.data()};
  const float noise = std::log(1 / .8581343F);
  std::vector<float> out(4);
  standardised_quality(scale, std::vector<float>{.95F, unknown}, cutout, out);
  EXPECT_NEAR(out[0], 1.5, 1e-5);
  EXPECT_EQ(out[1], 0);
  EXPECT_NEAR(out[2], (noise + 2) / .5, 1e-4);
  EXPECT_NEAR(out[3], noise, 1e-4);
  standardised_quality(scale, {}, cutout, out);
  EXPECT_EQ(out[0], 0);
}

TEST(Quality, OfAnotherUnitCountsAsNotKnown) {
  const QualityScale scale{.seeing_mean = {.8}, .seeing_std = {.1}, .log_noise_mean = {20}, .log_noise_std = {1}};
  std::vector<float> pixels(16 * 16);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(i % 2);
  std::vector<float> out(2);
  standardised_quality(scale, std::vector<float>{4.F}, {{1, 16, 16}, pixels.data()}, out);  // pixels, not arcsec
  EXPECT_EQ(out[0], 0);
  EXPECT_EQ(out[1], 0);
}

TEST(Quality, ScaleTakesWhatIsKnownAndSeesWhatDoesNotVary) {
  const std::vector<std::vector<float>> rows{{1, .5F, 3, 0}, {unknown, .5F, 5, 0}, {3, .5F, 4, 0}};
  const QualityScale scale = quality_scale(rows, 2);
  EXPECT_DOUBLE_EQ(scale.seeing_mean[0], 2);
  EXPECT_DOUBLE_EQ(scale.seeing_std[0], 1);
  EXPECT_EQ(scale.seeing_std[1], 0);
  EXPECT_DOUBLE_EQ(scale.log_noise_mean[0], 4);
  EXPECT_NEAR(scale.log_noise_std[0], std::sqrt(2. / 3), 1e-12);
  EXPECT_THROW(check_quality_scale(scale, 3, "a file"), Error);
}

TEST(Onnx, TakesTheSeeingOnlyWhereTheNetworkHasFilm) {
  const Graph plain = build_network("student", 1, 64, 1), film = with_film(plain);
  const QualityScale scale{.seeing_mean = {.8}, .seeing_std = {.1}, .log_noise_mean = {0}, .log_noise_std = {1}};
  const std::string without = to_onnx(plain, initialise(plain, 1), {}), with = to_onnx(film, initialise(film, 1), {.quality = scale});
  EXPECT_FALSE(parse_onnx(without, ".", "a file").takes_seeing);
  EXPECT_TRUE(parse_onnx(with, ".", "a file").takes_seeing);  // and one input that must be given
  EXPECT_EQ(with_seeing_open(without), without);
  EXPECT_LT(with_seeing_open(with).size(), with.size());
  EXPECT_THROW(parse_onnx(with_seeing_open(with), ".", "a file"), Error);  // two inputs that must be
  EXPECT_THROW(to_onnx(film, initialise(film, 1), {}), Error);
  EXPECT_THROW(to_onnx(plain, initialise(plain, 1), {.quality = scale}), Error);
}

}  // namespace
}  // namespace lensfind::network
