#pragma once

#include <string>

namespace lensfind::render {

/// The widest instructions that the kernels of this room and of simulate/ take on this processor, in Highway's words: "AVX3" (AVX-512),
/// "AVX2", "SSE4", ..., "EMU128" where there is no SIMD.
std::string instructions();

}  // namespace lensfind::render
