#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <unordered_map>

#include "lensfind/cutouts/inputs.h"

namespace lensfind::cutouts {

/// Goes through the inputs and calls visit(input, place) for each whose id is in `wanted` (id to place), until it has returned true for
/// every one of them. Throws what visit throws, and Error where a folder or list cannot be read.
void find_inputs(const InputOptions& options, std::unordered_map<std::string, std::size_t> wanted,
                 const std::function<bool(const Input& input, std::size_t place)>& visit);

}  // namespace lensfind::cutouts
