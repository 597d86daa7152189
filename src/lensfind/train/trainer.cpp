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

at::Tensor quality_of(const TrainBatch& batch, const network::Graph& graph, const std::string& device) {
  if (batch.quality.empty()) return {};
  const std::vector<std::int64_t> shape{static_cast<std::int64_t>(batch.lens.size()), std::int64_t{2} * graph.bands};
  return at::from_blob(const_cast<float*>(batch.quality.data()), shape, at::kFloat).to(at::Device{device});  // NOLINT: only read
}

Trainer::Trainer(const Recipe& recipe, const LossSettings& loss, network::Graph graph, const network::Weights& initial,
                 const std::string& device, bool bf16, Ranks* ranks)
    : seed_{static_cast<std::uint64_t>(recipe.seed)},
      ranks_{ranks},
      loss_{loss},
      bf16_{bf16},
      executor_{std::move(graph), initial, device, recipe.freeze},
      optimiser_{recipe, executor_.trained(), executor_.trained_names()} {
  if (recipe.ema_decay > 0) average_.emplace(executor_, recipe.ema_decay);
  if (ranks_) shared_.emplace(executor_, *ranks_);
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
    logits = executor_.forward(cutouts, Mode::training, quality_of(batch, graph, executor_.device()));
  }
  return train::loss(logits.to(at::kFloat), on_device(batch.lens, {count}), loss_);
}

StepSummary Trainer::step(const TrainBatch& batch, double rate, bool stop) {
  // Dropout hangs on the step and the rank alone, so that a resumed run drops what an unbroken one drops.
  const auto rank = static_cast<std::uint64_t>(ranks_ ? ranks_->rank() : 0);
  at::manual_seed(RandomStream{seed_, Purpose::dropout, (rank << 48U) + static_cast<std::uint64_t>(steps())}());
  StepSummary summary{.count = static_cast<std::int64_t>(batch.lens.size()), .stop = stop};
  if (summary.count > 0) {
    const at::Tensor loss = training_loss(batch);
    summary.loss = loss.item<double>();
    if (!ranks_ && !std::isfinite(summary.loss)) return summary;
    summary.weight = loss_weight(batch.lens, loss_);
    loss.backward();
  }
  if (shared_) summary = shared_->exchange(summary);
  if (!std::isfinite(summary.loss)) return summary;
  optimiser_.step(rate);
  if (average_) average_->update(executor_);
  return summary;
}

at::Tensor Trainer::outputs_of(Executor& network, const BatchMaker& maker, std::span<const std::int64_t> samples, int views) const {
  const network::Graph& graph = network.graph();
  at::Tensor sum;
  for (int view = 0; view < views; ++view) {
    const TrainBatch batch = maker.plain(samples, view);
    const auto count = static_cast<std::int64_t>(batch.lens.size());
    const at::Tensor seen = network.forward(on_device(batch.pixels, {count, graph.bands, graph.size, graph.size}), Mode::evaluation,
                                            quality_of(batch, graph, network.device()));
    sum = view == 0 ? seen : sum + seen;
  }
  return views == 1 ? sum : sum / views;
}

ValidationResult Trainer::evaluate(const BatchMaker& maker, std::span<const std::int64_t> samples, int views) {
  const at::NoGradGuard no_gradient;
  ValidationResult result;
  if (samples.empty()) return result;
  Executor& network = average_ ? average_->network() : executor_;
  at::Tensor all = at::zeros({static_cast<std::int64_t>(samples.size()), network.graph().nodes.back().shape.back()});
  const std::size_t ranks = ranks_ ? static_cast<std::size_t>(ranks_->count()) : 1,
                    rank = ranks_ ? static_cast<std::size_t>(ranks_->rank()) : 0;
  for (std::size_t at = rank * evaluated_at_once; at < samples.size(); at += ranks * evaluated_at_once) {
    const std::size_t count = std::min(evaluated_at_once, samples.size() - at);
    all.slice(0, static_cast<std::int64_t>(at), static_cast<std::int64_t>(at + count))
        .copy_(outputs_of(network, maker, samples.subspan(at, count), views));
  }
  // What another rank evaluates is 0 here.
  if (ranks_) ranks_->sum({all.data_ptr<float>(), static_cast<std::size_t>(all.numel())});
  std::vector<float> lens;
  for (const std::int64_t sample : samples) lens.push_back(maker.target(sample));
  auto loss = train::loss(all, on_device(lens, {all.size(0)}).to(at::kCPU), loss_).item<float>();
  // The learning rate and the last epoch may hang on it: processors of several kinds must not round it differently.
  if (rank > 0) loss = 0;
  if (ranks_) ranks_->sum({&loss, 1});
  result.loss = loss;
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
