#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "lensfind/model/int8_ranges.h"
#include "lensfind/network/onnx_file.h"
#include "lensfind/score/engine.h"

namespace lensfind::score {

/// Whether this processor multiplies bytes natively (AVX-512 VNNI, AVX VNNI or AMX): without that int8 is no quicker, and its sums may
/// overflow.
bool processor_has_vnni();

/// Throws Error where it does not.
void require_vnni();

/// Whether the network has layers that can be computed in int8 (int8_layers.h); `origin` names it in errors.
bool has_int8_layers(const network::OnnxNetwork& network, const std::filesystem::path& origin);

/// As Int8Ranges::weights has it.
std::string weights_hash(const network::OnnxNetwork& network, const std::filesystem::path& origin);

/// Whether `ranges` are those of the network's layers, measured with its weights.
bool ranges_fit(const network::OnnxNetwork& network, const std::filesystem::path& origin, const EngineOptions& options,
                const model::Int8Ranges& ranges);

/// Runs the network in f32 on `count` cutouts (n, bands, height, width), raw pixels, and gives for each of its int8 layers the range of its
/// input that loses least to rounding and cutting off: the smallest mean squared error over the measured numbers (Nagel et al. 2021,
/// arXiv:2106.08295, section 3.1). They are rounded to three digits, so that processors whose float32 sums differ in the last bit agree.
/// options.threads batches are computed at a time; the ranges do not depend on it.
/// Throws Error where there are no cutouts or the network has no such layer; `origin` names it.
model::Int8Ranges measure_int8_ranges(const network::OnnxNetwork& network, const std::filesystem::path& origin,
                                      const EngineOptions& options, std::span<const float> cutouts, std::size_t count);

}  // namespace lensfind::score
