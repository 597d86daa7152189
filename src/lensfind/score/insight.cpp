#include "lensfind/score/insight.h"

#include <algorithm>
#include <cstdint>
#include <thread>

#include <openvino/op/constant.hpp>
#include <openvino/op/reduce_mean.hpp>
#include <openvino/op/reshape.hpp>
#include <openvino/op/result.hpp>
#include <openvino/openvino.hpp>

#include "lensfind/base/error.h"
#include "lensfind/network/lens_logit.h"
#include "lensfind/score/cut_network.h"
#include "lensfind/score/fixed_network.h"
#include "lensfind/score/scorer.h"

namespace lensfind::score {
namespace {

/// (n, channels, height, width) becomes (n, channels) by the mean over the pixels.
ov::Output<ov::Node> without_pixels(const ov::Output<ov::Node>& output) {
  if (output.get_partial_shape().rank().get_length() != 4) return output;
  const auto axes = ov::op::v0::Constant::create(ov::element::i64, {2}, {2, 3});
  return std::make_shared<ov::op::v1::ReduceMean>(output, axes, false)->output(0);
}

/// (views x n, width), as a network that averages over the symmetries of the square has before the mean, becomes (n, width) by the mean.
ov::Output<ov::Node> mean_of_views(const ov::Output<ov::Node>& output, std::size_t batch) {
  const ov::Shape shape = output.get_shape();
  if (shape.front() == batch || shape.front() % batch != 0) return output;
  const auto views = static_cast<std::int64_t>(shape.front() / batch);
  const auto by_view = ov::op::v0::Constant::create(ov::element::i64, {3}, {views, static_cast<std::int64_t>(batch), std::int64_t{-1}});
  const auto axis = ov::op::v0::Constant::create(ov::element::i64, {1}, {0});
  return std::make_shared<ov::op::v1::ReduceMean>(std::make_shared<ov::op::v1::Reshape>(output, by_view, false), axis, false)->output(0);
}

/// Numbers a cutout.
std::size_t width_of(const ov::Output<ov::Node>& output, std::size_t batch) { return ov::shape_size(output.get_shape()) / batch; }

/// The network's own result, then the features and the logits of each of its last layers.
std::shared_ptr<ov::Model> with_insight(const FixedNetwork& fixed, const std::filesystem::path& onnx, std::size_t& layers) {
  const ov::NodeVector last = last_layers(*fixed.network);
  if (last.empty()) throw Error{onnx.string() + ": has no layer with weights that the pixels reach", "give a trained network"};
  layers = last.size();
  ov::ResultVector results{std::make_shared<ov::op::v0::Result>(fixed.network->get_results().front()->input_value(0))};
  const auto add = [&](const ov::Output<ov::Node>& output) {
    results.push_back(std::make_shared<ov::op::v0::Result>(mean_of_views(without_pixels(output), fixed.batch)));
  };
  for (const auto& layer : last) add(data_input(*fixed.network, *layer));
  for (const auto& layer : last) add(with_bias(*fixed.network, layer));
  return std::make_shared<ov::Model>(results, fixed.network->get_parameters(), "insight");
}

}  // namespace

struct InsightEngine::State {
  ov::Core core;
  FixedNetwork fixed;
  std::size_t layers = 0;
  ov::CompiledModel compiled;
  ov::InferRequest request;
  std::vector<std::size_t> features, logits;  ///< numbers a cutout, a layer each

  State(const network::OnnxNetwork& file, const std::filesystem::path& onnx, const EngineOptions& options)
      : fixed{read_fixed(core, file, onnx, options)} {
    const std::shared_ptr<ov::Model> network = with_insight(fixed, onnx, layers);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      features.push_back(width_of(network->output(1 + layer), fixed.batch));
      logits.push_back(width_of(network->output(1 + layers + layer), fixed.batch));
    }
    const int threads = options.threads > 0 ? options.threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    compiled = compile_network(core, network, ov::element::f32, threads, options.cache_folder, onnx);
    request = compiled.create_infer_request();
  }

  [[nodiscard]] bool gives_logits() const {
    return std::ranges::all_of(logits, [](std::size_t count) { return count == 1 || count == 2; });
  }
  [[nodiscard]] std::span<const float> output(std::size_t number) {
    const ov::Tensor tensor = request.get_output_tensor(number);
    return {tensor.data<const float>(), tensor.get_size()};
  }
  /// Of the batch that was run last, its first `now` cutouts.
  void add_to(Insight& insight, std::size_t now) {
    const auto outputs = output(0).first(now * static_cast<std::size_t>(fixed.outputs));
    insight.outputs.insert(insight.outputs.end(), outputs.begin(), outputs.end());
    for (std::size_t cutout = 0; cutout < now; ++cutout) {
      for (std::size_t layer = 0; layer < layers; ++layer) {
        const auto row = output(1 + layer).subspan(cutout * features[layer], features[layer]);
        insight.features.insert(insight.features.end(), row.begin(), row.end());
        if (gives_logits())
          insight.members.push_back(
              static_cast<float>(network::lens_logit(output(1 + layers + layer).subspan(cutout * logits[layer], logits[layer]))));
      }
    }
  }
};

InsightEngine::InsightEngine(const std::filesystem::path& onnx, const EngineOptions& options)
    : InsightEngine{network::read_onnx(onnx, options.choice), onnx, options} {}
InsightEngine::InsightEngine(const network::OnnxNetwork& network, const std::filesystem::path& origin, const EngineOptions& options)
    : state_{std::make_unique<State>(network, origin, options)} {}
InsightEngine::~InsightEngine() = default;
InsightEngine::InsightEngine(InsightEngine&&) noexcept = default;
InsightEngine& InsightEngine::operator=(InsightEngine&&) noexcept = default;

image::ImageShape InsightEngine::shape() const { return state_->fixed.shape; }
int InsightEngine::outputs() const { return state_->fixed.outputs; }
std::size_t InsightEngine::features() const {
  std::size_t all = 0;
  for (const std::size_t count : state_->features) all += count;
  return all;
}
std::size_t InsightEngine::members() const { return state_->gives_logits() ? state_->layers : 0; }

Insight InsightEngine::run(std::span<const float> cutouts, std::size_t count) {
  State& state = *state_;
  const std::size_t one = state.fixed.shape.values(), batch = state.fixed.batch;
  Insight insight;
  std::vector<float> pixels(batch * one);
  for (std::size_t done = 0; done < count; done += batch) {
    const std::size_t now = std::min(batch, count - done);
    std::ranges::fill(pixels, 0.F);
    std::ranges::copy(cutouts.subspan(done * one, now * one), pixels.begin());
    const std::vector<ov::Tensor> inputs = state.fixed.inputs(pixels.data());
    for (std::size_t i = 0; i < inputs.size(); ++i) state.request.set_input_tensor(i, inputs[i]);
    state.request.start_async();
    state.request.wait();
    state.add_to(insight, now);
  }
  return insight;
}

}  // namespace lensfind::score
