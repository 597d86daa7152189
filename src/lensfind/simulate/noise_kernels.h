#pragma once

#include <cstdint>
#include <span>

#include "lensfind/base/random.h"

namespace lensfind::simulate {

/// Normal numbers of mean 0 and standard deviation 1 from the random stream (seed, purpose, item), blocks of 64 from 16 counters:
/// Philox4x32-10 (Salmon et al. 2011) and Box & Muller (1958) in single precision, within 5.9 standard deviations. `out` is a multiple of
/// 64 long. The numbers do not depend on the processor but for rounding. `first_counter` is the stream's first counter; 16 are used for
/// each block.
void fill_normals(std::uint64_t seed, Purpose purpose, std::uint64_t item, std::uint32_t first_counter, std::span<float> out);

/// normals[i] becomes normals[i] sqrt(rms^2 + max(flux[i], 0) / gain). Spans are equally long, a multiple of kernel_block.
void scale_to_photon_noise(std::span<const float> flux, float background_rms, float gain, std::span<float> normals);

}  // namespace lensfind::simulate
