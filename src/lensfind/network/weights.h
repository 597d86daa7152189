#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "lensfind/network/graph.h"

namespace lensfind::network {

/// One array of weights: float32, row-major.
struct Array {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// name -> array; names are timm's.
using Weights = std::map<std::string, Array>;

/// Reads a safetensors file (https://github.com/huggingface/safetensors, format). F32 is read as it is, F64, F16 and BF16 are converted,
/// integer tensors (num_batches_tracked) are left out. The header's sizes are checked against the file's before anything is allocated.
/// Throws Error.
Weights read_safetensors(const std::filesystem::path& path);
Weights parse_safetensors(std::span<const std::byte> bytes, const std::string& origin);

/// Reads the state dictionary of a file that torch.save wrote (torch 1.6 or later). The file holds a dictionary of tensors, or one with
/// such a dictionary as "state_dict" (PyTorch Lightning), "model_state_dict" or "model". The pickle inside is read as data: nothing in it
/// is ever run, and what is neither number, text, container nor tensor is passed over. Floats are converted as above, integer tensors left
/// out. Throws Error.
Weights read_torch_file(const std::filesystem::path& path);
Weights parse_torch_file(std::span<const std::byte> bytes, const std::string& origin);

/// Reads either kind, which the first bytes tell.
Weights read_weights(const std::filesystem::path& path);

/// The bytes of a weight file; throws Error where it cannot be read.
std::vector<std::byte> read_weight_bytes(const std::filesystem::path& path);

/// Writes F32 tensors, names in order, data aligned to 8 bytes, atomically and surviving power loss. `metadata` goes into __metadata__.
void write_safetensors(const std::filesystem::path& path, const Weights& weights, const std::map<std::string, std::string>& metadata = {});
/// The same with F16 tensors: half the size, each weight rounded to the nearest number of 16 bits.
void write_half_safetensors(const std::filesystem::path& path, const Weights& weights,
                            const std::map<std::string, std::string>& metadata = {});

/// Every weight rounded as write_half_safetensors() rounds it. Throws Error where one is beyond what 16 bits hold (65504).
Weights rounded_to_half(Weights weights);

/// Throws Error where `weights` do not fit `graph`. It names the first array that is missing, misshapen, not finite or extra, with the
/// nearest name.
void check_weights(const Graph& graph, const Weights& weights, const std::string& origin);

/// Without "model." or "module." before every name, as PyTorch Lightning and torch's parallel wrappers leave it.
Weights without_common_prefix(Weights weights);

}  // namespace lensfind::network
