#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/dataset/augment.h"

namespace lensfind::dataset {
namespace {

/// As tests/reference/augmentation.py makes it.
image::Image made_up_image() {
  struct Band {
    double width, arc, slope;
  };
  constexpr Band bands[3] = {{5, .6, .1}, {6, .4, .2}, {8, .2, .3}};
  image::Image image{image::ImageShape{3, 64, 64}};
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
constexpr std::size_t figures = 3 + 3 + 4 + bins;
using Statistics = std::array<double, figures>;

/// Mean and standard deviation of each band, mean of each quadrant of band 0, fractions of all pixels in 16 bins from 0 to 1.
Statistics statistics_of(const image::Image& image) {
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

/// The study's chain as its recipes hold it, or the step of it that is named.
std::vector<AugmentationStep> study(const std::string& name) {
  const Value recipe = read_toml(std::string{LENSFIND_SOURCE_DIR} + "/recipes/study-resnet18.toml");
  std::vector<AugmentationStep> chain;
  for (const Value& step : recipe.at("augmentation").as_array()) read_fields(step, chain.emplace_back(), "study-resnet18");
  if (name == "study") return chain;
  if (name == "flips") return {chain[0]};
  if (name == "tones") return {chain[3]};
  for (const AugmentationStep& step : chain) {
    if (step.name == name) return {step};
    for (AugmentationStep member : step.one_of) {
      member.probability = 1;
      if (member.name == name) return {member};
    }
  }
  throw Error{name, "no such step"};
}

class AgreesWithAlbumentations : public ::testing::TestWithParam<const char*> {};

// Means and standard deviations over 2,000 draws of each statistic agree within what chance allows, and a little more for OpenCV's rounding
// of its sampling positions to 1/32 pixel.
TEST_P(AgreesWithAlbumentations, InMeansDeviationsAndHistograms) {
  const Value reference = read_json(std::string{LENSFIND_SOURCE_DIR} + "/tests/reference/augmentation.json");
  const image::Image image = made_up_image();
  const std::vector<double> plain = numbers(reference.at("image").at("statistics"));
  const Statistics made = statistics_of(image);
  for (std::size_t i = 0; i < figures; ++i) ASSERT_NEAR(made[i], plain[i], 1e-6) << "the images differ, statistic " << i;

  const Augmentation augmentation{study(GetParam())};
  const auto draws = static_cast<double>(reference.at("draws").as_integer());
  Statistics sum{};
  Statistics squares{};
  for (int draw = 0; draw < static_cast<int>(draws); ++draw) {
    image::Image copy = image;
    RandomStream random{11, Purpose::augmentation, static_cast<std::uint64_t>(draw)};
    augmentation.apply(copy.view(), random);
    const Statistics s = statistics_of(copy);
    for (std::size_t i = 0; i < figures; ++i) {
      sum[i] += s[i] / draws;
      squares[i] += s[i] * s[i] / draws;
    }
  }
  const Value& theirs = reference.at("steps").at(GetParam());
  const std::vector<double> mean = numbers(theirs.at("mean"));
  const std::vector<double> std_dev = numbers(theirs.at("std"));
  for (std::size_t i = 0; i < figures; ++i) {
    const double rounding = i < 10 ? .0015 : .004;
    EXPECT_NEAR(sum[i], mean[i], 4.5 * std_dev[i] * std::sqrt(2 / draws) + rounding) << GetParam() << ", mean of statistic " << i;
    EXPECT_NEAR(std::sqrt(std::max(squares[i] - sum[i] * sum[i], 0.0)), std_dev[i], .1 * std_dev[i] + rounding)
        << GetParam() << ", standard deviation of statistic " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Study, AgreesWithAlbumentations,
                         ::testing::Values("flips", "rotate90", "rotate", "shift_scale_rotate", "gaussian_blur", "brightness_contrast",
                                           "gamma", "hue_saturation_value", "study"));

using Parameters = std::vector<double>;

/// As the reference's spots(), centroid() and warp_parameters().
image::Image spots() {
  constexpr std::array<std::pair<int, int>, 3> places{{{0, 0}, {8, 0}, {0, 8}}};
  image::Image image{image::ImageShape{3, 64, 64}};
  for (int b = 0; b < 3; ++b) {
    const auto [dx, dy] = places[static_cast<std::size_t>(b)];
    for (int y = 0; y < 64; ++y) {
      for (int x = 0; x < 64; ++x)
        image.at(b, y, x) = static_cast<float>(std::exp(-(std::pow(x - 31.5 - dx, 2) + std::pow(y - 31.5 - dy, 2)) / (2 * 1.5 * 1.5)));
    }
  }
  return image;
}

std::pair<double, double> centroid(image::ImageView image, int band) {
  double light = 0, along_x = 0, along_y = 0;
  for (int row = 0; row < 64; ++row) {
    for (int column = 0; column < 64; ++column) {
      const double x = column - 31.5, y = row - 31.5, value = image.at(band, row, column);
      if (std::hypot(x, y) >= 28) continue;
      light += value;
      along_x += value * x;
      along_y += value * y;
    }
  }
  return {along_x / light, along_y / light};
}

Parameters warp_parameters(image::ImageView image) {
  const auto [x, y] = centroid(image, 0);
  const auto [right_x, right_y] = centroid(image, 1);
  const auto [below_x, below_y] = centroid(image, 2);
  return {x, y, std::hypot(right_x - x, right_y - y) / 8, std::hypot(below_x - x, below_y - y) / 8,
          std::atan2(right_y - y, right_x - x) * 180 / std::numbers::pi};
}

Parameters rotate_parameters(image::ImageView image) { return {warp_parameters(image)[4]}; }

Parameters tone_parameters(image::ImageView image) {
  const double low = image.at(0, 0, 0), slope = (image.at(0, 0, 1) - low) / .2;
  return {slope, low - .4 * slope};
}

Parameters gamma_parameters(image::ImageView image) { return {std::log(image.at(0, 0, 0)) / std::log(.4)}; }

Parameters colour_parameters(image::ImageView image) {
  const double red = image.at(0, 0, 0), green = image.at(1, 0, 0), blue = image.at(2, 0, 0);
  return {60 * (green - blue) / (red - blue), 1 - blue / red, red};
}

/// The largest difference between the distributions of two samples (Kolmogorov and Smirnov).
double largest_difference(std::vector<double> a, std::vector<double> b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  double max = 0;
  for (const double at : a) {
    const auto below = [at](const std::vector<double>& values) {
      return static_cast<double>(std::ranges::upper_bound(values, at) - values.begin()) / static_cast<double>(values.size());
    };
    max = std::max(max, std::abs(below(a) - below(b)));
  }
  return max;
}

struct Probe {
  const char* step;
  image::Image image;
  Parameters (*measure)(image::ImageView);
};

TEST(StudyChain, DrawsItsParametersAsAlbumentationsDoes) {
  const image::Image greys{{3, 1, 2}, std::vector<float>{.4F, .6F, .4F, .6F, .4F, .6F}};
  const image::Image colour{{3, 1, 1}, std::vector<float>{.6F, .5F, .3F}};
  const Value reference = read_json(std::string{LENSFIND_SOURCE_DIR} + "/tests/reference/augmentation.json");
  const Probe probes[] = {{"rotate", spots(), rotate_parameters},
                          {"shift_scale_rotate", spots(), warp_parameters},
                          {"brightness_contrast", greys, tone_parameters},
                          {"gamma", greys, gamma_parameters},
                          {"hue_saturation_value", colour, colour_parameters}};
  constexpr int draws = 4000;
  for (const Probe& probe : probes) {
    const Augmentation augmentation{study(probe.step)};
    std::vector<Parameters> ours;
    for (std::uint64_t draw = 0; draw < draws; ++draw) {
      image::Image copy = probe.image;
      RandomStream random{12, Purpose::augmentation, draw};
      augmentation.apply(copy.view(), random);
      const Parameters drawn = probe.measure(copy.view());
      ours.resize(drawn.size());
      for (std::size_t i = 0; i < drawn.size(); ++i) ours[i].push_back(drawn[i]);
    }
    const Value::Array& theirs = reference.at("parameters").at(probe.step).as_array();
    ASSERT_EQ(ours.size(), theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      const Parameters wanted = numbers(theirs[i]);
      const auto a = static_cast<double>(ours[i].size()), b = static_cast<double>(wanted.size());
      // Chance exceeds this once in 10,000 tests: sqrt(-ln(1e-4 / 2) / 2) = 2.23.
      EXPECT_LT(largest_difference(ours[i], wanted), 2.23 * std::sqrt((a + b) / (a * b))) << probe.step << ", parameter " << i;
    }
  }
}

/// Which of the three tones changed a colour whose bands lie evenly apart: 0 none, 1 brightness, 2 gamma, 3 hue; as tone_kind() there.
std::size_t tone_kind(image::ImageView image, image::ImageView before) {
  const float red = image.at(0, 0, 0), green = image.at(1, 0, 0), blue = image.at(2, 0, 0);
  if (red == before.at(0, 0, 0) && blue == before.at(2, 0, 0)) return 0;
  const auto in_steps = [](float value) { return std::abs(value * 255 - std::round(value * 255)) < 1e-3F; };
  if (in_steps(red) && in_steps(green) && in_steps(blue)) return 3;
  return std::abs((blue - green) - (green - red)) < 1e-5F ? 1 : 2;
}

/// What a flip did to 0, 1, 2, 3 in rows of two: 0 nothing, 1 left and right, 2 up and down, 3 transposed.
std::size_t flip_kind(image::ImageView image, image::ImageView) {
  return image.at(0, 0, 0) == 0 ? (image.at(0, 0, 1) == 1 ? 0 : 3) : image.at(0, 0, 0) == 1 ? 1 : 2;
}

struct Group {
  const char* name;
  image::Image image;
  std::size_t (*kind_of)(image::ImageView, image::ImageView);
};

TEST(StudyChain, ChoosesAmongItsGroupsAsOftenAsAlbumentationsDoes) {
  const Value reference = read_json(std::string{LENSFIND_SOURCE_DIR} + "/tests/reference/augmentation.json");
  const image::Image square{{1, 2, 2}, std::vector<float>{0, 1, 2, 3}};
  const image::Image colour{{3, 1, 1}, std::vector<float>{.201F, .401F, .601F}};
  for (const Group& group : {Group{"flips", square, flip_kind}, Group{"tones", colour, tone_kind}}) {
    const Augmentation augmentation{study(group.name)};
    const Parameters theirs = numbers(reference.at("choices").at(group.name));
    std::array<double, 4> ours{};
    constexpr int draws = 20'000;
    for (std::uint64_t draw = 0; draw < draws; ++draw) {
      image::Image copy = group.image;
      RandomStream random{13, Purpose::augmentation, draw};
      augmentation.apply(copy.view(), random);
      ++ours[group.kind_of(copy.view(), group.image.view())];
    }
    // Two counts of 20,000 draws each differ by sqrt(2 N p (1 - p)): four standard deviations.
    for (std::size_t i = 0; i < 4; ++i)
      EXPECT_NEAR(ours[i], theirs[i], 4 * std::sqrt(2 * theirs[i] * (1 - theirs[i] / draws))) << group.name << ", choice " << i;
  }
}

}  // namespace
}  // namespace lensfind::dataset
