#include "lensfind/network/preprocess.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"

namespace lensfind::network {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Pointwise;

std::vector<float> prepared(const Preprocessing& steps, int bands, std::vector<float> values) {
  preprocess(steps, {{bands, 1, static_cast<int>(values.size()) / bands}, values.data()});
  return values;
}

/// White noise of this standard deviation, 96 pixels a side.
std::vector<float> white_noise(double std_dev) {
  RandomStream random{1, Purpose::test};
  std::vector<float> pixels(std::size_t{96} * 96);
  for (float& pixel : pixels) pixel = static_cast<float>(random.normal(0, std_dev));
  return pixels;
}

TEST(Preprocess, ScatterIsTheStandardDeviationOfWhiteNoise) {
  std::vector<float> pixels = white_noise(2.5);
  EXPECT_NEAR(pixel_scatter(pixels, 96, 96), 2.5, .03 * 2.5);
  // Nor does a filled strip change it.
  std::vector<float> filled = pixels;
  std::fill(filled.begin(), filled.begin() + 96 * 30, .5F);
  EXPECT_NEAR(pixel_scatter(filled, 96, 96), 2.5, .03 * 2.5);
  // A level and a galaxy over a tenth of the pixels raise it by less than a third.
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const double row = static_cast<double>(i) / 96 - 48, column = static_cast<double>(i % 96) - 48;
    pixels[i] += static_cast<float>(40 + 500 * std::exp(-(row * row + column * column) / (2 * 4 * 4)));
  }
  EXPECT_NEAR(pixel_scatter(pixels, 96, 96), 2.5, .35 * 2.5);
}

TEST(Preprocess, ScalesByNoiseInAnyUnit) {
  std::vector<float> pixels = white_noise(1), others = pixels;
  for (float& pixel : others) pixel *= 3e-9F;
  const Preprocessing steps{.scaling = Preprocessing::Scaling::noise};
  preprocess(steps, {{1, 96, 96}, pixels.data()});
  preprocess(steps, {{1, 96, 96}, others.data()});
  double sum = 0;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    EXPECT_NEAR(pixels[i], others[i], 1e-5);
    sum += pixels[i] * pixels[i];
  }
  EXPECT_NEAR(std::sqrt(sum / static_cast<double>(pixels.size())), 1. / 30, .03 / 30);
  // Without noise, and without light.
  EXPECT_THAT(prepared(steps, 1, {5, 5, 5, 5}),
              ElementsAre(FloatNear(333.333F, .01F), FloatNear(333.333F, .01F), FloatNear(333.333F, .01F), FloatNear(333.333F, .01F)));
  EXPECT_THAT(prepared(steps, 1, {0, 0, 0}), ElementsAre(0, 0, 0));
}

TEST(Preprocess, ScalesEachBandByItselfAndAConstantBandToZero) {
  EXPECT_THAT(prepared({.scaling = Preprocessing::Scaling::minmax}, 3, {-1, 0, 3, 7, 7, 7, 1e-3F, 3e-3F, 2e-3F}),
              Pointwise(FloatNear(1e-6F), {0.0F, .25F, 1.0F, 0.0F, 0.0F, 0.0F, 0.0F, 1.0F, .5F}));
}

TEST(Preprocess, StretchesOddly) {
  EXPECT_THAT(prepared({.stretch = Preprocessing::Stretch::sqrt}, 1, {-4, 0, .25F}), ElementsAre(-2, 0, .5F));
  // asinh(5) / asinh(10) = 2.312438 / 2.998223.
  EXPECT_THAT(prepared({.stretch = Preprocessing::Stretch::asinh}, 1, {-.5F, 0, 1}), Pointwise(FloatNear(1e-6F), {-.7712697F, 0.0F, 1.0F}));
}

TEST(Preprocess, NormalisesLast) {
  const Preprocessing steps{Preprocessing::Scaling::minmax, Preprocessing::Stretch::sqrt, {.5, 0}, {.25, 2}};
  EXPECT_THAT(prepared(steps, 2, {0, 4, 1, 0, 4, 1}), ElementsAre(-2, 2, 0, 0, .5F, .25F));
}

TEST(Preprocess, ChecksItsNumbers) {
  EXPECT_THROW(check_preprocessing({.mean = {1, 2}}, 3, "model.json"), Error);
  EXPECT_THROW(check_preprocessing({.std_dev = {1, 0, 1}}, 3, "model.json"), Error);
  EXPECT_NO_THROW(check_preprocessing({.mean = {1, 2, 3}}, 3, "model.json"));
}

}  // namespace
}  // namespace lensfind::network
