#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "lensfind/network/weights.h"

namespace lensfind::network {

/// Weights as a file holds them. Where the file offers more than one set, `notes` say what was chosen, a sentence each.
struct StoredWeights {
  Weights weights;
  std::vector<std::string> notes;
};

/// Reads a weight file of any kind, which its first bytes tell: safetensors, or what torch.save wrote, before torch 1.6 too. Of a
/// checkpoint timm's choice is taken (timm/models/_helpers.py, load_state_dict): "state_dict_ema" or "model_ema" (averaged weights), else
/// "state_dict" (PyTorch Lightning, timm), "model_state_dict" or "model". Throws Error for damage, also where an archive's bytes do not
/// have their checksum, and where the arrays take more than one input may (base/unpack_budget.h).
StoredWeights read_weight_file(const std::filesystem::path& path);
StoredWeights parse_weight_file(std::span<const std::byte> bytes, const std::string& origin);

/// Drops the names of wrappers before the names of arrays. "module." (torch's parallel wrappers) and "_orig_mod." (torch.compile) go from
/// every name that has them, as in timm's clean_state_dict. "model." (PyTorch Lightning) goes where all names have it. Throws Error where
/// two arrays would get one name.
Weights without_wrappers(Weights weights, const std::string& origin);

}  // namespace lensfind::network
