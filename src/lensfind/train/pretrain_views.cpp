#include <array>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "lensfind/network/graph_builder.h"
#include "lensfind/network/initialise.h"
#include "lensfind/train/autocast.h"
#include "lensfind/train/pretrain_loss.h"
#include "lensfind/train/pretrain_parts.h"
#include "lensfind/train/pretrainer.h"

namespace lensfind::train {
namespace {

std::size_t before_last(const network::Graph& graph) { return static_cast<std::size_t>(graph.nodes.back().inputs[0]); }

std::uint64_t seed_of(const PretrainerSettings& settings) { return static_cast<std::uint64_t>(settings.recipe.seed); }

Executor fresh_layers(const network::Graph& graph, const PretrainerSettings& settings) {
  return {graph, network::initialise(graph, seed_of(settings)), settings.device};
}

/// An encoder and a projector behind it.
struct Projected {
  Encoder encoder;
  Executor projector;

  explicit Projected(const PretrainerSettings& settings)
      : encoder{settings.graph, before_last(settings.graph), seed_of(settings), settings.device},
        projector{
            fresh_layers(two_layers("projector", encoder.shape().front(), settings.recipe.hidden, settings.recipe.projection), settings)} {}

  /// (n, projection)
  at::Tensor operator()(const at::Tensor& cutouts, Mode mode) {
    return projector.forward(encoder(cutouts, mode).unsqueeze(2).unsqueeze(3), mode);
  }
  /// Moves its weights towards others': kept of its own, the rest of theirs. Batch norms' running statistics are its own.
  void follow(const Projected& other, double kept) const {
    const at::NoGradGuard no_gradient;
    at::_foreach_lerp_(encoder.network().trained(), other.encoder.network().trained(), 1 - kept);
    at::_foreach_lerp_(projector.trained(), other.projector.trained(), 1 - kept);
  }
};

class OnViews final : public Pretrainer {
 public:
  explicit OnViews(const PretrainerSettings& settings)
      : recipe_{settings.recipe},
        bf16_{settings.bf16},
        all_steps_{settings.all_steps},
        online_{settings},
        target_{settings},
        predictor_{fresh_layers(two_layers("predictor", recipe_.projection, recipe_.hidden, recipe_.projection), settings)},
        optimiser_{optimiser_of(recipe_, std::span<const NamedPart>{parts()}.first(trained_parts))} {}

  double step(const PretrainBatch& batch, double rate) override {
    const at::Tensor loss = loss_of(online_.encoder.on_device(batch.first.pixels), online_.encoder.on_device(batch.again.pixels));
    const auto value = loss.item<double>();
    if (!std::isfinite(value)) return value;
    loss.backward();
    optimiser_.step(rate);
    target_.follow(online_, target_momentum(recipe_.target_momentum, steps() - 1, all_steps_));
    return value;
  }

  Spreads spreads(const TrainBatch& cutouts) override {
    const at::NoGradGuard no_gradient;
    const at::Tensor features = online_.encoder(online_.encoder.on_device(cutouts.pixels), Mode::evaluation);
    const at::Tensor projections = online_.projector.forward(features.unsqueeze(2).unsqueeze(3), Mode::evaluation);
    return {feature_spread(features), feature_spread(projections)};
  }

  [[nodiscard]] network::Weights encoder() const override { return online_.encoder.weights_before_head(); }
  [[nodiscard]] network::Weights state() const override { return state_of(optimiser_, const_cast<OnViews*>(this)->parts()); }  // NOLINT
  void restore(const network::Weights& state, std::int64_t steps) override { restore_parts(state, steps, optimiser_, parts()); }
  [[nodiscard]] std::int64_t steps() const override { return optimiser_.steps(); }

 private:
  static constexpr std::size_t trained_parts = 3;
  std::array<NamedPart, 5> parts() {
    return {{{"encoder", &online_.encoder.network()},
             {"projector", &online_.projector},
             {"predictor", &predictor_},
             {"target_encoder", &target_.encoder.network()},
             {"target_projector", &target_.projector}}};
  }

  at::Tensor predict(const at::Tensor& cutouts) {
    const at::Tensor projection = online_(cutouts, Mode::training);
    return predictor_.forward(projection.unsqueeze(2).unsqueeze(3), Mode::training).to(at::kFloat);
  }
  at::Tensor target(const at::Tensor& cutouts) {
    const at::NoGradGuard no_gradient;
    return target_(cutouts, Mode::training).to(at::kFloat);
  }
  at::Tensor loss_of(const at::Tensor& first, const at::Tensor& again) {
    const AutocastToBf16 autocast{online_.encoder.network().device(), bf16_};
    const at::Tensor told_first = target(first), told_again = target(again);
    return (view_loss(predict(first), told_again) + view_loss(predict(again), told_first)) / 2;
  }

  const PretrainRecipe& recipe_;
  bool bf16_;
  std::int64_t all_steps_;
  Projected online_, target_;
  Executor predictor_;
  Optimiser optimiser_;
};

}  // namespace

network::Graph two_layers(const std::string& name, std::int64_t inputs, std::int64_t hidden, std::int64_t outputs) {
  network::GraphBuilder net;
  const network::Tensor x = net.conv(net.input({inputs, 1, 1}), hidden, {}, name + ".0");
  const network::Tensor y = net.flatten(net.relu(net.batch_norm(x, name + ".1")));
  network::Graph graph = std::move(net).finish(net.linear(y, outputs, name + ".3"));
  graph.name = name;
  return graph;
}

std::unique_ptr<Pretrainer> pretrain_on_views(PretrainerSettings settings) { return std::make_unique<OnViews>(settings); }

}  // namespace lensfind::train
