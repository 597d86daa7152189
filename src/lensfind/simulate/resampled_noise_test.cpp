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

TEST(InterpolatedCovariance, OfFiveLobesIsLessAlikeAndReachesFarther) {
  // numpy: means over 64 phases of the products of normalised weights.
  const std::vector<double> got = interpolated_covariance(NoiseInterpolation::lanczos5, 1);
  EXPECT_NEAR(got[0], 0.934, 0.001);
  for (const auto& [lag, expected] : {std::pair{1, 0.069}, {2, -0.061}, {3, 0.048}, {4, -0.033}, {5, 0.015}})
    EXPECT_NEAR(got[static_cast<std::size_t>(lag)] / got[0], expected, 0.001) << lag;
}

// numpy: coadds of 600 x 600 pixels, exposures at random offsets and slightly turned, np.median.
TEST(MedianCorrelations, AreThoseOfDrawnCoadds) {
  struct Case {
    double native;
    int exposures;
    std::vector<double> lags;
  };
  for (const Case& drawn : {Case{3, 3, {0.788, 0.460, 0.203, 0.058}}, Case{3, 4, {0.821, 0.504, 0.231, 0.069}},
                            Case{3, 8, {0.773, 0.461, 0.213, 0.063}}, Case{1, 4, {0.235, 0}}, Case{1, 5, {0.193, 0}}}) {
    const std::vector<double> got = median_correlations(NoiseInterpolation::bilinear, drawn.native, drawn.exposures);
    EXPECT_EQ(got[0], 1);
    for (std::size_t lag = 0; lag < drawn.lags.size(); ++lag)
      EXPECT_NEAR(got[lag + 1], drawn.lags[lag], 0.012) << drawn.native << " " << drawn.exposures << " " << lag + 1;
  }
}

// Pixels a quarter as large are as alike four times as many pixels away, as far as kernels overlap.
TEST(MedianCorrelations, DependOnTheDistanceInDetectorPixels) {
  const std::vector<double> fine = median_correlations(NoiseInterpolation::lanczos3, 12, 4),
                            coarse = median_correlations(NoiseInterpolation::lanczos3, 3, 4);
  ASSERT_EQ(fine.size(), 73U);
  ASSERT_EQ(coarse.size(), 19U);
  for (std::size_t lag = 0; lag < coarse.size(); ++lag) EXPECT_NEAR(fine[4 * lag], coarse[lag], 0.015) << lag;
}

TEST(ResamplingKernel, OfAMedianHasItsCorrelations) {
  const NoiseKernel kernel = resampling_kernel(NoiseInterpolation::bilinear, 3, 4);
  for (const auto& [lag, expected] : {std::pair{1, 0.821}, {2, 0.504}, {3, 0.231}})
    EXPECT_NEAR(covariance(kernel, lag) / covariance(kernel, 0), expected, 0.02) << lag;
  EXPECT_EQ(resampling_kernel(NoiseInterpolation::bilinear, 3, 2), resampling_kernel(NoiseInterpolation::bilinear, 3));
}

TEST(ResamplingKernel, GivesWhiteNoiseTheCovarianceAndKeepsSums) {
  for (const auto interpolation : {NoiseInterpolation::bilinear, NoiseInterpolation::lanczos3, NoiseInterpolation::lanczos5}) {
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
