#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include <openvino/runtime/compiled_model.hpp>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/tensor.hpp>

#include "lensfind/score/engine.h"

namespace lensfind::score {

/// A network with its batch size fixed (quicker than a free one).
struct FixedNetwork {
  std::shared_ptr<ov::Model> network;
  image::ImageShape shape;
  std::size_t batch = 1;
  int outputs = 1;
  bool takes_seeing = false;  ///< its second input is the seeing, (batch, bands)

  /// A batch of its inputs. The pixels are read where they are: they must outlive the tensors.
  [[nodiscard]] std::vector<ov::Tensor> inputs(const float* pixels, std::span<const float> seeing = {}) const;
};

/// A network that was read; `onnx` names it in errors. Some exporters write the batch size of their example into the network: such a one is
/// run at its own size. Throws Error as open_engine() does.
FixedNetwork read_fixed(ov::Core& core, const network::OnnxNetwork& file, const std::filesystem::path& onnx, const EngineOptions& options);

/// Compiled for the processor, `streams` calls at a time, each by one thread; from the cache where `cache_folder` holds it. Throws Error
/// where OpenVINO cannot run it.
ov::CompiledModel compile_network(ov::Core& core, const std::shared_ptr<ov::Model>& network, ov::element::Type precision, int streams,
                                  const std::filesystem::path& cache_folder, const std::filesystem::path& onnx);

}  // namespace lensfind::score
