#include "lensfind/score/fixed_network.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <openvino/openvino.hpp>

#include "lensfind/base/error.h"
#include "lensfind/score/network_memory.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

/// How many cutouts a call computes: 32 of 64x64 pixels, fewer of larger ones, so that a stream's intermediate results stay in the cache.
std::size_t batch_for(const image::ImageShape& shape) { return std::clamp<std::size_t>(131072 / shape.pixels(), 4, 32); }

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
    return core.read_model(file.takes_seeing ? network::with_seeing_open(file.bytes) : file.bytes, ov::Tensor{});
  } catch (const std::exception& failure) {
    throw Error{
        fmt::format("{}: no ONNX network that can be read: {}", onnx.string(), reason(failure)),
        size_chosen ? "does it take cutouts of the size that was chosen for it?" : "the file may be cut short or damaged; export it again"};
  }
}

/// (bands, height, width) of the one input beside the seeing; throws Error where it is anything but float32 (n, bands, height, width).
image::ImageShape input_shape(const ov::Model& network, bool takes_seeing, const fs::path& onnx) {
  if (network.inputs().size() != (takes_seeing ? 2 : 1)) {
    throw Error{fmt::format("{}: the network has {} inputs, not one", onnx.string(), network.inputs().size()),
                "give a network whose only input is the pixels (n, bands, height, width)"};
  }
  const auto input = network.input(0);
  const ov::PartialShape& shape = input.get_partial_shape();
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
  const auto length = [&](std::ptrdiff_t i) { return shape[i].is_static() ? shape[i].get_length() : -1; };
  const bool fits = network.output().get_element_type() == ov::element::f32 && shape.rank().is_static() &&
                    (shape.size() == 1 || (shape.size() == 2 && (length(1) == 1 || length(1) == 2)));
  if (!fits) throw fail(fmt::format("the network's output is {} {}", network.output().get_element_type().to_string(), shape.to_string()));
  if (length(0) != static_cast<std::int64_t>(batch)) return 0;
  return shape.size() == 1 ? 1 : static_cast<int>(length(1));
}

bool fix_batch(FixedNetwork& fixed, const fs::path& onnx) {
  try {
    const auto batch = static_cast<std::int64_t>(fixed.batch);
    std::map<std::size_t, ov::PartialShape> shapes{{0, {batch, fixed.shape.bands, fixed.shape.height, fixed.shape.width}}};
    if (fixed.takes_seeing) shapes[1] = {batch, fixed.shape.bands};
    fixed.network->reshape(shapes);
  } catch (const std::exception&) {
    return false;
  }
  fixed.outputs = output_count(*fixed.network, fixed.batch, onnx);
  if (fixed.outputs == 0) return false;
  check_memory(*fixed.network, onnx);
  return true;
}

/// One thread a stream: then no sum is split between threads, and a cutout's logit is the same to the last bit for any number of threads.
ov::AnyMap settings(ov::element::Type precision, int streams) {
  return {ov::hint::performance_mode(ov::hint::PerformanceMode::THROUGHPUT), ov::num_streams(streams), ov::inference_num_threads(streams),
          ov::hint::enable_cpu_pinning(false),  // several processes on one machine would all be bound to its first cores
          ov::hint::inference_precision(precision)};
}

}  // namespace

std::vector<ov::Tensor> FixedNetwork::inputs(const float* pixels, std::span<const float> seeing) const {
  const auto bands = static_cast<std::size_t>(shape.bands);
  std::vector<ov::Tensor> all;
  all.emplace_back(ov::element::f32, ov::Shape{batch, bands, static_cast<std::size_t>(shape.height), static_cast<std::size_t>(shape.width)},
                   const_cast<float*>(pixels));  // only read: it is an input
  if (!takes_seeing) return all;
  ov::Tensor& of_bands = all.emplace_back(ov::element::f32, ov::Shape{batch, bands});
  auto* const values = of_bands.data<float>();
  std::fill_n(std::ranges::copy(seeing, values).out, batch * bands - seeing.size(), std::numeric_limits<float>::quiet_NaN());
  return all;
}

FixedNetwork read_fixed(ov::Core& core, const network::OnnxNetwork& file, const fs::path& onnx, const EngineOptions& options) {
  require_size(file, onnx);
  const bool size_chosen = options.choice.size > 0;
  FixedNetwork fixed{.network = read_network(core, file, size_chosen, onnx), .takes_seeing = file.takes_seeing};
  fixed.shape = input_shape(*fixed.network, fixed.takes_seeing, onnx);
  fixed.batch = options.batch > 0 ? options.batch : batch_for(fixed.shape);
  const ov::Dimension own = fixed.network->input(0).get_partial_shape()[0];
  if (fix_batch(fixed, onnx)) return fixed;
  fixed.network = read_network(core, file, size_chosen, onnx);
  fixed.batch = own.is_static() && own.get_length() > 0 ? static_cast<std::size_t>(own.get_length()) : 1;
  if (fix_batch(fixed, onnx)) return fixed;
  throw Error{fmt::format("{}: the network's output does not have a row for each cutout", onnx.string()),
              "its output must be (n, 1) or (n, 2) for an input (n, bands, height, width)"};
}

ov::CompiledModel compile_network(ov::Core& core, const std::shared_ptr<ov::Model>& network, ov::element::Type precision, int streams,
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

}  // namespace lensfind::score
