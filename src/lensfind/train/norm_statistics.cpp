#include <algorithm>
#include <map>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"
#include "lensfind/train/batches.h"
#include "lensfind/train/device.h"
#include "lensfind/train/executor.h"
#include "lensfind/train/fine_tune.h"
#include "lensfind/train/trainer.h"

namespace lensfind::train {
namespace {

/// The graph with batch norms that take a batch's statistics whole, so that they can be read off after each.
network::Graph that_forgets(network::Graph graph) {
  for (network::Node& node : graph.nodes)
    if (node.operation == network::Operation::batch_norm) node.momentum = 1;
  return graph;
}

std::vector<std::string> statistics_names(const network::Graph& graph) {
  std::vector<std::string> names;
  for (const network::Node& node : graph.nodes)
    if (node.operation == network::Operation::batch_norm)
      for (std::size_t i = 2; i < node.parameters.size(); ++i) names.push_back(node.parameters[i].name);
  return names;
}

/// d4 alone, so that the statistics are those of all rotations.
Recipe plain_recipe(int batch, std::uint64_t seed) {
  Recipe recipe;
  recipe.imbalance = {};
  recipe.augmentation = {{.name = "d4"}};
  recipe.batch = batch;
  recipe.seed = static_cast<std::int64_t>(seed & 0x7fffffffffffffffULL);
  return recipe;
}

void add(std::map<std::string, std::vector<double>>& sums, const network::Weights& weights, double count) {
  for (auto& [name, sum] : sums) {
    const std::vector<float>& values = weights.at(name).values;
    sum.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) sum[i] += count * static_cast<double>(values[i]);
  }
}

}  // namespace

network::Weights refresh_norm_statistics(const TrainedNetwork& network, const ChosenSamples& of, double share, int passes, int batch,
                                         std::uint64_t seed, int threads) {
  set_up_torch(threads);
  network::Weights weights = network.weights;
  std::map<std::string, std::vector<double>> sums;
  for (const std::string& name : statistics_names(network.graph)) sums[name];
  if (sums.empty() || of.samples.size() < 2) return weights;
  const Recipe recipe = plain_recipe(batch, seed);
  const BatchMaker maker{recipe, network.preprocessing, of.data};
  Executor executor{that_forgets(network.graph), network.weights, "cpu"};
  const at::NoGradGuard no_gradient;
  double images = 0;
  for (int pass = 1; pass <= passes; ++pass) {
    const EpochPlan plan = plan_epoch(recipe, of.samples, {}, of.data.samples, pass);
    for (std::int64_t i = 0; i < plan.batches(); ++i) {
      TrainBatch made = maker.training(plan, pass, i);
      const auto count = static_cast<std::int64_t>(made.lens.size());
      const network::Graph& graph = executor.graph();
      executor.forward(at::from_blob(made.pixels.data(), {count, graph.bands, graph.size, graph.size}, at::kFloat).clone(), Mode::training,
                       quality_of(made, graph));
      add(sums, executor.weights(), static_cast<double>(count));
      images += static_cast<double>(count);
    }
  }
  for (const auto& [name, sum] : sums) {
    std::vector<float>& values = weights.at(name).values;
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>((1 - share) * static_cast<double>(values[i]) + share * sum[i] / images);
  }
  return weights;
}

}  // namespace lensfind::train
