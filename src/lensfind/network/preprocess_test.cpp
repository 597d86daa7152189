#include "lensfind/network/preprocess.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::network {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Pointwise;

std::vector<float> prepared(const Preprocessing& steps, int bands, std::vector<float> values) {
  preprocess(steps, bands, values.size() / static_cast<std::size_t>(bands), values.data());
  return values;
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
