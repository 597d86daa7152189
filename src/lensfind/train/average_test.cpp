#include "lensfind/train/average.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "lensfind/network/initialise.h"
#include "lensfind/network/networks.h"

namespace lensfind::train {
namespace {

TEST(WeightAverage, FollowsTheWeightsByItsDecayAndSoonForgetsTheFirst) {
  const network::Graph graph = network::build_network("resnet18", 1, 32, 2);
  const network::Weights first = network::initialise(graph, 1), second = network::initialise(graph, 2);
  Executor source{graph, first, "cpu"};
  WeightAverage average{source, .5};
  source.set_weights(second);
  // (1 + t) / (10 + t) for t = 1, 2, ... until it passes the decay.
  double kept = 1;
  for (const double decay : {2. / 11, 3. / 12, 4. / 13}) {
    average.update(source);
    kept *= decay;
  }
  const auto value = [](const network::Weights& weights) { return static_cast<double>(weights.at("conv1.weight").values[7]); };
  EXPECT_NEAR(value(average.network().weights()), kept * value(first) + (1 - kept) * value(second), 1e-6);
  average.restore(first, 1000);
  average.update(source);
  EXPECT_NEAR(value(average.network().weights()), (value(first) + value(second)) / 2, 1e-6);
  EXPECT_EQ(average.steps(), 1001);
}

}  // namespace
}  // namespace lensfind::train
