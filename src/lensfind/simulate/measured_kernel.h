#pragma once

#include "lensfind/simulate/resampled_noise.h"

namespace lensfind::simulate {

/// How alike the noise of pixels is, from -1 to 1.
struct NoiseCorrelations {
  double next = 0;       ///< side by side
  double two_apart = 0;  ///< kernels with negative lobes make it negative
};

/// The weight c of the kernel (c, 1, c) that makes white noise so alike: next = 2c / (1 + 2c^2). 0 to 0.5; 0 below .005.
double kernel_weight(double next);

/// Side of the detectors' pixels, in the output's, from which Lanczos kernels make pixels so alike: 0.8 to 1.3.
double lanczos_native_pixels(const NoiseCorrelations& measured);

/// The kernel that makes white noise so alike: of Lanczos resampling, or (c, 1, c), which two_apart does not change.
NoiseKernel measured_kernel(const NoiseCorrelations& measured, bool lanczos);

}  // namespace lensfind::simulate
