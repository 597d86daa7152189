#include <algorithm>
#include <cmath>
#include <set>

#include "lensfind/dataset/duplicates.h"
#include "lensfind/workflows/adapt_steps.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::workflows {
namespace {

std::vector<std::int64_t> of_folds(const AdaptBench& bench, auto wanted) {
  std::vector<std::int64_t> found;
  for (std::size_t i = 0; i < bench.folds.size(); ++i)
    if (wanted(bench.folds[i])) found.push_back(bench.images.labelled[i]);
  return found;
}

}  // namespace

std::vector<std::int64_t> AdaptBench::in_fold(int fold) const {
  return of_folds(*this, [&](int of_sample) { return of_sample == fold; });
}

std::vector<std::int64_t> AdaptBench::outside_fold(int fold) const {
  std::vector<std::int64_t> found = of_folds(*this, [&](int of_sample) { return of_sample != fold; });
  // Another image of an object that is judged would tell the answer.
  std::set<std::string> judged;
  for (const std::int64_t i : in_fold(fold)) judged.insert(images.data.samples[static_cast<std::size_t>(i)].group);
  for (const std::int64_t i : images.learnt)
    if (!judged.contains(images.data.samples[static_cast<std::size_t>(i)].group)) found.push_back(i);
  std::ranges::sort(found);
  return found;
}

evaluate::Scores AdaptBench::scores(const std::vector<double>& logits) const {
  evaluate::Scores rows;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const dataset::Sample& sample = images.data.samples[static_cast<std::size_t>(images.labelled[i])];
    rows.push_back({.id = sample.id, .label = sample.label, .logit = logits[i], .group = sample.group});
  }
  return rows;
}

std::vector<double> AdaptBench::logits(const network::Weights& weights, const std::vector<std::int64_t>& samples) const {
  return train_library().logits_of(network(weights), {images.data, samples}, options.threads, views());
}

dataset::Dataset load_training_set(const AdaptBench& bench, const std::filesystem::path& set) {
  const model::Model& model = bench.model;
  dataset::Dataset data = dataset::load_dataset(set,
                                                {.split = dataset::Split::train,
                                                 .wanted = {model.graph.bands, model.graph.size, model.graph.size},
                                                 .bands = model.band_names,
                                                 .allow_bad = true,
                                                 .threads = bench.options.threads},
                                                bench.progress, bench.stop);
  if (!model.zero_point || !data.zero_point) return data;
  const auto factor = static_cast<float>(std::pow(10, .4 * (*model.zero_point - *data.zero_point)));
  std::vector<float> pixels(static_cast<std::size_t>(data.size()) * data.shape.values());
  for (std::size_t i = 0; i < data.samples.size(); ++i)
    data.pixels.read(static_cast<std::int64_t>(i), std::span{pixels}.subspan(i * data.shape.values(), data.shape.values()));
  for (float& value : pixels) value *= factor;
  for (std::size_t i = 0; i < data.samples.size(); ++i)
    data.any_rotation[i] = dataset::hash_of_any_rotation({data.shape, pixels.data() + i * data.shape.values()});
  data.pixels = dataset::PixelStore{data.shape, std::move(pixels)};
  return data;
}

std::vector<std::string> batch_norms_of(const network::Graph& graph) {
  std::vector<std::string> names;
  for (const network::Node& node : graph.nodes)
    if (node.operation == network::Operation::batch_norm) names.push_back(node.name);
  return names;
}

train::Recipe further_recipe(const AdaptBench& bench, double rate, int epochs) {
  train::Recipe recipe;
  recipe.network = bench.model.graph.name;
  recipe.outputs = bench.model.graph.outputs;
  recipe.epochs = epochs;
  recipe.batch = 16;
  recipe.rate = rate;
  recipe.weight_decay = .01;
  recipe.decay_norms = false;
  recipe.clip_norm = 1;
  recipe.schedule = train::ScheduleKind::constant;
  recipe.warmup_epochs = 1;
  recipe.patience = 0;
  recipe.keep = train::KeepRule::last;
  recipe.imbalance = {};
  recipe.loss = recipe.outputs == 2 ? train::LossKind::softmax : train::LossKind::bce;
  recipe.augmentation = {{.name = "d4"}, {.name = "shift", .range = {.06}}, {.name = "band_gain", .range = {.1}}};
  recipe.ema_decay = .9;
  recipe.precision = train::Precision::automatic;
  recipe.seed = static_cast<std::int64_t>(bench.options.seed & 0x7fffffffffffffffULL);
  return recipe;
}

}  // namespace lensfind::workflows
