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
#include "lensfind/score/network_memory.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

/// How many cutouts a call computes: 32 of 64x64 pixels, fewer of larger ones, so that a stream's intermediate results stay in the cache.
std::size_t batch_for(const ImageShape& shape) { return std::clamp<std::size_t>(131072 / shape.pixels(), 4, 32); }

/// OpenVINO's exceptions begin with the place in its own source; the last line says what happened.
std::string reason(const std::exception& error) {
  std::string text = error.what();
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  const auto line = text.find_last_of('\n');
  return line == std::string::npos ? text : text.substr(line + 1);
}

void require_size(const network::OnnxNetwork& file, const fs::path& onnx) {
  if (file.shape.size > 0) return;
  throw Error{onnx.string() + ": takes cutouts of any size",
              "say the size of its cutouts with --onnx-size PIXELS (`lensfind export` writes it into a file)"};
}

std::shared_ptr<ov::Model> read_network(ov::Core& core, const network::OnnxNetwork& file, bool size_chosen, const fs::path& onnx) {
  try {
    return core.read_model(file.bytes, ov::Tensor{});
  } catch (const std::exception& failure) {
    throw Error{
        fmt::format("{}: no ONNX network that can be read: {}", onnx.string(), reason(failure)),
        size_chosen ? "does it take cutouts of the size that was chosen for it?" : "the file may be cut short or damaged; export it again"};
  }
}

/// (bands, height, width) of the one input; throws Error where it is anything but float32 (n, bands, height, width).
ImageShape input_shape(const ov::Model& network, const fs::path& onnx) {
  if (network.inputs().size() != 1) {
    throw Error{fmt::format("{}: the network has {} inputs, not one", onnx.string(), network.inputs().size()),
                "give a network whose only input is the pixels (n, bands, height, width)"};
  }
  const auto input = network.input();
  const ov::PartialShape shape = input.get_partial_shape();
  const bool fits = input.get_element_type() == ov::element::f32 && shape.rank().is_static() && shape.size() == 4 && shape[1].is_static() &&
                    shape[2].is_static() && shape[3].is_static();
  if (!fits || shape[1].get_length() < 1 || shape[2].get_length() < 1 || shape[3].get_length() < 1) {
    throw Error{fmt::format("{}: the network's input is {} {}", onnx.string(), input.get_element_type().to_string(), shape.to_string()),
                "it must be float32 (n, bands, height, width), all but n fixed"};
  }
  return {static_cast<int>(shape[1].get_length()), static_cast<int>(shape[2].get_length()), static_cast<int>(shape[3].get_length())};
}

/// 1 or 2 where the one output is float32 (batch), (batch, 1) or (batch, 2) and 0 where its first dimension is another one.
int output_count(const ov::Model& network, std::size_t batch, const fs::path& onnx) {
  const auto fail = [&](const std::string& what) {
    return Error{fmt::format("{}: {}", onnx.string(), what), "its one output must be float32 logits (n, 1) or (n, 2), lens last"};
  };
  if (network.outputs().size() != 1) throw fail(fmt::format("the network has {} outputs, not one", network.outputs().size()));
  const ov::PartialShape shape = network.output().get_partial_shape();
  const auto length = [&](std::size_t i) { return shape[i].is_static() ? shape[i].get_length() : -1; };
  const bool fits = network.output().get_element_type() == ov::element::f32 && shape.rank().is_static() &&
                    (shape.size() == 1 || (shape.size() == 2 && (length(1) == 1 || length(1) == 2)));
  if (!fits) throw fail(fmt::format("the network's output is {} {}", network.output().get_element_type().to_string(), shape.to_string()));
  if (length(0) != static_cast<std::int64_t>(batch)) return 0;
  return shape.size() == 1 ? 1 : static_cast<int>(length(1));
}

/// A network with its batch size fixed (quicker than a free one).
struct FixedNetwork {
  std::shared_ptr<ov::Model> network;
  ImageShape shape;
  std::size_t batch = 1;
  int outputs = 1;
};

bool fix_batch(FixedNetwork& fixed, const fs::path& onnx) {
  try {
    fixed.network->reshape(
        ov::PartialShape{static_cast<std::int64_t>(fixed.batch), fixed.shape.bands, fixed.shape.height, fixed.shape.width});
  } catch (const std::exception&) {
    return false;
  }
  fixed.outputs = output_count(*fixed.network, fixed.batch, onnx);
  if (fixed.outputs == 0) return false;
  check_memory(*fixed.network, onnx);
  return true;
}

/// Some exporters write the batch size of their example into the network: such a one is run at its own size.
FixedNetwork read_fixed(ov::Core& core, const network::OnnxNetwork& file, const fs::path& onnx, const EngineOptions& options) {
  require_size(file, onnx);
  const bool size_chosen = options.choice.size > 0;
  FixedNetwork fixed{read_network(core, file, size_chosen, onnx)};
  fixed.shape = input_shape(*fixed.network, onnx);
  fixed.batch = options.batch > 0 ? options.batch : batch_for(fixed.shape);
  const ov::Dimension own = fixed.network->input().get_partial_shape()[0];
  if (fix_batch(fixed, onnx)) return fixed;
  fixed.network = read_network(core, file, size_chosen, onnx);
  fixed.batch = own.is_static() && own.get_length() > 0 ? static_cast<std::size_t>(own.get_length()) : 1;
  if (fix_batch(fixed, onnx)) return fixed;
  throw Error{fmt::format("{}: the network's output does not have a row for each cutout", onnx.string()),
              "its output must be (n, 1) or (n, 2) for an input (n, bands, height, width)"};
}

/// One thread a stream: then no sum is split between threads, and a cutout's logit is the same to the last bit for any number of threads.
ov::AnyMap settings(ov::element::Type precision, int streams) {
  return {ov::hint::performance_mode(ov::hint::PerformanceMode::THROUGHPUT), ov::num_streams(streams), ov::inference_num_threads(streams),
          ov::hint::enable_cpu_pinning(false),  // several processes on one machine would all be bound to its first cores
          ov::hint::inference_precision(precision)};
}

ov::CompiledModel compile(ov::Core& core, const std::shared_ptr<ov::Model>& network, ov::element::Type precision, int streams,
                          const fs::path& cache_folder, const fs::path& onnx) {
  try {
    ov::AnyMap properties = settings(precision, streams);
    if (!cache_folder.empty()) {
      try {
        ov::AnyMap cached = properties;
        cached.insert(ov::cache_dir(cache_folder.string()));
        return core.compile_model(network, "CPU", cached);
      } catch (const std::exception&) {
        // A cache that cannot be written or read only costs time.
      }
    }
    return core.compile_model(network, "CPU", properties);
  } catch (const std::exception& failure) {
    throw Error{fmt::format("{}: OpenVINO cannot run this network: {}", onnx.string(), reason(failure)),
                "it may use an operation that OpenVINO does not have; export it with opset 17 or lower"};
  }
}

/// A network that is ready to run: its parts, each of which reads what the one before computes.
using CompiledNetwork = std::vector<ov::CompiledModel>;

/// In bf16 what precedes the first layers is compiled apart in f32: bf16 has 8 bits, too few to scale counts near 10^4 that differ by 100;
/// and so is what combines several last layers, the logits of an ensemble's members.
CompiledNetwork compile(ov::Core& core, std::shared_ptr<ov::Model> network, const EngineOptions& options, int streams,
                        const fs::path& onnx) {
  const auto compiled = [&](const std::shared_ptr<ov::Model>& part, ov::element::Type precision) {
    return compile(core, part, precision, streams, options.cache_folder, onnx);
  };
  if (options.precision != Precision::bf16) return {compiled(network, ov::element::f32)};
  CompiledNetwork parts;
  if (const std::optional<CutNetwork> cut = cut_before_first_layers(network)) {
    parts.push_back(compiled(cut->front, ov::element::f32));
    network = cut->rest;
  }
  const std::optional<CutNetwork> cut = cut_behind_last_layers(network);
  parts.push_back(compiled(cut ? cut->front : network, ov::element::bf16));
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
  std::span<const float> run(const ov::Tensor& cutouts) {
    parts_.front().set_input_tensor(cutouts);
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
        precision_{options.precision == Precision::bf16 ? Precision::bf16 : Precision::f32} {
    fixed_.network.reset();  // its weights are in compiled_ too
  }

  ImageShape shape() const override { return fixed_.shape; }
  int outputs() const override { return fixed_.outputs; }
  std::size_t batch() const override { return fixed_.batch; }
  int concurrency() const override { return 2 * streams_; }
  std::string description() const override {
    const std::string build = ov::get_openvino_version().buildNumber;
    return fmt::format("OpenVINO {}, CPU, {}", build.substr(0, build.find('-')), name_of(precision_));
  }

  std::vector<float> run(std::span<const float> cutouts, std::size_t count) override {
    const auto outputs = static_cast<std::size_t>(fixed_.outputs);
    std::vector<float> logits(count * outputs);
    for (std::size_t done = 0; done < count; done += fixed_.batch) {
      const std::size_t now = std::min(fixed_.batch, count - done);
      run_batch(cutouts.subspan(done * fixed_.shape.values(), now * fixed_.shape.values()),
                std::span{logits}.subspan(done * outputs, now * outputs));
    }
    return logits;
  }

 private:
  /// Fewer cutouts than a batch are filled up with zeros.
  void run_batch(std::span<const float> cutouts, std::span<float> logits) {
    std::vector<float> filled;
    const std::size_t whole = fixed_.batch * fixed_.shape.values();
    if (cutouts.size() < whole) {
      filled.assign(cutouts.begin(), cutouts.end());
      filled.resize(whole);
    }
    const float* pixels = filled.empty() ? cutouts.data() : filled.data();
    const ov::Tensor tensor{ov::element::f32,
                            ov::Shape{fixed_.batch, static_cast<std::size_t>(fixed_.shape.bands),
                                      static_cast<std::size_t>(fixed_.shape.height), static_cast<std::size_t>(fixed_.shape.width)},
                            const_cast<float*>(pixels)};  // only read: it is an input
    idle_.with_one([&](Request& request) { std::copy_n(request.run(tensor).begin(), logits.size(), logits.begin()); });
  }

  ov::Core core_;
  FixedNetwork fixed_;
  int streams_;
  CompiledNetwork compiled_;
  IdleRequests idle_;
  Precision precision_;
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
