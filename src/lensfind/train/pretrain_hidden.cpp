#include <array>
#include <cmath>
#include <cstdlib>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/network/graph_builder.h"
#include "lensfind/network/initialise.h"
#include "lensfind/train/autocast.h"
#include "lensfind/train/pretrain_loss.h"
#include "lensfind/train/pretrain_parts.h"
#include "lensfind/train/pretrainer.h"

namespace lensfind::train {
namespace {

/// One convolution of 1 x 1: a map (channels, side, side) -> all pixels, (bands x scale^2, side, side), of which at::pixel_shuffle makes
/// (bands, side x scale, side x scale).
network::Graph pixel_head(std::int64_t channels, std::int64_t side, std::int64_t bands, std::int64_t scale) {
  network::GraphBuilder net;
  const network::Tensor map = net.input({channels, side, side});
  network::Graph graph = std::move(net).finish(net.flatten(net.conv(map, bands * scale * scale, {.bias = true}, "decoder")));
  graph.name = "decoder";
  return graph;
}

/// The divisor of the cutouts' side, below it, that is nearest to 8.
int usual_block(int size) {
  int nearest = 1;
  for (int block = 2; block < size; ++block)
    if (size % block == 0 && std::abs(block - 8) < std::abs(nearest - 8)) nearest = block;
  return nearest;
}

std::uint64_t first_seed(const PretrainerSettings& settings) { return static_cast<std::uint64_t>(settings.recipe.seed); }

class OnHiddenBlocks final : public Pretrainer {
 public:
  explicit OnHiddenBlocks(const PretrainerSettings& settings)
      : recipe_{settings.recipe},
        bf16_{settings.bf16},
        encoder_{settings.graph, last_map(settings.graph), first_seed(settings), settings.device},
        side_{encoder_.shape()[1]},
        decoder_{decoder_of(settings)},
        optimiser_{optimiser_of(recipe_, parts())} {}

  double step(const PretrainBatch& batch, double rate) override {
    const at::Tensor pixels = encoder_.on_device(batch.first.pixels);
    const network::Graph& graph = encoder_.network().graph();
    const std::vector<float> blocks =
        hidden_pixels({graph.size, recipe_.block, recipe_.masked_fraction}, static_cast<std::uint64_t>(recipe_.seed), batch.epoch,
                      batch.place, static_cast<std::size_t>(pixels.size(0)));
    const at::Tensor hidden =
        at::from_blob(const_cast<float*>(blocks.data()), {pixels.size(0), 1, graph.size, graph.size}, at::kFloat)  // NOLINT: only read
            .to(pixels.device());
    const at::Tensor loss = hidden_pixel_loss(predict(pixels * (1 - hidden)), pixels, hidden);
    const auto value = loss.item<double>();
    if (!std::isfinite(value)) return value;
    loss.backward();
    optimiser_.step(rate);
    return value;
  }

  Spreads spreads(const TrainBatch& cutouts) override {
    const at::NoGradGuard no_gradient;
    return {feature_spread(encoder_(encoder_.on_device(cutouts.pixels), Mode::evaluation).mean(at::IntArrayRef{2, 3})), 0};
  }

  [[nodiscard]] network::Weights encoder() const override { return encoder_.weights_before_head(); }
  [[nodiscard]] network::Weights state() const override {
    return state_of(optimiser_, const_cast<OnHiddenBlocks*>(this)->parts());  // NOLINT: only read
  }
  void restore(const network::Weights& state, std::int64_t steps) override { restore_parts(state, steps, optimiser_, parts()); }
  [[nodiscard]] std::int64_t steps() const override { return optimiser_.steps(); }

 private:
  [[nodiscard]] std::int64_t scale() const { return encoder_.network().graph().size / side_; }
  [[nodiscard]] Executor decoder_of(const PretrainerSettings& settings) const {
    const network::Graph& graph = settings.graph;
    if (graph.size % recipe_.block != 0 || graph.size == recipe_.block) {
      throw Error{fmt::format("`block` = {}: it does not divide the cutouts' {} pixels into blocks", recipe_.block, graph.size),
                  fmt::format("set `block` to {}, for instance", usual_block(graph.size))};
    }
    const network::Graph head = pixel_head(encoder_.shape()[0], side_, graph.bands, scale());
    return {head, network::initialise(head, first_seed(settings)), settings.device};
  }
  std::array<NamedPart, 2> parts() { return {{{"encoder", &encoder_.network()}, {"decoder", &decoder_}}}; }

  /// (n, bands, size, size)
  at::Tensor predict(const at::Tensor& seen) {
    const AutocastToBf16 autocast{encoder_.network().device(), bf16_};
    const at::Tensor map = encoder_(seen, Mode::training);
    const at::Tensor flat = decoder_.forward(map, Mode::training);
    return at::pixel_shuffle(flat.to(at::kFloat).reshape({seen.size(0), -1, side_, side_}), scale());
  }

  const PretrainRecipe& recipe_;
  bool bf16_;
  Encoder encoder_;
  std::int64_t side_;
  Executor decoder_;
  Optimiser optimiser_;
};

}  // namespace

std::size_t last_map(const network::Graph& graph) {
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const network::Node& node = graph.nodes[i];
    if (node.operation != network::Operation::global_average) continue;
    const auto map = static_cast<std::size_t>(node.inputs[0]);
    const std::vector<std::int64_t>& shape = graph.nodes[map].shape;
    if (shape.size() != 3 || shape[1] != shape[2]) break;
    if (graph.size % shape[1] == 0) return map;
    throw Error{
        fmt::format("{}: cutouts of {} pixels end as a map of {}, which does not divide {}", graph.name, graph.size, shape[1], graph.size),
        "take --recipe byol or lens_pairs, or cutouts of another size: multiples of 32 pixels fit most networks"};
  }
  throw Error{graph.name + ": it has no last map of features from which pixels could be predicted", "take --recipe byol or lens_pairs"};
}

std::unique_ptr<Pretrainer> pretrain_on_hidden_blocks(PretrainerSettings settings) { return std::make_unique<OnHiddenBlocks>(settings); }

}  // namespace lensfind::train
