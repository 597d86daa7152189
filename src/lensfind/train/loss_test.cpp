#include "lensfind/train/loss.h"

#include <cmath>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lensfind::train {
namespace {

double value(std::vector<float> logits, std::int64_t outputs, std::vector<float> lens, const LossSettings& settings) {
  const auto count = static_cast<std::int64_t>(lens.size());
  const at::Tensor z = at::from_blob(logits.data(), {count, outputs}, at::kFloat);
  return loss(z, at::from_blob(lens.data(), {count}, at::kFloat), settings).item<double>();
}

double softplus(double x) { return std::log1p(std::exp(x)); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

TEST(Loss, BceOfOneOutputIsItsClosedForm) {
  EXPECT_NEAR(value({0, 0}, 1, {0, 1}, {}), std::log(2.0), 1e-6);
  EXPECT_NEAR(value({1.5F, -.5F}, 1, {1, 0}, {.positive_weight = 4}), (4 * softplus(-1.5) + softplus(-.5)) / 2, 1e-6);
}

TEST(Loss, BceOfTwoOutputsWeighsTheHotElementOfBothClasses) {
  // One lens (targets 0, 1) and one non-lens (targets 1, 0), w = 3: the cold elements weigh 1.
  const double expected = (softplus(.2) + 3 * softplus(-.7) + 3 * softplus(.4) + softplus(-.9)) / 4;
  EXPECT_NEAR(value({.2F, .7F, -.4F, -.9F}, 2, {1, 0}, {.positive_weight = 3}), expected, 1e-6);
}

TEST(Loss, SoftmaxIsTheWeightedMeanOfItsLogarithms) {
  const double lens = softplus(.2 - .7), non_lens = softplus(-.9 + .4);
  EXPECT_NEAR(value({.2F, .7F, -.4F, -.9F}, 2, {1, 0}, {.kind = LossKind::softmax, .positive_weight = 3}), (3 * lens + non_lens) / 4, 1e-6);
}

TEST(Loss, FocalLessensWhatIsEasy) {
  const LossSettings focal{.kind = LossKind::focal, .focal_gamma = 2};
  EXPECT_NEAR(value({3}, 1, {1}, focal), std::pow(sigmoid(-3), 2) * softplus(-3), 1e-7);
  EXPECT_NEAR(value({3}, 1, {0}, focal), std::pow(sigmoid(3), 2) * softplus(3), 1e-5);
}

TEST(Loss, FocalOfGammaZeroIsBce) {
  const std::vector<float> logits{.3F, -2, 1, .5F};
  EXPECT_NEAR(value(logits, 2, {1, 0}, {.kind = LossKind::focal, .focal_gamma = 0}), value(logits, 2, {1, 0}, {}), 1e-7);
}

TEST(Loss, LabelSmoothingSpreadsTheTargetOverBothClasses) {
  EXPECT_NEAR(value({2}, 1, {1}, {.label_smoothing = .2}), .9 * softplus(-2) + .1 * softplus(2), 1e-6);
}

TEST(Loss, StaysFiniteFarOut) {
  EXPECT_NEAR(value({-200}, 1, {1}, {}), 200, 1e-4);
  EXPECT_NEAR(value({-200, 200}, 2, {0}, {.kind = LossKind::softmax}), 400, 1e-4);
}

TEST(Loss, TheStudysOptimumIsTwiceTheLogOdds) {
  // Of n cutouts that look alike a fraction q are lenses: at z1 = L + ln w, z0 = -L + ln w (docs/training.md) the gradient vanishes.
  const double odds = std::log(.3 / .7), weight = 5;
  std::vector<float> lens(10, 0);
  std::fill_n(lens.begin(), 3, 1.F);
  at::Tensor z = at::tensor({-odds + std::log(weight), odds + std::log(weight)}, at::kFloat).set_requires_grad(true);
  loss(z.unsqueeze(0).expand({10, 2}), at::from_blob(lens.data(), {10}, at::kFloat), {.positive_weight = weight}).backward();
  EXPECT_LT(z.grad().abs().max().item<double>(), 1e-6);
}

}  // namespace
}  // namespace lensfind::train
