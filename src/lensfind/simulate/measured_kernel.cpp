#include "lensfind/simulate/measured_kernel.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace lensfind::simulate {
namespace {

struct Native {
  double pixels = 1;
  NoiseCorrelations correlations;
};

const std::vector<Native>& natives() {
  static const std::vector<Native> table = [] {
    std::vector<Native> all;
    for (int k = 0; k <= 50; ++k) {
      const double pixels = 0.8 + 0.01 * k;
      const std::vector<double> covariance = interpolated_covariance(NoiseInterpolation::lanczos3, pixels);
      all.push_back({pixels, {covariance[1] / covariance[0], covariance[2] / covariance[0]}});
    }
    return all;
  }();
  return table;
}

}  // namespace

double kernel_weight(double next) {
  const double most = std::min(next, 0.66);
  return most > 0.005 ? std::min(0.5, (1 - std::sqrt(1 - 2 * most * most)) / (2 * most)) : 0;
}

double lanczos_native_pixels(const NoiseCorrelations& measured) {
  const auto error = [&](const Native& native) {
    return std::hypot(native.correlations.next - measured.next, native.correlations.two_apart - measured.two_apart);
  };
  return std::ranges::min(natives(), {}, error).pixels;
}

NoiseKernel measured_kernel(const NoiseCorrelations& measured, bool lanczos) {
  return lanczos ? resampling_kernel(NoiseInterpolation::lanczos3, lanczos_native_pixels(measured))
                 : next_pixel_kernel(kernel_weight(measured.next));
}

}  // namespace lensfind::simulate
