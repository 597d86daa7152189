#include "lensfind/render/psf.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"

namespace lensfind::render {
namespace {

/// An elliptical Moffat profile of beta 3 turned by 0.5 rad, neither symmetric in x nor in y, 25 rows and 21 columns.
ImagePsf rotated_moffat() {
  ImagePsf psf{25, 21, {}, {}, {}};
  double sum = 0;
  const double c = std::cos(0.5), s = std::sin(0.5);
  for (int y = -12; y <= 12; ++y) {
    for (int x = -10; x <= 10; ++x) {
      const double u = (c * x + s * y) / 3.2, v = (c * y - s * x) / 2.6;
      psf.kernel.push_back(static_cast<float>(std::pow(1 + u * u + v * v, -3)));
      sum += static_cast<double>(psf.kernel.back());
    }
  }
  for (float& value : psf.kernel) value = static_cast<float>(static_cast<double>(value) / sum);
  return psf;
}

std::size_t terms(const ImagePsf& psf) { return psf.along_y.size() / static_cast<std::size_t>(psf.rows); }

TEST(Bin, AddsUpSquaresOfPixelsWithinTheMargin) {
  Plane in{8};
  for (int row = 0; row < 8; ++row) {
    for (int column = 0; column < 8; ++column) in.at(row, column) = static_cast<float>(10 * row + column);
  }
  const Plane out = bin(in, 3, 1);
  ASSERT_EQ(out.side, 2);
  // Nine times the middle pixels (2, 2), (2, 5), (5, 2) and (5, 5).
  EXPECT_EQ(out.at(0, 0), 9 * 22);
  EXPECT_EQ(out.at(0, 1), 9 * 25);
  EXPECT_EQ(out.at(1, 0), 9 * 52);
  EXPECT_EQ(out.at(1, 1), 9 * 55);
}

TEST(FactorisedPsf, HasAsManyTermsAsTheSingularValueDecompositionNeeds) {
  // numpy.linalg.svd of the same kernel: the fewest terms that leave at most 5e-5 of the greatest pixel anywhere.
  const ImagePsf psf = factorised(rotated_moffat());
  EXPECT_EQ(terms(psf), 9u);
}

TEST(FactorisedPsf, TermsAddUpToTheKernel) {
  const ImagePsf psf = factorised(rotated_moffat());
  ASSERT_FALSE(psf.along_y.empty());
  const float peak = *std::max_element(psf.kernel.begin(), psf.kernel.end());
  const auto rows = static_cast<std::size_t>(psf.rows), columns = static_cast<std::size_t>(psf.columns);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      float sum = 0;
      for (std::size_t t = 0; t < terms(psf); ++t) sum += psf.along_y[t * rows + i] * psf.along_x[t * columns + j];
      EXPECT_NEAR(sum, psf.kernel[i * columns + j], 6e-5f * peak);
    }
  }
}

TEST(FactorisedPsf, ConvolvesAsItsKernelDoes) {
  const ImagePsf psf = rotated_moffat(), fast = factorised(psf);
  Plane scene{64};
  RandomStream random{1, Purpose::test};
  for (int k = 0; k < 40; ++k)
    scene.at(static_cast<int>(random.below(64)), static_cast<int>(random.below(64))) = static_cast<float>(random.uniform(0, 10));
  const Plane slow = convolve_image(scene, psf, 14), quick = convolve_image(scene, fast, 14);
  float peak = 0, worst = 0;
  for (int row = 0; row < slow.side; ++row) {
    for (int column = 0; column < slow.side; ++column) {
      peak = std::max(peak, slow.at(row, column));
      worst = std::max(worst, std::abs(slow.at(row, column) - quick.at(row, column)));
    }
  }
  EXPECT_LT(worst, 2e-4f * peak);
}

TEST(FactorisedPsf, KernelOfManyTermsStaysWhole) {
  ImagePsf psf{15, 15, {}, {}, {}};
  RandomStream random{2, Purpose::test};
  for (int k = 0; k < 15 * 15; ++k) psf.kernel.push_back(static_cast<float>(random.uniform()));
  EXPECT_TRUE(factorised(psf).along_y.empty());
}

TEST(Psf, AMoffatFallsAsItsLaw) {
  for (const double beta : {2.5, 4.765}) {
    // Pixels so small that their means are nearly the law's values.
    const ImagePsf psf = moffat_psf(0.7, beta, 0.0125, 129);
    const auto at = [&](int off) { return static_cast<double>(psf.kernel[static_cast<std::size_t>(64 * 129 + 64 + off)]); };
    EXPECT_NEAR(at(28) / at(0), 0.5, 2e-3) << beta;
    EXPECT_NEAR(at(56) / at(0), std::pow(1 + 4 * (std::pow(2, 1 / beta) - 1), -beta), 2e-3) << beta;
  }
}

TEST(Psf, AMoffatsImageSumsToOne) {
  for (const double beta : {2.5, 4.765}) {
    const ImagePsf psf = moffat_psf(0.7, beta, 0.2);
    EXPECT_NEAR(std::accumulate(psf.kernel.begin(), psf.kernel.end(), 0.0), 1, 1e-5) << beta;
  }
}

TEST(WithoutPixel, AGalaxyIsBlurredByThePixelOnce) {
  // A star's image, a Gaussian of 1.2 pixels averaged over pixels, on the pixels' means of a Gaussian galaxy of 2: again a Gaussian.
  const std::vector<float> line = pixel_gaussian_taps(1.2);
  const int half = static_cast<int>(line.size()) - 1;
  ImagePsf star{2 * half + 1, 2 * half + 1, {}, {}, {}};
  for (int y = -half; y <= half; ++y) {
    for (int x = -half; x <= half; ++x)
      star.kernel.push_back(line[static_cast<std::size_t>(std::abs(y))] * line[static_cast<std::size_t>(std::abs(x))]);
  }
  const auto mean = [](double sigma, int x) {
    return 0.5 * (std::erf((x + 0.5) / (sigma * std::sqrt(2))) - std::erf((x - 0.5) / (sigma * std::sqrt(2))));
  };
  Plane galaxy{61};
  for (int y = -30; y <= 30; ++y) {
    for (int x = -30; x <= 30; ++x) galaxy.at(y + 30, x + 30) = static_cast<float>(mean(2, y) * mean(2, x));
  }
  const auto greatest_error = [&](const ImagePsf& psf) {
    const Plane seen = convolve_image(galaxy, psf, 20);
    double worst = 0;
    for (int y = -10; y <= 10; ++y) {
      for (int x = -10; x <= 10; ++x) {
        const double right = mean(std::sqrt(1.2 * 1.2 + 4), y) * mean(std::sqrt(1.2 * 1.2 + 4), x);
        worst = std::max(worst, std::abs(static_cast<double>(seen.at(y + 10, x + 10)) - right));
      }
    }
    return worst / (mean(std::sqrt(5.44), 0) * mean(std::sqrt(5.44), 0));
  };
  EXPECT_LT(greatest_error(without_pixel(star)), 1e-3);
  EXPECT_GT(greatest_error(star), 0.01);  // with the pixel in it twice
}

}  // namespace
}  // namespace lensfind::render
