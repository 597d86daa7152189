#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include <openvino/core/model.hpp>

namespace lensfind::score {

/// The most bytes that what a network computes takes at once in one call, by the shapes of its nodes' results. Each result is kept until
/// its last reader has run. One node can claim any size (ConstantOfShape, Expand, Tile, Pad, Resize), and a small file can hold it. The
/// weights do not count. Nothing where a length is known only once it computes.
std::optional<std::uint64_t> max_bytes_at_once(const ov::Model& network);

/// Throws Error where that is not known, or is more than one input may take (base/unpack_budget.h).
void check_memory(const ov::Model& network, const std::filesystem::path& onnx);

}  // namespace lensfind::score
