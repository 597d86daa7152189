#include "lensfind/score/int8_ranges.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <fmt/format.h>
#include <openvino/op/result.hpp>
#include <openvino/openvino.hpp>

#include "lensfind/base/error.h"
#include "lensfind/base/parallel.h"
#include "lensfind/score/fixed_network.h"
#include "lensfind/score/int8_layers.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t bins = 2048;

/// How often the numbers that go into a layer lie in each of `bins` equal parts between the least and the greatest.
struct Spread {
  double low = 0, high = 0;  // low at most 0, high at least 0
  std::array<double, bins> counts{};

  void widen(std::span<const float> values) {
    for (const float value : values) {
      low = std::min(low, static_cast<double>(value));
      high = std::max(high, static_cast<double>(value));
    }
  }
  void count(std::span<const float> values) {
    const double per_bin = (high - low) / static_cast<double>(bins);
    for (const float value : values) {
      const double at = (static_cast<double>(value) - low) / per_bin;
      if (at >= 0) counts[std::min(static_cast<std::size_t>(at), bins - 1)] += 1;
    }
  }
  void add(const Spread& other) {
    low = std::min(low, other.low);
    high = std::max(high, other.high);
    for (std::size_t i = 0; i < bins; ++i) counts[i] += other.counts[i];
  }
  /// The sum of squared errors where numbers are rounded to 256 levels between `from` and `to` and cut off beyond.
  [[nodiscard]] double error(double from, double to) const {
    const double step = (to - from) / 255, per_bin = (high - low) / static_cast<double>(bins);
    double sum = 0;
    for (std::size_t i = 0; i < bins; ++i) {
      const double value = low + (static_cast<double>(i) + .5) * per_bin;
      const double beyond = std::max({0., from - value, value - to});
      sum += counts[i] * (beyond > 0 ? beyond * beyond : step * step / 12);
    }
    return sum;
  }
};

/// Away from 0, to three digits.
double rounded_up(double value) {
  if (value == 0) return 0;
  const double digit = std::pow(10, std::floor(std::log10(std::abs(value))) - 2);
  return std::copysign(std::ceil(std::abs(value) / digit - 1e-6) * digit, value);
}

model::LayerRange best_range(const std::string& layer, const Spread& spread) {
  double best = 1, least = std::numeric_limits<double>::infinity();
  for (double part = 1; part > .2; part -= .02) {
    const double error = spread.error(part * spread.low, part * spread.high);
    if (error < least) {
      least = error;
      best = part;
    }
  }
  // What is always 0 or below has a range too.
  return {layer, rounded_up(best * spread.low), std::max(rounded_up(best * spread.high), 1e-6)};
}

/// A network whose results are what goes into its int8 layers.
class Probe {
 public:
  Probe(const network::OnnxNetwork& network, const fs::path& origin, const EngineOptions& options)
      : fixed_{read_fixed(core_, network, origin, options)},
        threads_{options.threads > 0 ? options.threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()))} {
    fold_constants(fixed_.network);
    weights_ = weights_hash(*fixed_.network);
    const ov::NodeVector layers = int8_layers(*fixed_.network);
    if (layers.empty()) throw Error{origin.string() + ": has no layer that can be computed in int8", "take --precision auto"};
    ov::ResultVector results;
    for (const auto& layer : layers) {
      names_.push_back(layer->get_friendly_name());
      results.push_back(std::make_shared<ov::op::v0::Result>(layer->input_value(0)));
    }
    const auto probed = std::make_shared<ov::Model>(results, fixed_.network->get_parameters(), "probe");
    compiled_ = compile_network(core_, probed, ov::element::f32, threads_, {}, origin);
  }

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] const std::string& weights() const { return weights_; }

  /// Calls use(spread of the layer, numbers that go into it) for each batch and layer, several batches at a time: each thread fills spreads
  /// of its own, which begin as `spreads` and are added up at the end. The last batch is filled up with the first cutouts; where a layer
  /// sees them in a dimension of its own they do not count twice.
  std::vector<Spread> run(std::span<const float> cutouts, std::size_t count, const std::vector<Spread>& spreads, const auto& use) {
    const auto batches = static_cast<std::int64_t>((count + fixed_.batch - 1) / fixed_.batch);
    std::vector<std::vector<Spread>> of_threads(static_cast<std::size_t>(std::min<std::int64_t>(threads_, batches)), spreads);
    const auto threads = static_cast<std::int64_t>(of_threads.size());
    parallel_for(threads, static_cast<int>(threads), [&](std::int64_t thread) {
      ov::InferRequest request = compiled_.create_infer_request();
      for (std::int64_t batch = thread; batch < batches; batch += threads)
        run_batch(request, cutouts, count, static_cast<std::size_t>(batch) * fixed_.batch, of_threads[static_cast<std::size_t>(thread)],
                  use);
    });
    for (std::size_t thread = 1; thread < of_threads.size(); ++thread)
      for (std::size_t layer = 0; layer < names_.size(); ++layer) of_threads[0][layer].add(of_threads[thread][layer]);
    return std::move(of_threads[0]);
  }

 private:
  void run_batch(ov::InferRequest& request, std::span<const float> cutouts, std::size_t count, std::size_t first,
                 std::vector<Spread>& spreads, const auto& use) const {
    const std::size_t one = fixed_.shape.values();
    std::vector<float> pixels(fixed_.batch * one);
    for (std::size_t i = 0; i < fixed_.batch; ++i)
      std::ranges::copy(cutouts.subspan((first + i) % count * one, one), pixels.begin() + static_cast<std::ptrdiff_t>(i * one));
    const std::vector<ov::Tensor> inputs = fixed_.inputs(pixels.data());
    for (std::size_t i = 0; i < inputs.size(); ++i) request.set_input_tensor(i, inputs[i]);
    request.start_async();  // infer() would compute in this thread, outside the streams
    request.wait();
    for (std::size_t layer = 0; layer < names_.size(); ++layer) {
      const ov::Tensor tensor = request.get_output_tensor(layer);
      const bool by_cutout = tensor.get_shape().front() == fixed_.batch;
      const std::size_t real = by_cutout ? std::min(fixed_.batch, count - first) : fixed_.batch;
      use(spreads[layer], std::span{tensor.data<const float>(), tensor.get_size() / fixed_.batch * real});
    }
  }

  ov::Core core_;
  FixedNetwork fixed_;
  int threads_;
  std::string weights_;
  std::vector<std::string> names_;
  ov::CompiledModel compiled_;
};

/// Read, with its constants computed.
std::shared_ptr<ov::Model> folded(const network::OnnxNetwork& network, const fs::path& origin, const EngineOptions& options) {
  ov::Core core;
  const FixedNetwork fixed = read_fixed(core, network, origin, options);
  fold_constants(fixed.network);
  return fixed.network;
}

}  // namespace

bool processor_has_vnni() {
#if defined(__x86_64__)
  // Intel's manual, volume 2A, CPUID: leaf 7.0 ECX bit 11 AVX512_VNNI, EDX bit 25 AMX-INT8; leaf 7.1 EAX bit 4 AVX-VNNI.
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  const unsigned leaves = a;
  if ((c & (1U << 11U)) != 0 || (d & (1U << 25U)) != 0) return true;
  return leaves >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & (1U << 4U)) != 0;
#else
  return false;
#endif
}

void require_vnni() {
  if (processor_has_vnni()) return;
  throw Error{"int8: this processor has no VNNI (instructions that multiply bytes)", "take --precision auto"};
}

bool has_int8_layers(const network::OnnxNetwork& network, const fs::path& origin) {
  return !int8_layers(*folded(network, origin, {})).empty();
}

std::string weights_hash(const network::OnnxNetwork& network, const fs::path& origin) { return weights_hash(*folded(network, origin, {})); }

bool ranges_fit(const network::OnnxNetwork& network, const fs::path& origin, const EngineOptions& options,
                const model::Int8Ranges& ranges) {
  return ranges_fit(*folded(network, origin, options), ranges);
}

model::Int8Ranges measure_int8_ranges(const network::OnnxNetwork& network, const fs::path& origin, const EngineOptions& options,
                                      std::span<const float> cutouts, std::size_t count) {
  if (count == 0) throw Error{"int8: there is no readable cutout to measure the ranges of its layers on", "take --precision auto"};
  Probe probe{network, origin, options};
  std::vector<Spread> spreads(probe.names().size());
  spreads = probe.run(cutouts, count, spreads, [](Spread& spread, std::span<const float> values) { spread.widen(values); });
  spreads = probe.run(cutouts, count, spreads, [](Spread& spread, std::span<const float> values) { spread.count(values); });
  model::Int8Ranges ranges{.cutouts = static_cast<std::int64_t>(count), .weights = probe.weights(), .layers = {}};
  for (std::size_t layer = 0; layer < spreads.size(); ++layer) ranges.layers.push_back(best_range(probe.names()[layer], spreads[layer]));
  return ranges;
}

}  // namespace lensfind::score
