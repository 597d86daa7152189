#include "lensfind/simulate/resampled_noise.h"

#include <cmath>

#include <gtest/gtest.h>

namespace lensfind::simulate {
namespace {

/// Autocorrelation of a symmetric kernel at a lag.
double covariance(const NoiseKernel& kernel, int lag) {
  const int reach = static_cast<int>(kernel.size()) - 1;
  const auto at = [&](int k) { return std::abs(k) > reach ? 0 : static_cast<double>(kernel[static_cast<std::size_t>(std::abs(k))]); };
  double sum = 0;
  for (int k = -reach - lag; k <= reach; ++k) sum += at(k) * at(k + lag);
  return sum;
}

TEST(InterpolatedCovariance, OfLinearWeightsIsTheCubicSpline) {
  // Two triangles' product has the integral 2/3 - x^2 + x^3 / 2 at a distance x < 1, (2 - x)^3 / 6 below 2.
  const std::vector<double> got = interpolated_covariance(NoiseInterpolation::bilinear, 3);
  for (int lag = 0; lag <= 6; ++lag) {
    const double x = lag / 3.0, expected = x < 1 ? 2 / 3.0 - x * x + x * x * x / 2 : std::pow(2 - x, 3) / 6;
    EXPECT_NEAR(got[static_cast<std::size_t>(lag)], expected, 2e-3) << lag;
  }
}

TEST(InterpolatedCovariance, OfLanczosKernelsIsThatOfDrawnNoise) {
  // numpy: a million places at random phases.
  const std::vector<double> got = interpolated_covariance(NoiseInterpolation::lanczos3, 1);
  EXPECT_NEAR(got[0], 0.893, 0.002);
  EXPECT_NEAR(got[1] / got[0], 0.112, 0.002);
  EXPECT_NEAR(got[2] / got[0], -0.076, 0.002);
  EXPECT_NEAR(got[3] / got[0], 0.027, 0.002);
}

TEST(ResamplingKernel, GivesWhiteNoiseTheCovarianceAndKeepsSums) {
  for (const auto interpolation : {NoiseInterpolation::bilinear, NoiseInterpolation::lanczos3}) {
    for (const double native : {0.7, 1.0, 1.07, 3.0}) {
      const NoiseKernel kernel = resampling_kernel(interpolation, native);
      const std::vector<double> wanted = interpolated_covariance(interpolation, native);
      double sum = -static_cast<double>(kernel[0]), total = -wanted[0];
      for (const float tap : kernel) sum += 2 * static_cast<double>(tap);
      for (const double value : wanted) total += 2 * value;
      EXPECT_NEAR(sum, 1, 1e-6);
      for (int lag = 0; lag < 4; ++lag)
        EXPECT_NEAR(covariance(kernel, lag) * total, wanted[static_cast<std::size_t>(lag)], 0.015) << native << " " << lag;
      EXPECT_NEAR(kernel_variance(kernel), covariance(kernel, 0), 1e-6);
    }
  }
}

TEST(NextPixelKernel, IsTheWeightOverThePixelsOwn) {
  EXPECT_EQ(next_pixel_kernel(0), NoiseKernel{});
  EXPECT_NEAR(next_pixel_kernel(0.25)[0], 1 / 1.5, 1e-6);
  EXPECT_NEAR(next_pixel_kernel(0.25)[1], 0.25 / 1.5, 1e-6);
  EXPECT_EQ(kernel_variance({}), 1);
}

}  // namespace
}  // namespace lensfind::simulate
