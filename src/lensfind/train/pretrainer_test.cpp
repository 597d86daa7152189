#include "lensfind/train/pretrainer.h"

#include <cmath>

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/networks.h"
#include "lensfind/train/pretrain_loss.h"

namespace lensfind::train {
namespace {

constexpr std::size_t batch_size = 12, values = std::size_t{2} * 32 * 32;

PretrainRecipe small_recipe(PretrainMethod method) {
  PretrainRecipe recipe = pretrain_recipe(method);
  recipe.network = "student";
  recipe.hidden = 24;
  recipe.projection = 16;
  recipe.target_momentum = .9;
  recipe.seed = 7;
  return recipe;
}

network::Graph student() { return network::build_network("student", 2, 32, 2); }

TrainBatch noise(std::uint64_t seed) {
  TrainBatch batch{std::vector<float>(batch_size * values), std::vector<float>(batch_size), std::vector<std::int64_t>(batch_size)};
  RandomStream random{seed, Purpose::test};
  for (float& value : batch.pixels) value = static_cast<float>(random.normal());
  return batch;
}

PretrainBatch pair() { return {.first = noise(1), .again = noise(2)}; }

network::Weights part_of(const network::Weights& state, const std::string& name) {
  network::Weights part;
  for (const auto& [key, array] : state)
    if (key.starts_with(name + "/")) part.emplace(key.substr(name.size() + 1), array);
  return part;
}

std::vector<std::vector<double>> rows(const at::Tensor& tensor) {
  const at::Tensor host = tensor.detach().to(at::kDouble).contiguous();
  std::vector<std::vector<double>> out;
  for (std::int64_t i = 0; i < host.size(0); ++i)
    out.emplace_back(host.const_data_ptr<double>() + i * host.size(1), host.const_data_ptr<double>() + (i + 1) * host.size(1));
  return out;
}

/// 2 - 2 cos, the mean over rows, by hand.
double apart(const at::Tensor& a, const at::Tensor& b) {
  const auto x = rows(a), y = rows(b);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    double xx = 0, yy = 0, xy = 0;
    for (std::size_t k = 0; k < x[i].size(); ++k) {
      xx += x[i][k] * x[i][k];
      yy += y[i][k] * y[i][k];
      xy += x[i][k] * y[i][k];
    }
    sum += 2 - 2 * xy / std::sqrt(xx * yy);
  }
  return sum / static_cast<double>(x.size());
}

class Views : public ::testing::Test {
 protected:
  PretrainRecipe recipe_ = small_recipe(PretrainMethod::byol);
  std::unique_ptr<Pretrainer> pretrainer(std::int64_t steps = 100) const {
    return pretrain_on_views({recipe_, student(), "cpu", false, steps});
  }

  /// What a network of the state gives of a view, in training mode; for predictions also through the predictor.
  at::Tensor told(const network::Weights& state, const std::string& of, const TrainBatch& view) const {
    const network::Graph graph = student();
    Executor encoder{graph, part_of(state, of + "encoder"), "cpu"};
    const auto head = static_cast<std::size_t>(graph.nodes.back().inputs[0]);
    const at::Tensor pixels = at::from_blob(const_cast<float*>(view.pixels.data()), {batch_size, 2, 32, 32}, at::kFloat);  // NOLINT
    const at::Tensor features = encoder.value_of(head, pixels, Mode::training);
    const network::Graph layers = two_layers("projector", features.size(1), recipe_.hidden, recipe_.projection);
    Executor projector{layers, part_of(state, of + "projector"), "cpu"};
    const at::Tensor projection = projector.forward(features.reshape({batch_size, -1, 1, 1}), Mode::training);
    if (!of.empty()) return projection;
    Executor predictor{two_layers("predictor", recipe_.projection, recipe_.hidden, recipe_.projection), part_of(state, "predictor"), "cpu"};
    return predictor.forward(projection.reshape({batch_size, -1, 1, 1}), Mode::training);
  }
};

TEST_F(Views, TheLossIsThatOfPredictionsAndTheOtherViewsTarget) {
  const auto learner = pretrainer();
  learner->step(pair(), 1e-3);  // so that online network and target differ
  const network::Weights state = learner->state();
  const PretrainBatch both = pair();
  const double expected = (apart(told(state, "", both.first), told(state, "target_", both.again)) +
                           apart(told(state, "", both.again), told(state, "target_", both.first))) /
                          2;
  EXPECT_NEAR(learner->step(both, 1e-3), expected, 1e-5);
}

TEST_F(Views, TheTargetFollowsByItsMomentumAndByNoGradient) {
  const auto learner = pretrainer(4);
  network::Weights before = learner->state();
  EXPECT_EQ(part_of(before, "target_encoder").at("stem.conv.weight").values, part_of(before, "encoder").at("stem.conv.weight").values);
  for (const double kept : {target_momentum(.9, 0, 4), target_momentum(.9, 1, 4), target_momentum(.9, 2, 4)}) {
    learner->step(pair(), 1e-2);
    const network::Weights after = learner->state();
    for (const std::string part : {"encoder", "projector"}) {
      const network::Weights old_target = part_of(before, "target_" + part), target = part_of(after, "target_" + part),
                             online = part_of(after, part);
      for (const auto& [name, array] : target) {
        if (name.find("running") != std::string::npos || name.starts_with("fc.")) continue;
        for (std::size_t i = 0; i < array.values.size(); ++i)
          ASSERT_NEAR(array.values[i], kept * old_target.at(name).values[i] + (1 - kept) * online.at(name).values[i], 1e-6) << part << name;
      }
    }
    before = after;
  }
}

TEST_F(Views, ATargetThatKeepsAllStays) {
  recipe_.target_momentum = 1;
  const auto learner = pretrainer();
  const network::Weights before = learner->state();
  for (int i = 0; i < 3; ++i) learner->step(pair(), 1e-2);
  const network::Weights after = learner->state();
  for (const char* name : {"target_encoder/stem.conv.weight", "target_projector/projector.3.weight"})
    EXPECT_EQ(after.at(name).values, before.at(name).values) << name;
  EXPECT_NE(after.at("encoder/stem.conv.weight").values, before.at("encoder/stem.conv.weight").values);
}

TEST_F(Views, LearnToPredictTheOtherView) {
  const auto learner = pretrainer();
  const PretrainBatch same{.first = noise(1), .again = noise(1)};
  const double first = learner->step(same, 3e-3);
  double last = first;
  for (int i = 0; i < 30; ++i) last = learner->step(same, 3e-3);
  EXPECT_LT(last, .5 * first);
}

TEST_F(Views, AStateThatIsRestoredGoesOnAlike) {
  const auto one = pretrainer(), other = pretrainer();
  one->step(pair(), 1e-3);
  other->restore(one->state(), one->steps());
  EXPECT_EQ(one->step(pair(), 1e-3), other->step(pair(), 1e-3));
  const network::Weights a = one->state(), b = other->state();
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, array] : a) EXPECT_EQ(array.values, b.at(name).values) << name;
}

TEST_F(Views, LeaveAnEncoderWithoutItsLastLayer) {
  const network::Weights encoder = pretrainer()->encoder();
  std::size_t wanted = 0;
  for (const network::Parameter& parameter : student().parameters()) {
    const bool is_last = parameter.name.starts_with(student().nodes.back().name + ".");
    EXPECT_EQ(encoder.contains(parameter.name), !is_last) << parameter.name;
    wanted += is_last ? 0 : 1;
  }
  EXPECT_EQ(encoder.size(), wanted);
}

class HiddenBlocks : public ::testing::Test {
 protected:
  PretrainRecipe recipe_ = small_recipe(PretrainMethod::masked);
  std::unique_ptr<Pretrainer> pretrainer() const { return pretrain_on_hidden_blocks({recipe_, student()}); }
};

TEST_F(HiddenBlocks, TheNetworkNeverSeesThemAndItsLossLooksAtNothingElse) {
  const auto value_with = [&](bool change_hidden, float by) {
    const std::vector<float> hidden = hidden_pixels({32, recipe_.block, recipe_.masked_fraction}, 7, 1, 0, batch_size);
    PretrainBatch batch{.first = noise(3)};
    for (std::size_t i = 0; i < batch_size; ++i)
      for (std::size_t k = 0; k < values; ++k)
        if ((hidden[i * 1024 + k % 1024] == 1) == change_hidden) batch.first.pixels[i * values + k] += by;
    return pretrainer()->step(batch, 1e-3);
  };
  const double plain = value_with(true, 0);
  // So far off that |predicted - pixel| grows by as much everywhere: the prediction has not moved, so the hidden pixels were not seen.
  EXPECT_NEAR(value_with(true, 1000) - value_with(true, 500), 500, 1e-2);
  // And by nothing like it where the pixels are seen.
  EXPECT_LT(std::abs(value_with(false, 1) - plain), .5);
}

TEST_F(HiddenBlocks, AreLearntFromTheRest) {
  const auto learner = pretrainer();
  PretrainBatch batch{.first = noise(3)};
  for (std::size_t i = 0; i < batch.first.pixels.size(); ++i) batch.first.pixels[i] = .1F * batch.first.pixels[i] + 1;
  const double first = learner->step(batch, 1e-2);
  double last = first;
  for (int i = 0; i < 40; ++i) last = learner->step(batch, 1e-2);
  EXPECT_LT(last, .4 * first);
}

std::string refused(const PretrainRecipe& recipe, const network::Graph& graph) {
  try {
    static_cast<void>(pretrain_on_hidden_blocks({recipe, graph, "cpu", false, 100}));
  } catch (const Error& error) {
    return std::string{error.what()} + " | " + error.hint();
  }
  return "no error";
}

TEST_F(HiddenBlocks, ThatDoNotDivideTheCutoutAreRefusedWithOneThatDoes) {
  recipe_.block = 9;
  const auto hint = [&](int size) { return refused(recipe_, network::build_network("student", 2, size, 2)); };
  EXPECT_THAT(hint(32), ::testing::HasSubstr("set `block` to 8"));
  EXPECT_THAT(hint(48), ::testing::HasSubstr("set `block` to 8"));
  EXPECT_THAT(hint(80), ::testing::HasSubstr("set `block` to 8"));
  EXPECT_THAT(hint(100), ::testing::HasSubstr("set `block` to 10"));
}

TEST(LastMap, ThatDoesNotDivideTheCutoutIsSaid) {
  // Five strides of 2, each rounded up: 101, 51, 26, 13, 7, 4.
  EXPECT_THAT(refused(small_recipe(PretrainMethod::masked), network::build_network("resnet18_half", 3, 101, 2)),
              ::testing::HasSubstr("cutouts of 101 pixels end as a map of 4, which does not divide 101"));
}

TEST_F(HiddenBlocks, ThatDoNotDivideTheCutoutAreRefused) {
  for (const int block : {7, 32, 64}) {
    recipe_.block = block;
    EXPECT_THROW((void)pretrainer(), Error) << block;
  }
}

TEST(LastMap, IsThereInEveryNetwork) {
  for (const network::Architecture& one : network::architectures()) {
    const network::Graph graph = one.build(3, 64, 2, {});
    const std::vector<std::int64_t>& shape = graph.nodes[last_map(graph)].shape;
    ASSERT_EQ(shape.size(), 3U) << one.name;
    EXPECT_EQ(64 % shape[1], 0) << one.name;
    EXPECT_GT(shape[1], 1) << one.name;
  }
}

}  // namespace
}  // namespace lensfind::train
