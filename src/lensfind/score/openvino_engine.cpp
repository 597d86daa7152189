#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <openvino/openvino.hpp>

#include "lensfind/base/error.h"
#include "lensfind/score/cut_network.h"
#include "lensfind/score/engine.h"
#include "lensfind/score/fixed_network.h"
#include "lensfind/score/int8_layers.h"
#include "lensfind/score/int8_ranges.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

/// A network that is ready to run: its parts, each of which reads what the one before computes.
using CompiledNetwork = std::vector<ov::CompiledModel>;

/// What is not computed in int8 is in bf16 where the processor has that.
ov::element::Type element_type(Precision precision) {
  const bool rounds = precision == Precision::bf16 || (precision == Precision::int8 && processor_has_bf16());
  return rounds ? ov::element::bf16 : ov::element::f32;
}

std::string numbers_text(Precision precision) {
  if (precision != Precision::int8) return name_of(precision == Precision::bf16 ? Precision::bf16 : Precision::f32);
  return fmt::format("int8 and {}", element_type(precision) == ov::element::bf16 ? "bf16" : "f32");
}

/// In bf16 what precedes the first layers is compiled apart in f32: bf16 has 8 bits, too few to scale counts near 10^4 that differ by 100;
/// and so is what combines several last layers, the logits of an ensemble's members.
CompiledNetwork compile(ov::Core& core, std::shared_ptr<ov::Model> network, const EngineOptions& options, int streams,
                        const fs::path& onnx) {
  const auto compiled = [&](const std::shared_ptr<ov::Model>& part, ov::element::Type precision) {
    return compile_network(core, part, precision, streams, options.cache_folder, onnx);
  };
  if (options.precision == Precision::int8) {
    require_vnni();
    fold_constants(network);
    round_to_int8(*network, options.int8_ranges, onnx.string());
  }
  const ov::element::Type numbers = element_type(options.precision);
  if (numbers == ov::element::f32) return {compiled(network, ov::element::f32)};
  CompiledNetwork parts;
  if (const std::optional<CutNetwork> cut = cut_before_first_layers(network)) {
    parts.push_back(compiled(cut->front, ov::element::f32));
    network = cut->rest;
  }
  const std::optional<CutNetwork> cut = cut_behind_last_layers(network);
  parts.push_back(compiled(cut ? cut->front : network, numbers));
  if (cut) parts.push_back(compiled(cut->rest, ov::element::f32));
  return parts;
}

/// Computes one batch at a time.
class Request {
 public:
  explicit Request(CompiledNetwork& compiled) {
    for (ov::CompiledModel& part : compiled) {
      ov::InferRequest request = part.create_infer_request();
      if (!parts_.empty()) {
        for (std::size_t i = 0; i < part.inputs().size(); ++i) request.set_input_tensor(i, parts_.back().get_output_tensor(i));
      }
      parts_.push_back(std::move(request));
    }
  }
  /// The logits of the last batch stay valid until the next.
  std::span<const float> run(const std::vector<ov::Tensor>& inputs) {
    for (std::size_t i = 0; i < inputs.size(); ++i) parts_.front().set_input_tensor(i, inputs[i]);
    for (ov::InferRequest& part : parts_) {
      // infer() would compute in this thread, outside the streams.
      part.start_async();
      part.wait();
    }
    const ov::Tensor logits = parts_.back().get_output_tensor();
    return {logits.data<const float>(), logits.get_size()};
  }

 private:
  std::vector<ov::InferRequest> parts_;
};

/// Requests that are not computing. While one request of a stream computes, the next waits with its pixels ready.
class IdleRequests {
 public:
  IdleRequests(CompiledNetwork& compiled, int count) {
    for (int i = 0; i < count; ++i) requests_.emplace_back(compiled);
  }
  /// Runs `use` with a request, once one is free.
  void with_one(const auto& use) {
    Request request = take();
    try {
      use(request);
    } catch (...) {
      give_back(std::move(request));
      throw;
    }
    give_back(std::move(request));
  }

 private:
  Request take() {
    std::unique_lock lock{mutex_};
    freed_.wait(lock, [&] { return !requests_.empty(); });
    Request request = std::move(requests_.back());
    requests_.pop_back();
    return request;
  }
  void give_back(Request request) {
    {
      const std::lock_guard lock{mutex_};
      requests_.push_back(std::move(request));
    }
    freed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<Request> requests_;
};

class OpenVinoEngine final : public Engine {
 public:
  OpenVinoEngine(const network::OnnxNetwork& file, const fs::path& onnx, const EngineOptions& options)
      : fixed_{read_fixed(core_, file, onnx, options)},
        streams_{options.threads > 0 ? options.threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()))},
        compiled_{compile(core_, fixed_.network, options, streams_, onnx)},
        idle_{compiled_, concurrency()},
        numbers_{numbers_text(options.precision)} {
    fixed_.network.reset();  // its weights are in compiled_ too
  }

  image::ImageShape shape() const override { return fixed_.shape; }
  int outputs() const override { return fixed_.outputs; }
  std::size_t batch() const override { return fixed_.batch; }
  int concurrency() const override { return 2 * streams_; }
  std::string description() const override {
    const std::string build = ov::get_openvino_version().buildNumber;
    return fmt::format("OpenVINO {}, CPU, {}", build.substr(0, build.find('-')), numbers_);
  }

  bool takes_seeing() const override { return fixed_.takes_seeing; }

  std::vector<float> run(std::span<const float> cutouts, std::size_t count) override { return run_with_seeing(cutouts, count, {}); }
  std::vector<float> run_with_seeing(std::span<const float> cutouts, std::size_t count, std::span<const float> seeing) override {
    const auto outputs = static_cast<std::size_t>(fixed_.outputs);
    std::vector<float> logits(count * outputs);
    for (std::size_t done = 0; done < count; done += fixed_.batch) {
      const std::size_t now = std::min(fixed_.batch, count - done);
      const auto bands = static_cast<std::size_t>(fixed_.shape.bands);
      run_batch(cutouts.subspan(done * fixed_.shape.values(), now * fixed_.shape.values()),
                seeing.empty() ? seeing : seeing.subspan(done * bands, now * bands),
                std::span{logits}.subspan(done * outputs, now * outputs));
    }
    return logits;
  }

 private:
  /// Fewer cutouts than a batch are filled up with zeros.
  void run_batch(std::span<const float> cutouts, std::span<const float> seeing, std::span<float> logits) {
    std::vector<float> filled;
    const std::size_t whole = fixed_.batch * fixed_.shape.values();
    if (cutouts.size() < whole) {
      filled.assign(cutouts.begin(), cutouts.end());
      filled.resize(whole);
    }
    const float* pixels = filled.empty() ? cutouts.data() : filled.data();
    const std::vector<ov::Tensor> inputs = fixed_.inputs(pixels, seeing);
    idle_.with_one([&](Request& request) { std::copy_n(request.run(inputs).begin(), logits.size(), logits.begin()); });
  }

  ov::Core core_;
  FixedNetwork fixed_;
  int streams_;
  CompiledNetwork compiled_;
  IdleRequests idle_;
  std::string numbers_;
};

}  // namespace

std::unique_ptr<Engine> open_engine(const fs::path& onnx, const EngineOptions& options) {
  // Read by us first, because OpenVINO tries every format it knows on a damaged file and prints what each of them thinks of it.
  return open_engine(network::read_onnx(onnx, options.choice), onnx, options);
}

std::unique_ptr<Engine> open_engine(const network::OnnxNetwork& network, const fs::path& origin, const EngineOptions& options) {
  return std::make_unique<OpenVinoEngine>(network, origin, options);
}

bool processor_has_bf16() {
  ov::Core core;
  const auto capabilities = core.get_property("CPU", ov::device::capabilities);
  return std::ranges::find(capabilities, ov::device::capability::BF16) != capabilities.end();
}

}  // namespace lensfind::score
