#include <array>
#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "lensfind/base/value.h"
#include "lensfind/simulate/noise.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::simulate {
namespace {

namespace fs = std::filesystem;

Survey survey_of(const std::string& name) { return find_survey(name, {fs::path{LENSFIND_SOURCE_DIR} / "surveys"}); }

/// What tests/reference/genuine.py measures on blank pieces of images: scatter of a pixel, correlations 1 to 4 pixels apart, scatter of
/// sums over 4 x 4 pixels over 4.
struct BlankSky {
  double std_dev = 0, sums = 0;
  std::array<double, 4> lags{};
};

BlankSky simulated_sky(const Noise& noise) {
  constexpr int side = 400;
  render::Plane plane{side};
  add_noise(noise, {3, 4, 0}, plane);
  const auto at = [&](int row, int column) { return static_cast<double>(plane.at(row, column)); };
  std::array<double, 5> products{};
  double sums = 0;
  for (int row = 4; row < side - 8; ++row) {
    for (int column = 4; column < side - 8; ++column) {
      for (int lag = 0; lag < 5; ++lag)
        products[static_cast<std::size_t>(lag)] += at(row, column) * (at(row, column + lag) + at(row + lag, column)) / 2;
      double sum = 0;
      for (int k = 0; k < 16; ++k) sum += at(row + k / 4, column + k % 4) / 4;
      sums += sum * sum;
    }
  }
  const double pixels = (side - 12.0) * (side - 12.0);
  BlankSky out{std::sqrt(products[0] / pixels), std::sqrt(sums / pixels), {}};
  for (std::size_t lag = 1; lag < 5; ++lag) out.lags[lag - 1] = products[lag] / products[0];
  return out;
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

void expect_lags(const BlankSky& ours, const Value& measured, double tolerance, const std::string& band) {
  for (std::size_t lag = 0; lag < 4; ++lag) EXPECT_NEAR(ours.lags[lag], number(measured, "lags", lag), tolerance) << band << " " << lag + 1;
}

// NISP's pixels are ninths of the detector's: they scatter far less than sums over many say. Of the mean of exposures they would be .07 to
// .1 more alike than they are.
TEST(Euclid, PixelsAreAsAlikeAsInTheGenuineImageAndScatterAsMuch) {
  const Survey euclid = survey_of("euclid");
  const Value& planes = genuine("euclid");
  for (std::size_t b = 0; b < 4; ++b) {
    const BlankSky ours = simulated_sky(band_noise(euclid, b));
    const Value& blank = planes.at("blank").as_array().at(b);
    const double unit = std::pow(10, -0.4 * (number(planes, "zero_point", b) - euclid.output_zero_point[b]));
    EXPECT_NEAR(ours.std_dev / (number(blank, "std") * unit), 1, 0.12) << euclid.bands[b];
    EXPECT_NEAR(ours.sums / (number(blank, "sums") * unit), 1, 0.12) << euclid.bands[b];
    expect_lags(ours, blank, 0.05, euclid.bands[b]);
  }
}

// The same file's DES planes, resampled to .1 arcsec so that sums over areas keep their noise: of the depth of the second release.
TEST(Des, NoiseIsThatOfTheGenuineRmsPlanes) {
  const Survey des = survey_of("des");
  const Value& planes = genuine("euclid");
  for (std::size_t b = 0; b < 3; ++b) {
    const double rms = number(planes, "des_rms", b) * des.pixel_scale_arcsec / number(planes, "des_pixel_scale");
    EXPECT_NEAR(band_noise(des, b).background_rms / rms, 1, 0.1) << des.bands[b];
  }
}

// Ten galaxies of Y3, which is the first release. A band's median of ten is uncertain by 6%.
TEST(Des, FirstReleaseIsAsNoisyAsGenuineCoaddsOfIt) {
  const Survey des = survey_of("des1");
  for (std::size_t b = 0; b < 3; ++b) {
    const BlankSky ours = simulated_sky(band_noise(des, b));
    const Value& blank = genuine("des").at("blank").as_array().at(b);
    EXPECT_NEAR(ours.std_dev / number(blank, "std"), 1, 0.15) << des.bands[b];
    EXPECT_NEAR(ours.sums / number(blank, "sums"), 1, 0.17) << des.bands[b];
    expect_lags(ours, blank, 0.03, des.bands[b]);
  }
}

TEST(Cfhtls, SkyIsThatOfAGenuineField) {
  const Survey cfhtls = survey_of("cfhtls");
  for (std::size_t b = 0; b < 3; ++b) {
    const Value& blank = genuine("cfhtls").as_array().at(b).at("blank");
    const BlankSky ours = simulated_sky(band_noise(cfhtls, b));
    EXPECT_NEAR(ours.std_dev / number(blank, "std"), 1, 0.17) << cfhtls.bands[b];
    EXPECT_NEAR(ours.sums / number(blank, "sums"), 1, 0.17) << cfhtls.bands[b];
    expect_lags(ours, blank, 0.03, cfhtls.bands[b]);
  }
}

TEST(Ps1, NoiseIsThatOfGenuineStacks) {
  const Survey ps1 = survey_of("ps1");
  for (std::size_t b = 0; b < 3; ++b) {
    const Value& stacks = genuine("ps1").as_array().at(b);
    const double std_dev = number(stacks, "std_a_second") * std::pow(10, 0.4 * (ps1.output_zero_point[b] - 25));
    const BlankSky ours = simulated_sky(band_noise(ps1, b));
    EXPECT_NEAR(ours.std_dev / std_dev, 1, 0.35) << ps1.bands[b];
    EXPECT_NEAR(ours.sums / ours.std_dev, number(stacks, "sums_over_std"), 0.04) << ps1.bands[b];
    expect_lags(ours, stacks, 0.09, ps1.bands[b]);
  }
}

}  // namespace
}  // namespace lensfind::simulate
