#pragma once

#include <string>

#include "lensfind/score/engine.h"

namespace lensfind::score {

/// How many cutouts a second the engine computes when it has as many calls under way as it can use. On pixels in memory, for at least
/// `seconds`.
double images_per_second(Engine& engine, double seconds);

/// The same of an ONNX model (network/onnx.h) that is nowhere on disk, with `threads` threads (0: all cores).
double images_per_second(const std::string& onnx, Precision precision, int threads, double seconds);

}  // namespace lensfind::score
