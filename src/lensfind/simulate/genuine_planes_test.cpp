#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <numeric>

#include <gtest/gtest.h>

#include "lensfind/base/median.h"
#include "lensfind/base/value.h"
#include "lensfind/simulate/noise.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::simulate {
namespace {

namespace fs = std::filesystem;

Survey survey_of(const std::string& name) { return find_survey(name, {fs::path{LENSFIND_SOURCE_DIR} / "surveys"}); }

std::vector<double> finite(std::span<const float> values) {
  std::vector<double> out;
  for (const float value : values) {
    if (std::isfinite(value)) out.push_back(static_cast<double>(value));
  }
  return out;
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

/// What tests/reference/genuine.py measured on genuine images: see there.
const Value& genuine(const char* survey) {
  static const Value numbers = read_json(test::reference_file("genuine.json"));
  return numbers.at(survey);
}

double number(const Value& table, const char* key) { return table.at(key).as_number(); }
double number(const Value& table, const char* key, std::size_t i) { return table.at(key).as_array().at(i).as_number(); }

TEST(Euclid, NoiseIsThatOfTheGenuineRmsPlanes) {
  const Survey euclid = survey_of("euclid");
  const Value& planes = genuine("euclid");
  for (std::size_t b = 0; b < 4; ++b) {
    const double rms = number(planes, "rms", b) * std::pow(10, -0.4 * (number(planes, "zero_point", b) - euclid.output_zero_point[b]));
    EXPECT_NEAR(band_noise(euclid, b).background_rms / rms, 1, 0.05) << euclid.bands[b];
  }
  // VIS: 3.48 e- a unit (Cropper et al. 2016) and 3 to 4 exposures of 566 s.
  EXPECT_NEAR(band_noise(euclid, 0).gain, 7000, 1200);
}

TEST(Euclid, NeighbouringPixelsOfVisAreAsAlikeAsInTheGenuineImage) {
  const Value& vis = genuine("euclid").at("vis_sky");
  const Sky ours = simulated_sky(band_noise(survey_of("euclid"), 0));
  EXPECT_NEAR(ours.next, number(vis, "next"), 0.08);
  EXPECT_NEAR(ours.after, number(vis, "after"), 0.08);
  EXPECT_NEAR(ours.std_dev / number(vis, "std"), 1, 0.15);
}

// The same file's DES planes, resampled to .1 arcsec so that sums over areas keep their noise.
TEST(Euclid, DesNoiseIsThatOfTheGenuineRmsPlanes) {
  const Survey des = survey_of("des");
  const Value& planes = genuine("euclid");
  for (std::size_t b = 0; b < 3; ++b) {
    const double rms = number(planes, "des_rms", b) * des.pixel_scale_arcsec / number(planes, "des_pixel_scale");
    EXPECT_NEAR(band_noise(des, b).background_rms / rms, 1, 0.1) << des.bands[b];
  }
}

TEST(Des, NeighbouringPixelsAreAsAlikeAsInTheGenuineGalaxies) {
  // Faint galaxies, and the bright one, make the genuine images' pixels more alike.
  const double ours = simulated_sky(band_noise(survey_of("des"), 1)).next;
  EXPECT_GT(ours, 0.09);
  EXPECT_LT(ours, number(genuine("des"), "next"));
}

TEST(Cfhtls, SkyIsThatOfAGenuineField) {
  const Survey cfhtls = survey_of("cfhtls");
  for (std::size_t b = 0; b < 3; ++b) {
    const Value& field = genuine("cfhtls").as_array().at(b);
    const Sky ours = simulated_sky(band_noise(cfhtls, b));
    // Faint galaxies everywhere make the genuine sky's scatter greater and its pixels more alike.
    EXPECT_NEAR(ours.std_dev / number(field, "std"), 1, 0.2) << cfhtls.bands[b];
    EXPECT_LT(ours.next, number(field, "next") + 0.03) << cfhtls.bands[b];
    EXPECT_GT(ours.next, 0.06) << cfhtls.bands[b];
  }
}

TEST(Ps1, NoiseIsThatOfGenuineStacks) {
  const Survey ps1 = survey_of("ps1");
  for (std::size_t b = 0; b < 3; ++b) {
    const Value& stacks = genuine("ps1").as_array().at(b);
    const double std_dev = number(stacks, "std_a_second") * std::pow(10, 0.4 * (ps1.output_zero_point[b] - 25));
    const Sky ours = simulated_sky(band_noise(ps1, b));
    EXPECT_NEAR(ours.std_dev / std_dev, 1, 0.35) << ps1.bands[b];
    EXPECT_GT(ours.next, 0.15) << ps1.bands[b];
    EXPECT_LT(ours.next, number(stacks, "next")) << ps1.bands[b];
  }
}

}  // namespace
}  // namespace lensfind::simulate
