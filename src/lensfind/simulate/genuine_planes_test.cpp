#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <numeric>

#include <gtest/gtest.h>

#include "lensfind/image/fits.h"
#include "lensfind/simulate/noise.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::simulate {
namespace {

namespace fs = std::filesystem;

Survey survey(const std::string& name) { return find_survey(name, {fs::path{LENSFIND_SOURCE_DIR} / "surveys"}); }

std::vector<double> finite(std::span<const float> values) {
  std::vector<double> out;
  for (const float value : values) {
    if (std::isfinite(value)) out.push_back(static_cast<double>(value));
  }
  return out;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

/// Scatter of a square image's sky, and its correlation one and two pixels apart in x: of pixels within 3 standard deviations of the
/// median.
struct Sky {
  double std_dev = 0, next = 0, after = 0;
};

Sky sky(std::span<const float> pixels) {
  const auto side = static_cast<int>(std::lround(std::sqrt(pixels.size())));
  const double middle = median(finite(pixels));
  std::vector<double> distances;
  for (const double value : finite(pixels)) distances.push_back(std::abs(value - middle));
  const double clip = 3 * 1.4826 * median(distances);
  const auto mean_product = [&](int shift) {
    double sum = 0;
    int count = 0;
    for (int row = 0; row < side; ++row) {
      for (int column = 0; column + shift < side; ++column) {
        const auto at = static_cast<std::size_t>(row * side + column);
        const double a = static_cast<double>(pixels[at]) - middle,
                     b = static_cast<double>(pixels[at + static_cast<std::size_t>(shift)]) - middle;
        if (!(std::abs(a) < clip && std::abs(b) < clip)) continue;
        sum += a * b;
        ++count;
      }
    }
    return sum / count;
  };
  const double variance = mean_product(0);
  return {std::sqrt(variance), mean_product(1) / variance, mean_product(2) / variance};
}

Sky simulated_sky(const Noise& noise) {
  render::Plane plane{200};
  add_noise(noise, {3, 4, 0}, plane);
  std::vector<float> pixels;
  for (int row = 0; row < plane.side; ++row) {
    for (int column = 0; column < plane.side; ++column) pixels.push_back(plane.at(row, column));
  }
  return sky(pixels);
}

/// The object's image HDUs: image, PSF and rms plane of DES g, r, VIS, DES i, z, NISP Y, J, H.
struct Euclid : testing::Test {
  void SetUp() override {
    const auto path = test::shared_file("data/euclid-q1/102018665_NEG570040238507752998.fits");
    if (!path) GTEST_SKIP() << "needs shared/data/euclid-q1";
    planes = read_fits_images(*path);
    ASSERT_EQ(planes.size(), 24u);
  }
  [[nodiscard]] std::span<const float> plane(std::size_t band, std::size_t which) const { return planes[3 * band + which].band(0); }
  std::vector<Image> planes;
  static constexpr std::size_t image = 0, rms = 2;
  static constexpr std::array<std::size_t, 4> bands{2, 5, 6, 7};
  static constexpr std::array<double, 4> zero_points{24.6, 29.8, 30, 29.9};  ///< MAGZERO
};

TEST_F(Euclid, NoiseIsThatOfTheGenuineRmsPlanes) {
  const Survey euclid = survey("euclid");
  for (std::size_t b = 0; b < 4; ++b) {
    const double genuine = median(finite(plane(bands[b], rms))) * std::pow(10, -0.4 * (zero_points[b] - euclid.output_zero_point[b]));
    EXPECT_NEAR(band_noise(euclid, b).background_rms / genuine, 1, 0.05) << euclid.bands[b];
  }
  // VIS: 3.48 e- a unit (Cropper et al. 2016) and 3 to 4 exposures of 566 s.
  EXPECT_NEAR(band_noise(euclid, 0).gain, 7000, 1200);
}

TEST_F(Euclid, NeighbouringPixelsOfVisAreAsAlikeAsInTheGenuineImage) {
  const Sky genuine = sky(plane(bands[0], image)), ours = simulated_sky(band_noise(survey("euclid"), 0));
  EXPECT_NEAR(ours.next, genuine.next, 0.08);
  EXPECT_NEAR(ours.after, genuine.after, 0.08);
  EXPECT_NEAR(ours.std_dev / genuine.std_dev, 1, 0.15);
}

// The same file's DES planes, resampled to .1 arcsec so that sums over areas keep their noise.
TEST_F(Euclid, DesNoiseIsThatOfTheGenuineRmsPlanes) {
  const Survey des = survey("des");
  constexpr std::array<std::size_t, 3> des_bands{0, 1, 3};
  for (std::size_t b = 0; b < 3; ++b)
    EXPECT_NEAR(band_noise(des, b).background_rms / (median(finite(plane(des_bands[b], rms))) * 0.263 / 0.1), 1, 0.1) << des.bands[b];
}

TEST(Des, NeighbouringPixelsAreAsAlikeAsInTheGenuineGalaxies) {
  const auto folder = test::shared_file("data/des-galaxies/lens");
  if (!folder) GTEST_SKIP() << "needs shared/data/des-galaxies";
  const Survey des = survey("des");
  std::vector<double> next;
  for (const auto& file : fs::directory_iterator{*folder}) {
    for (const Image& band : read_fits_images(file.path())) next.push_back(sky(band.band(0)).next);
  }
  // Faint galaxies, and the bright one, make the genuine images' pixels more alike.
  const double ours = simulated_sky(band_noise(des, 1)).next;
  EXPECT_GT(ours, 0.09);
  EXPECT_LT(ours, median(next));
}

TEST(Cfhtls, SkyIsThatOfAGenuineField) {
  const Survey cfhtls = survey("cfhtls");
  for (std::size_t b = 0; b < 3; ++b) {
    const auto path = test::shared_file("data/cfhtls-field/CFHTLS-test_" + cfhtls.bands[b] + ".fits");
    if (!path) GTEST_SKIP() << "needs shared/data/cfhtls-field";
    const Sky genuine = sky(read_fits_images(*path).front().band(0)), ours = simulated_sky(band_noise(cfhtls, b));
    // Faint galaxies everywhere make the genuine sky's scatter greater and its pixels more alike.
    EXPECT_NEAR(ours.std_dev / genuine.std_dev, 1, 0.2) << cfhtls.bands[b];
    EXPECT_LT(ours.next, genuine.next + 0.03) << cfhtls.bands[b];
    EXPECT_GT(ours.next, 0.06) << cfhtls.bands[b];
  }
}

TEST(Ps1, NoiseIsThatOfGenuineStacks) {
  const auto folder = test::shared_file("data/ps1-lenses");
  if (!folder) GTEST_SKIP() << "needs shared/data/ps1-lenses";
  const Survey ps1 = survey("ps1");
  for (std::size_t b = 0; b < 3; ++b) {
    std::vector<double> std_devs, next;
    for (const auto& lens : fs::directory_iterator{*folder}) {
      if (!lens.is_directory()) continue;
      const fs::path file = lens.path() / (lens.path().filename().string() + "_" + ps1.bands[b] + ".fits");
      if (!fs::exists(file)) continue;
      const Sky genuine = sky(read_fits_images(file).front().band(0));
      // Stacks are sums of counts: of 25 + 2.5 log10(EXPTIME).
      std_devs.push_back(genuine.std_dev * std::pow(10, 0.4 * (ps1.output_zero_point[b] - 25)) / read_fits_number(file, "EXPTIME").value());
      next.push_back(genuine.next);
    }
    ASSERT_GT(std_devs.size(), 10u);
    const Sky ours = simulated_sky(band_noise(ps1, b));
    EXPECT_NEAR(ours.std_dev / median(std_devs), 1, 0.35) << ps1.bands[b];
    EXPECT_GT(ours.next, 0.15) << ps1.bands[b];
    EXPECT_LT(ours.next, median(next)) << ps1.bands[b];
  }
}

}  // namespace
}  // namespace lensfind::simulate
