#include "lensfind/train/optimiser.h"

#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

namespace lensfind::train {
namespace {

/// A matrix [[1, 2]] that has the gradient [[3, 4]], and a vector [1] with the gradient [0].
struct Parameters {
  std::vector<at::Tensor> tensors{at::tensor({1.F, 2.F}).reshape({1, 2}).set_requires_grad(true),
                                  at::tensor({1.F}).set_requires_grad(true)};

  void set_gradients() {
    tensors[0].mutable_grad() = at::tensor({3.F, 4.F}).reshape({1, 2});
    tensors[1].mutable_grad() = at::zeros({1});
  }
  [[nodiscard]] double value(std::size_t tensor, std::int64_t i) const { return tensors[tensor].detach().flatten()[i].item<double>(); }
};

Recipe sgd() {
  Recipe recipe;
  recipe.optimiser = OptimiserKind::sgd;
  recipe.momentum = 0;
  recipe.weight_decay = 0;
  return recipe;
}

Parameters after_steps(const Recipe& recipe, int steps, double rate) {
  Parameters parameters;
  Optimiser optimiser{recipe, parameters.tensors, {"matrix", "vector"}};
  for (int i = 0; i < steps; ++i) {
    parameters.set_gradients();
    optimiser.step(rate);
  }
  return parameters;
}

TEST(Optimiser, SgdGoesDownTheGradient) {
  EXPECT_NEAR(after_steps(sgd(), 1, .1).value(0, 0), 1 - .3, 1e-6);
  EXPECT_NEAR(after_steps(sgd(), 1, .1).value(0, 1), 2 - .4, 1e-6);
}

TEST(Optimiser, NesterovMomentumAddsUp) {
  Recipe recipe = sgd();
  recipe.momentum = .9;
  // v1 = g, step g + .9 v1 = 1.9 g; v2 = 1.9 g, step g + .9 v2 = 2.71 g.
  EXPECT_NEAR(after_steps(recipe, 2, .1).value(0, 0), 1 - .1 * 3 * (1.9 + 2.71), 1e-5);
}

/// Channels last is another order of memory, not of the numbers.
TEST(Optimiser, StepsAreTheSameInEveryLayout) {
  for (const OptimiserKind kind : {OptimiserKind::adamw, OptimiserKind::sgd}) {
    std::vector<at::Tensor> after;
    for (const at::MemoryFormat format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
      Recipe recipe;
      recipe.optimiser = kind;
      at::manual_seed(1);
      at::Tensor kernel = at::randn({4, 3, 3, 2}).contiguous(format).set_requires_grad(true);
      Optimiser optimiser{recipe, {kernel}, {"kernel"}};
      for (int step = 0; step < 3; ++step) {
        kernel.mutable_grad() = at::randn({4, 3, 3, 2});  // gradients may come in either layout
        optimiser.step(.1);
      }
      after.push_back(kernel.detach().contiguous());
    }
    EXPECT_TRUE(after[0].allclose(after[1], 1e-6, 1e-7));
  }
}

TEST(Optimiser, ClippingShortensTheWholeGradientAndNeverLengthensIt) {
  Recipe recipe = sgd();
  recipe.clip_norm = 1;  // |(3, 4)| = 5
  EXPECT_NEAR(after_steps(recipe, 1, .1).value(0, 0), 1 - .3 / 5, 1e-6);
  recipe.clip_norm = 10;
  EXPECT_NEAR(after_steps(recipe, 1, .1).value(0, 0), 1 - .3, 1e-6);
}

TEST(Optimiser, AdamwsFirstStepIsTheRateAndDecayIsDecoupled) {
  Recipe recipe;
  recipe.weight_decay = .5;
  const Parameters parameters = after_steps(recipe, 1, .01);
  EXPECT_NEAR(parameters.value(0, 0), 1 * (1 - .01 * .5) - .01, 1e-6);
  EXPECT_NEAR(parameters.value(1, 0), 1 * (1 - .01 * .5), 1e-6);
}

TEST(Optimiser, NormsAndBiasesDecayOnlyWhereTheyShould) {
  Recipe recipe;
  recipe.weight_decay = .5;
  recipe.decay_norms = false;
  const Parameters parameters = after_steps(recipe, 1, .01);
  EXPECT_NEAR(parameters.value(0, 0), 1 * (1 - .01 * .5) - .01, 1e-6);
  EXPECT_DOUBLE_EQ(parameters.value(1, 0), 1);
}

}  // namespace
}  // namespace lensfind::train
