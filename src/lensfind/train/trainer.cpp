#include "lensfind/train/trainer.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "lensfind/base/random.h"
#include "lensfind/network/lens_logit.h"
#include "lensfind/train/autocast.h"

namespace lensfind::train {
namespace {

constexpr std::size_t evaluated_at_once = 128;

// NOLINTNEXTLINE(performance-unnecessary-value-param): its arrays are moved from
void add_with_prefix(network::Weights& into, const std::string& prefix, network::Weights from) {
  for (auto& [name, array] : from) into.emplace(prefix + name, std::move(array));
}

network::Weights with_prefix(const network::Weights& all, const std::string& prefix) {
  network::Weights found;
  for (const auto& [name, array] : all) {
    if (name.starts_with(prefix)) found.emplace(name.substr(prefix.size()), array);
  }
  return found;
}

std::vector<double> lens_logits(const at::Tensor& outputs) {
  const at::Tensor host = outputs.to(at::kCPU, at::kDouble).contiguous();
  const double* z = host.const_data_ptr<double>();
  std::vector<double> logits(static_cast<std::size_t>(host.size(0)));
  const auto width = static_cast<std::size_t>(host.size(1));
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = network::lens_logit(std::span{z + width * i, width});
  return logits;
}

}  // namespace

Trainer::Trainer(const Recipe& recipe, const LossSettings& loss, network::Graph graph, const network::Weights& initial,
                 const std::string& device, bool bf16)
    : seed_{static_cast<std::uint64_t>(recipe.seed)},
      loss_{loss},
      bf16_{bf16},
      executor_{std::move(graph), initial, device, recipe.freeze},
      optimiser_{recipe, executor_.trained(), executor_.trained_names()} {
  if (recipe.ema_decay > 0) average_.emplace(executor_, recipe.ema_decay);
}

at::Tensor Trainer::on_device(const std::vector<float>& values, const std::vector<std::int64_t>& shape) const {
  return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat).to(at::Device{executor_.device()});  // NOLINT: only read
}

at::Tensor Trainer::training_loss(const TrainBatch& batch) {
  const auto count = static_cast<std::int64_t>(batch.lens.size());
  const network::Graph& graph = executor_.graph();
  const at::Tensor cutouts = on_device(batch.pixels, {count, graph.bands, graph.size, graph.size});
  at::Tensor logits;
  {
    const AutocastToBf16 autocast{executor_.device(), bf16_};
    logits = executor_.forward(cutouts, Mode::training);
  }
  return train::loss(logits.to(at::kFloat), on_device(batch.lens, {count}), loss_);
}

double Trainer::step(const TrainBatch& batch, double rate) {
  // Dropout hangs on the step alone, so that a resumed run drops what an unbroken one drops.
  at::manual_seed(RandomStream{seed_, Purpose::dropout, static_cast<std::uint64_t>(steps())}());
  const at::Tensor loss = training_loss(batch);
  const double value = loss.item<double>();
  if (!std::isfinite(value)) return value;
  loss.backward();
  // Gradients are whole and not yet used here: where several processes train one network, they are averaged at this line.
  optimiser_.step(rate);
  if (average_) average_->update(executor_);
  return value;
}

ValidationResult Trainer::evaluate(const BatchMaker& maker, std::span<const std::int64_t> samples, int views) {
  const at::NoGradGuard no_gradient;
  Executor& network = average_ ? average_->network() : executor_;
  const network::Graph& graph = network.graph();
  ValidationResult result;
  std::vector<at::Tensor> outputs;
  std::vector<float> lens;
  for (std::size_t at = 0; at < samples.size(); at += evaluated_at_once) {
    at::Tensor sum;
    for (int view = 0; view < views; ++view) {
      const TrainBatch batch = maker.plain(samples.subspan(at, std::min(evaluated_at_once, samples.size() - at)), view);
      const auto count = static_cast<std::int64_t>(batch.lens.size());
      const at::Tensor seen = network.forward(on_device(batch.pixels, {count, graph.bands, graph.size, graph.size}), Mode::evaluation);
      sum = view == 0 ? seen : sum + seen;
      if (view == 0) lens.insert(lens.end(), batch.lens.begin(), batch.lens.end());
    }
    outputs.push_back(views == 1 ? sum : sum / views);
  }
  if (outputs.empty()) return result;
  const at::Tensor all = at::cat(outputs);
  result.loss = train::loss(all, on_device(lens, {all.size(0)}), loss_).item<double>();
  result.logits = lens_logits(all);
  return result;
}

network::Weights Trainer::evaluated_weights() const { return average_ ? average_->network().weights() : executor_.weights(); }

void Trainer::set_evaluated_weights(const network::Weights& weights) { (average_ ? average_->network() : executor_).set_weights(weights); }

network::Weights Trainer::state() const {
  network::Weights all = optimiser_.moments();
  add_with_prefix(all, "model/", executor_.weights());
  if (average_) add_with_prefix(all, "average/", average_->network().weights());
  return all;
}

void Trainer::restore(const network::Weights& state, std::int64_t steps) {
  executor_.set_weights(with_prefix(state, "model/"));
  optimiser_.restore(state, steps);
  if (average_) average_->restore(with_prefix(state, "average/"), steps);
}

}  // namespace lensfind::train
