#include "lensfind/image/resample.h"

#include <cmath>
#include <numeric>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::image {
namespace {

double sum(ImageView image) {
  double total = 0;
  for (const float value : image.values()) total += static_cast<double>(value);
  return total;
}

/// Flux of a Gaussian of unit flux and standard deviation `sigma` in the pixel [x - half, x + half]^2, exactly.
double gaussian_flux(double x, double y, double half, double sigma) {
  const auto along = [&](double v) {
    return .5 * (std::erf((v + half) / sigma / std::sqrt(2)) - std::erf((v - half) / sigma / std::sqrt(2)));
  };
  return along(x) * along(y);
}

Image gaussian(int size, double scale, double sigma) {
  Image image{ImageShape{1, size, size}};
  for (int row = 0; row < size; ++row)
    for (int column = 0; column < size; ++column)
      image.at(0, row, column) =
          static_cast<float>(gaussian_flux((column - (size - 1) / 2.0) * scale, (row - (size - 1) / 2.0) * scale, scale / 2, sigma));
  return image;
}

TEST(ResampleFlux, SumsBlocksOfPixels) {
  Image image{ImageShape{2, 4, 4}};
  std::iota(image.values().begin(), image.values().end(), 0.F);
  const Image out = resample_flux(image.view(), 2, 2);
  EXPECT_FLOAT_EQ(out.at(0, 0, 0), 0 + 1 + 4 + 5);
  EXPECT_FLOAT_EQ(out.at(0, 1, 1), 10 + 11 + 14 + 15);
  EXPECT_FLOAT_EQ(out.at(1, 1, 0), 24 + 25 + 28 + 29);
}

TEST(ResampleFlux, TheSameScaleCutsAtTheMiddle) {
  const Image image = gaussian(9, 1, 2);
  const Image out = resample_flux(image.view(), 1, 5);
  EXPECT_FLOAT_EQ(out.at(0, 2, 2), image.at(0, 4, 4));
  EXPECT_FLOAT_EQ(out.at(0, 0, 4), image.at(0, 2, 6));
}

TEST(ResampleFlux, ConservesFluxAtAnyRatio) {
  const Image image = gaussian(60, .263, 1);
  for (const double ratio : {.4, .637, .9, 1.3, 2.7}) {
    const Image out = resample_flux(image.view(), ratio, resampled_size(60, ratio));
    EXPECT_NEAR(sum(out.view()), 1, 1e-4) << ratio;
  }
}

TEST(ResampleFlux, ASmoothProfileComesOutAsIfSeenInTheNewPixels) {
  // DES pixels of .263 arcsec to HSC's .168, seeing .9 arcsec (FWHM): what a detector with the new pixels would have seen, in closed form.
  const Image out = resample_flux(gaussian(50, .263, .382).view(), .168 / .263, 64);
  const Image there = gaussian(64, .168, .382);
  for (std::size_t i = 0; i < out.values().size(); ++i)
    EXPECT_NEAR(out.values()[i], there.values()[i], .006 * static_cast<double>(there.at(0, 31, 31)));
}

TEST(ResampleFlux, BeyondTheEdgeThereIsNothing) {
  const Image out = resample_flux(Image{{1, 10, 10}, 1}.view(), 2, 7);
  EXPECT_TRUE(std::isnan(out.at(0, 3, 0)));
  EXPECT_TRUE(std::isnan(out.at(0, 6, 3)));
  EXPECT_FLOAT_EQ(out.at(0, 3, 3), 4);
  EXPECT_EQ(resampled_size(10, 2), 5);
}

TEST(ResampleFlux, RefusesRatiosThatMakeNoSense) {
  EXPECT_THROW(resample_flux(Image{{1, 10, 10}, 1}.view(), 100, 7), Error);
  EXPECT_THROW(resample_flux(Image{{1, 10, 10}, 1}.view(), std::nan(""), 7), Error);
}

}  // namespace
}  // namespace lensfind::image
