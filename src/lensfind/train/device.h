#pragma once

#include <string>

#include "lensfind/network/graph.h"
#include "lensfind/train/recipe.h"

namespace lensfind::train {

/// "cpu" or "cuda" for auto, cpu or cuda. Throws Error where cuda is asked for and libtorch finds none.
std::string choose_device(const std::string& wanted);

/// Whether a network trains in bfloat16. `automatic` says yes on a GPU and on a processor with bfloat16 units (AVX-512 or AMX). The
/// exception are networks with convolutions of groups that depthwise_convolution does not take: oneDNN's are slower in bfloat16 than in
/// float32.
bool choose_bf16(Precision wanted, const network::Graph& graph, const std::string& device);

/// Whether this processor multiplies bfloat16 numbers itself.
bool processor_has_bf16();

/// Makes libtorch use so many threads (0: all cores) and give the same numbers each time. Makes the C library keep freed memory for the
/// next step. Returns how many threads there are.
int set_up_torch(int threads);

/// "2.13.0", libtorch's.
std::string torch_version();

}  // namespace lensfind::train
