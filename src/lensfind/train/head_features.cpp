#include "lensfind/train/head_features.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "lensfind/base/error.h"
#include "lensfind/train/batches.h"
#include "lensfind/train/device.h"
#include "lensfind/train/executor.h"
#include "lensfind/train/trainer.h"

namespace lensfind::train {

HeadFeatures head_features(const TrainedNetwork& network, const ChosenSamples& of, int views, int threads) {
  constexpr std::size_t at_once = 128;
  const network::Graph& graph = network.graph;
  if (graph.nodes.back().operation != network::Operation::linear)
    throw Error{graph.name + ": its last layer is not linear, so it cannot be replaced", "train it further on the labels"};
  set_up_torch(threads);
  const at::NoGradGuard no_gradient;
  const BatchMaker maker{Recipe{.imbalance = {}}, network.preprocessing, of.data};
  Executor executor{graph, network.weights, "cpu"};
  HeadFeatures out;
  for (std::size_t at = 0; at < of.samples.size(); at += at_once) {
    const auto some = of.samples.subspan(at, std::min(at_once, of.samples.size() - at));
    at::Tensor sum;
    for (int view = 0; view < views; ++view) {
      TrainBatch batch = maker.plain(some, view);
      const auto count = static_cast<std::int64_t>(some.size());
      const at::Tensor cutouts = at::from_blob(batch.pixels.data(), {count, graph.bands, graph.size, graph.size}, at::kFloat);
      const at::Tensor features = executor.before_head(cutouts, quality_of(batch, graph)).to(at::kDouble);
      sum = sum.defined() ? sum + features : features;
    }
    const at::Tensor mean = (sum / views).contiguous();
    out.columns = static_cast<std::size_t>(mean.size(1));
    out.values.insert(out.values.end(), mean.const_data_ptr<double>(), mean.const_data_ptr<double>() + mean.numel());
  }
  return out;
}

}  // namespace lensfind::train
