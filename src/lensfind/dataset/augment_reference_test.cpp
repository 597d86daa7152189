#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/value.h"
#include "lensfind/dataset/augment.h"

namespace lensfind {
namespace {

/// As tests/reference/augmentation.py makes it.
Image made_up_image() {
  struct Band {
    double width, arc, slope;
  };
  constexpr Band bands[3] = {{5, .6, .1}, {6, .4, .2}, {8, .2, .3}};
  Image image{ImageShape{3, 64, 64}};
  for (int b = 0; b < 3; ++b) {
    for (int y = 0; y < 64; ++y) {
      for (int x = 0; x < 64; ++x) {
        const double radius = std::hypot(x - 31.5, y - 31.5);
        const double angle = std::atan2(y - 31.5, x - 31.5);
        const double galaxy = .6 * std::exp(-std::pow(radius / bands[b].width, 2) / 2);
        const double ring = bands[b].arc * std::exp(-std::pow((radius - 14) / 2, 2) / 2 - std::pow((angle - .7) / .6, 2) / 2);
        image.at(b, y, x) = static_cast<float>(std::clamp(galaxy + ring + bands[b].slope * x / 63 + .05, 0.0, 1.0));
      }
    }
  }
  return image;
}

constexpr std::size_t bins = 16;
constexpr std::size_t count = 3 + 3 + 4 + bins;
using Statistics = std::array<double, count>;

/// Mean and deviation of each band, mean of each quadrant of band 0, shares of all pixels in 16 bins from 0 to 1.
Statistics statistics_of(const Image& image) {
  Statistics s{};
  for (int b = 0; b < 3; ++b) {
    double squares = 0;
    double& mean = s[static_cast<std::size_t>(b)];
    for (const float value : image.band(b)) {
      mean += value / 4096.0;
      squares += static_cast<double>(value) * value / 4096;
    }
    s[static_cast<std::size_t>(3 + b)] = std::sqrt(std::max(squares - mean * mean, 0.0));
  }
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) s[static_cast<std::size_t>(6 + y / 32 * 2 + x / 32)] += image.at(0, y, x) / 1024.0;
  }
  for (const float value : image.values())
    s[10 + std::min(bins - 1, static_cast<std::size_t>(std::max(value, 0.0F) * bins))] += 1.0 / (3 * 4096);
  return s;
}

std::vector<double> numbers(const Value& list) {
  std::vector<double> values;
  for (const Value& value : list.as_array()) values.push_back(value.as_number());
  return values;
}

/// The chain of the study, as recipes spell it.
std::vector<AugmentationStep> study(const std::string& step) {
  const AugmentationStep flips{.name = "one_of", .one_of = {{.name = "horizontal_flip"}, {.name = "vertical_flip"}, {.name = "transpose"}}};
  const AugmentationStep turns{.name = "one_of", .one_of = {{.name = "quarter_turn"}, {.name = "turn"}, {.name = "shift_scale_turn"}}};
  const AugmentationStep blur{.name = "blur", .probability = .3};
  const AugmentationStep tones{.name = "one_of",
                               .probability = .5,
                               .one_of = {{.name = "brightness_contrast"}, {.name = "gamma"}, {.name = "hue_saturation_value"}}};
  if (step == "study") return {flips, turns, blur, tones};
  if (step == "flips") return {flips};
  if (step == "blur") return {blur};
  return {{.name = step}};
}

class AgreesWithAlbumentations : public testing::TestWithParam<const char*> {};

// Means and deviations over 2,000 draws of each statistic agree within what chance allows, and a little more for what differs on purpose:
// albumentations rounds colours to 8 bits in hue_saturation_value, and OpenCV its sampling positions to 1/32 pixel.
TEST_P(AgreesWithAlbumentations, InMeansDeviationsAndHistograms) {
  const Value reference = read_json(std::string{LENSFIND_SOURCE_DIR} + "/tests/reference/augmentation.json");
  const Image image = made_up_image();
  const std::vector<double> plain = numbers(reference.at("image").at("statistics"));
  const Statistics made = statistics_of(image);
  for (std::size_t i = 0; i < count; ++i) ASSERT_NEAR(made[i], plain[i], 1e-6) << "the images differ, statistic " << i;

  const Augmentation augmentation{study(GetParam())};
  const auto draws = static_cast<double>(reference.at("draws").as_integer());
  Statistics sum{};
  Statistics squares{};
  for (int draw = 0; draw < static_cast<int>(draws); ++draw) {
    Image copy = image;
    RandomStream random{11, Purpose::augmentation, static_cast<std::uint64_t>(draw)};
    augmentation.apply(copy.view(), random);
    const Statistics s = statistics_of(copy);
    for (std::size_t i = 0; i < count; ++i) {
      sum[i] += s[i] / draws;
      squares[i] += s[i] * s[i] / draws;
    }
  }
  const Value& theirs = reference.at("steps").at(GetParam());
  const std::vector<double> mean = numbers(theirs.at("mean"));
  const std::vector<double> deviation = numbers(theirs.at("deviation"));
  for (std::size_t i = 0; i < count; ++i) {
    const double rounding = i < 10 ? .0015 : .004;
    EXPECT_NEAR(sum[i], mean[i], 4.5 * deviation[i] * std::sqrt(2 / draws) + rounding) << GetParam() << ", mean of statistic " << i;
    EXPECT_NEAR(std::sqrt(std::max(squares[i] - sum[i] * sum[i], 0.0)), deviation[i], .1 * deviation[i] + rounding)
        << GetParam() << ", deviation of statistic " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Study, AgreesWithAlbumentations,
                         testing::Values("flips", "quarter_turn", "turn", "shift_scale_turn", "blur", "brightness_contrast", "gamma",
                                         "hue_saturation_value", "study"));

}  // namespace
}  // namespace lensfind
