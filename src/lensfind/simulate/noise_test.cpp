#include "lensfind/simulate/noise.h"

#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/random.h"
#include "lensfind/base/value.h"
#include "lensfind/simulate/noise_kernels.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::simulate {
namespace {

struct Moments {
  double mean = 0, std_dev = 0, beside = 0;  ///< `beside`: correlation with the next pixel in x
};

Moments moments(const render::Plane& plane) {
  double sum = 0, squares = 0, products = 0;
  const int n = plane.side;
  for (int row = 0; row < n; ++row) {
    for (int column = 0; column < n; ++column) {
      const auto v = static_cast<double>(plane.at(row, column));
      sum += v;
      squares += v * v;
      if (column > 0) products += v * static_cast<double>(plane.at(row, column - 1));
    }
  }
  const double mean = sum / (n * n), variance = squares / (n * n) - mean * mean;
  return {mean, std::sqrt(variance), (products / (n * (n - 1.0)) - mean * mean) / variance};
}

TEST(Noise, BackgroundAndDepthAgreeWithLenstronomy) {
  for (const auto& path : test::reference_files("lensing/noise.json")) {
    const Value file = read_json(path);
    for (const Value& entry : file.as_array()) {
      const auto number = [&](const char* key) { return entry.at(key).as_number(); };
      const double sky = sky_electrons(number("sky_brightness"), number("zero_point"), number("pixel_scale"));
      EXPECT_NEAR(sky / number("sky_e_per_s_per_pixel"), 1, 1e-9);
      const double rms = background_rms_of_exposures(sky, number("read_noise"), number("exposure_time"), number("num_exposures"));
      EXPECT_NEAR(rms / number("background_rms_e_per_s"), 1, 1e-9);
      EXPECT_NEAR(point_source_depth(rms, number("zero_point"), number("seeing"), number("pixel_scale")), number("depth_5sigma_psf"), 1e-4);
      // The same as a survey file, and measured on pixels.
      Survey survey;
      survey.bands = {"i"};
      survey.pixel_scale_arcsec = number("pixel_scale");
      survey.seeing_fwhm_arcsec = {number("seeing")};
      survey.output_zero_point = survey.instrument_zero_point = {number("zero_point")};
      survey.sky_mag_arcsec2 = {number("sky_brightness")};
      survey.exposure_s = {number("exposure_time")};
      survey.exposures = {number("num_exposures")};
      survey.read_noise_e = {number("read_noise")};
      render::Plane dark{400}, lit{400};
      std::fill(lit.values.begin(), lit.values.end(), static_cast<float>(entry.at("poisson_example").at("flux_e_per_s").as_number()));
      add_noise(band_noise(survey, 0), {1, 2, 0}, dark);
      add_noise(band_noise(survey, 0), {1, 3, 1}, lit);
      EXPECT_NEAR(moments(dark).std_dev / rms, 1, 0.01);
      EXPECT_NEAR(moments(lit).std_dev / entry.at("poisson_example").at("total_rms_e_per_s").as_number(), 1, 0.01);
    }
  }
}

TEST(Noise, DepthOfASurveyGivesItsRms) {
  Survey survey;
  survey.bands = {"g"};
  survey.pixel_scale_arcsec = 0.168;
  survey.seeing_fwhm_arcsec = {0.79};
  survey.output_zero_point = {27};
  survey.sky_mag_arcsec2 = {22};
  survey.depth_5sigma = {26.5};
  const Noise noise = band_noise(survey, 0);
  EXPECT_NEAR(point_source_depth(noise.background_rms, 27, 0.79, 0.168), 26.5, 1e-9);
  // Effective gain = sky counts / background variance; HSC Wide's g has about 1400 e- a count (simulation.md).
  EXPECT_NEAR(noise.gain, 1400, 100);
}

TEST(EffectivePixels, OfAMoffatAreThoseOfTheLaw) {
  // Of pixels far smaller than the star: pi alpha^2 (2 beta - 1) / (beta - 1)^2.
  for (const double beta : {2.5, 3.0, 3.5}) {
    const double fwhm = 20, alpha = fwhm / (2 * std::sqrt(std::pow(2, 1 / beta) - 1));
    EXPECT_NEAR(effective_pixels(render::MoffatPsf{fwhm, beta}, 1) / (M_PI * alpha * alpha * (2 * beta - 1) / std::pow(beta - 1, 2)), 1,
                0.01)
        << beta;
  }
}

TEST(EffectivePixels, AMoffatMakesDesShallower) {
  // 3.777 FWHM^2 for a beta of 3, 2.266 for a Gaussian, and the pixel's own width: .27 mag.
  const double gaussian = point_source_depth(1, 30, 0.88, 0.263), moffat = point_source_depth(1, 30, render::MoffatPsf{0.88, 3}, 0.263);
  EXPECT_NEAR(gaussian - moffat, 0.27, 0.01);
}

TEST(EffectivePixels, OfAnImageDoNotDependOnItsSum) {
  EXPECT_NEAR(effective_pixels(render::ImagePsf{1, 3, {0.5f, 1, 0.5f}, {}, {}}, 0.2), 4 / 1.5, 1e-6);
}

TEST(Noise, FewPhotonsArePoisson) {
  // 4 electrons a pixel: the third moment of a Poisson number is its mean, of a normal one 0.
  render::Plane image{300};
  const Noise noise{.background_rms = 2, .gain = 1};
  add_noise(noise, {5, 6, 0}, image);
  double cubes = 0;
  for (int row = 0; row < image.side; ++row) {
    for (int column = 0; column < image.side; ++column) cubes += std::pow(static_cast<double>(image.at(row, column)), 3);
  }
  EXPECT_NEAR(moments(image).std_dev, 2, 0.02);
  EXPECT_NEAR(cubes / (300 * 300), 4, 0.4);
}

TEST(Noise, CorrelationKeepsTheNoiseOfSums) {
  const double c = 0.1;
  const Noise noise{.background_rms = 10, .gain = 1000, .kernel = next_pixel_kernel(c)};
  render::Plane image{512};
  add_noise(noise, {7, 8, 0}, image);
  EXPECT_NEAR(moments(image).std_dev / noise.pixel_rms(), 1, 0.01);
  // One dimension's kernel (c, 1, c) has the autocorrelation 2c / (1 + 2c^2) at one pixel.
  EXPECT_NEAR(moments(image).beside, 2 * c / (1 + 2 * c * c), 0.01);
  render::Plane sums{32};
  for (int row = 0; row < 512; ++row) {
    for (int column = 0; column < 512; ++column) sums.at(row / 16, column / 16) += image.at(row, column);
  }
  EXPECT_NEAR(moments(sums).std_dev, 16 * 10, 0.08 * 160);
}

TEST(Noise, CorrelatedNoiseIsTheSameAlongTheEdges) {
  const Noise noise{.background_rms = 10, .gain = 1000, .kernel = next_pixel_kernel(0.5)};
  double border = 0, corner = 0;
  constexpr int images = 400, side = 64;
  for (std::uint64_t item = 0; item < images; ++item) {
    render::Plane image{side};
    add_noise(noise, {7, item, 0}, image);
    for (int k = 0; k < side; ++k) border += std::pow(static_cast<double>(image.at(k, side - 1)), 2) / (images * side);
    corner += std::pow(static_cast<double>(image.at(0, 0)), 2) / images;
  }
  EXPECT_NEAR(std::sqrt(border) / noise.pixel_rms(), 1, 0.02);
  EXPECT_NEAR(std::sqrt(corner) / noise.pixel_rms(), 1, 0.12);
}

TEST(Noise, OfAWideKernelIsTheSameAlongTheEdges) {
  const Noise noise{.background_rms = 10, .gain = 1000, .kernel = resampling_kernel(NoiseInterpolation::bilinear, 3)};
  constexpr int side = 64;
  double squares = 0, lag = 0;
  for (std::uint64_t item = 0; item < 200; ++item) {
    render::Plane image{side};
    add_noise(noise, {7, item, 1}, image);
    for (int k = 1; k < side; ++k) {
      squares += std::pow(static_cast<double>(image.at(k, 0)), 2) / (200 * (side - 1));
      lag += static_cast<double>(image.at(k, 0) * image.at(k - 1, 0)) / (200 * (side - 1));
    }
  }
  // Along the edge as elsewhere.
  EXPECT_NEAR(std::sqrt(squares) / noise.pixel_rms(), 1, 0.03);
  EXPECT_NEAR(lag / squares, 0.861, 0.02);
}

TEST(Noise, IsDrawnForThePixelsThatAreSeen) {
  constexpr int side = 40;
  std::vector<render::ColumnSpan> seen(side);
  int number = 0;
  for (int row = 3; row < 33; ++row) {
    seen[static_cast<std::size_t>(row)] = {row / 2, std::min(side, row + 10)};
    number += seen[static_cast<std::size_t>(row)].end - seen[static_cast<std::size_t>(row)].first;
  }
  for (const double correlation : {0.0, 0.3}) {
    const Noise noise{.background_rms = 10, .gain = 1000, .kernel = next_pixel_kernel(correlation)};
    double squares = 0;
    int inner = 0;
    for (std::uint64_t item = 0; item < 60; ++item) {
      render::Plane image{side};
      add_noise(noise, {7, item, 1}, image, seen);
      int changed = 0;
      for (int row = 0; row < side; ++row) {
        for (int column = 0; column < side; ++column) {
          changed += image.at(row, column) != 0;
          // Two pixels within the edge of what is seen.
          if (row < 6 || row > 29 || column < row / 2 + 2 || column > row + 7 || column > side - 3) continue;
          squares += std::pow(static_cast<double>(image.at(row, column)), 2);
          ++inner;
        }
      }
      EXPECT_EQ(changed, number);
    }
    EXPECT_NEAR(std::sqrt(squares / inner) / noise.pixel_rms(), 1, 0.03) << correlation;
  }
}

TEST(NoiseKernels, NormalsComeFromTheStreamsWords) {
  std::vector<float> got(64);
  fill_normals(0x123456789abcdefull, Purpose::noise, 0xfedcba987654321ull, 5, got);
  for (std::uint32_t lane = 0; lane < 16; ++lane) {
    const auto words =
        philox4x32({5 + lane, static_cast<std::uint32_t>(Purpose::noise), 0x87654321u, 0x0fedcba9u}, {0x89abcdefu, 0x01234567u});
    for (std::size_t pair = 0; pair < 2; ++pair) {
      const double radius = std::sqrt(-2 * std::log((std::floor(words[2 * pair] / 256.0) + 0.5) * 0x1p-24));
      const double angle = 2 * M_PI * static_cast<std::int32_t>(words[2 * pair + 1]) * 0x1p-32;
      EXPECT_NEAR(got[32 * pair + lane], radius * std::cos(angle), 1e-5);
      EXPECT_NEAR(got[32 * pair + 16 + lane], radius * std::sin(angle), 1e-5);
    }
  }
}

TEST(NoiseKernels, NormalsAreNormal) {
  std::vector<float> z(1 << 20);
  fill_normals(9, Purpose::test, 10, 0, z);
  double sum = 0, squares = 0, fourth = 0;
  std::int64_t beyond_three = 0;
  for (const float v : z) {
    const auto x = static_cast<double>(v);
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
    beyond_three += std::abs(x) > 3;
  }
  const auto n = static_cast<double>(z.size());
  EXPECT_NEAR(sum / n, 0, 4e-3);
  EXPECT_NEAR(squares / n, 1, 6e-3);
  EXPECT_NEAR(fourth / n, 3, 0.05);
  EXPECT_NEAR(static_cast<double>(beyond_three) / n, 2.6998e-3, 2.1e-4);
}

}  // namespace
}  // namespace lensfind::simulate
