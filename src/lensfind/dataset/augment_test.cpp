#include "lensfind/dataset/augment.h"

#include <cmath>
#include <map>
#include <numbers>
#include <numeric>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/image/symmetry.h"

namespace lensfind::dataset {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

image::Image noise(image::ImageShape shape, std::uint64_t seed = 0) {
  image::Image image{shape};
  RandomStream random{seed, Purpose::test};
  for (float& value : image.values()) value = static_cast<float>(random.uniform());
  return image;
}

std::vector<float> augmented(const Augmentation& augmentation, const image::Image& image, std::uint64_t draw) {
  image::Image copy = image;
  RandomStream random{7, Purpose::augmentation, draw};
  augmentation.apply(copy.view(), random);
  return {copy.values().begin(), copy.values().end()};
}

std::vector<float> values_of(const image::Image& image) { return {image.values().begin(), image.values().end()}; }

std::string hint_of(const std::vector<AugmentationStep>& steps) {
  try {
    const Augmentation augmentation{steps};
  } catch (const Error& error) {
    return error.what() + std::string{" | "} + error.hint();
  }
  return "no error";
}

TEST(Augmentation, DoesNothingWithoutStepsOrWithProbabilityZero) {
  const image::Image image = noise({3, 16, 16});
  EXPECT_TRUE(Augmentation{}.empty());
  EXPECT_EQ(augmented(Augmentation{}, image, 0), values_of(image));
  const Augmentation never{{{.name = "noise", .probability = 0}}};
  for (std::uint64_t draw = 0; draw < 100; ++draw) EXPECT_EQ(augmented(never, image, draw), values_of(image));
}

TEST(Augmentation, IsTheSameForTheSameNumbersInAnyThread) {
  std::vector<AugmentationStep> all;
  for (const AugmentationKind& kind : augmentation_kinds()) {
    if (kind.name != "one_of" && kind.name != "mixup" && kind.name != "arc_cutmix") all.push_back({.name = kind.name, .probability = .5});
  }
  const Augmentation augmentation{all};
  const image::Image image = noise({3, 20, 20});
  std::vector<std::vector<float>> alone;
  for (std::uint64_t draw = 0; draw < 200; ++draw) alone.push_back(augmented(augmentation, image, draw));
  std::vector<std::thread> threads;
  std::array<bool, 3> same{};
  for (bool& agrees : same) {
    threads.emplace_back([&] {
      agrees = true;
      for (std::uint64_t draw = 200; draw-- > 0;) agrees = agrees && augmented(augmentation, image, draw) == alone[draw];
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(same, Each(true));
}

TEST(Augmentation, WorksOnOneToFiveBandsOfAnySize) {
  for (const AugmentationKind& kind : augmentation_kinds()) {
    if (kind.name == "one_of" || kind.name == "mixup" || kind.name == "arc_cutmix" || kind.name == "hue_saturation_value") continue;
    for (int bands = 1; bands <= 5; ++bands) {
      for (const int size : {32, 33}) {
        const Augmentation augmentation{{{.name = kind.name}}};
        for (std::uint64_t draw = 0; draw < 5; ++draw) {
          for (const float value : augmented(augmentation, noise({bands, size, size}), draw))
            ASSERT_TRUE(std::isfinite(value)) << kind.name;
        }
      }
    }
  }
}

TEST(Augmentation, D4DrawsAllEightSymmetriesEquallyOften) {
  const image::Image image = noise({2, 5, 5});
  std::map<std::vector<float>, int> counts;
  const Augmentation d4{{{.name = "d4"}}};
  for (std::uint64_t draw = 0; draw < 8000; ++draw) ++counts[augmented(d4, image, draw)];
  ASSERT_EQ(counts.size(), 8u);
  // Binomial with mean 1000 and standard deviation 29.6: five standard deviations.
  for (const auto& [picture, count] : counts) EXPECT_NEAR(count, 1000, 148);
}

TEST(Augmentation, AppliesOneOfAGroupByItsWeights) {
  const image::Image image = noise({1, 4, 4});
  image::Image flipped = image;
  image::flip_horizontal(flipped.view());
  image::Image rotated_over = image;
  image::flip_vertical(rotated_over.view());
  const Augmentation group{{{.name = "one_of",
                             .probability = .8,
                             .one_of = {{.name = "horizontal_flip", .probability = .3}, {.name = "vertical_flip", .probability = .1}}}}};
  std::map<std::vector<float>, int> counts;
  for (std::uint64_t draw = 0; draw < 10000; ++draw) ++counts[augmented(group, image, draw)];
  ASSERT_EQ(counts.size(), 3u);
  EXPECT_NEAR(counts[values_of(flipped)], 6000, 5 * 49);
  EXPECT_NEAR(counts[values_of(rotated_over)], 2000, 5 * 40);
  EXPECT_NEAR(counts[values_of(image)], 2000, 5 * 40);
}

TEST(Augmentation, ShiftsByWholePixelsSoThatNoiseStays) {
  const image::Image image = noise({1, 64, 64});
  const Augmentation shift{{{.name = "shift", .range = {.05}, .border = image::Border::reflect}}};
  for (std::uint64_t draw = 0; draw < 50; ++draw) {
    const std::vector<float> shifted = augmented(shift, image, draw);
    // Some shift of at most 3 pixels explains the middle of the image exactly.
    int explanations = 0;
    for (int dy = -3; dy <= 3; ++dy) {
      for (int dx = -3; dx <= 3; ++dx) {
        bool same = true;
        for (int row = 8; row < 56; ++row) {
          for (int column = 8; column < 56; ++column)
            same = same && shifted[static_cast<std::size_t>(row * 64 + column)] == image.at(0, row - dy, column - dx);
        }
        explanations += same ? 1 : 0;
      }
    }
    EXPECT_EQ(explanations, 1);
  }
}

TEST(Augmentation, ScalesNoFurtherThanItsRange) {
  // A disc of radius 8: its area grows with the square of the factor, which lies in [.8, 1.2].
  image::Image disc{image::ImageShape{1, 64, 64}};
  for (int row = 0; row < 64; ++row) {
    for (int column = 0; column < 64; ++column) disc.at(0, row, column) = std::hypot(row - 31.5, column - 31.5) < 8 ? 1.0F : 0.0F;
  }
  const double area = std::accumulate(disc.values().begin(), disc.values().end(), 0.0);
  const Augmentation scale{{{.name = "scale", .range = {.2}}}};
  double min = 10;
  double max = 0;
  for (std::uint64_t draw = 0; draw < 500; ++draw) {
    const std::vector<float> scaled = augmented(scale, disc, draw);
    const double factor = std::sqrt(std::accumulate(scaled.begin(), scaled.end(), 0.0) / area);
    min = std::min(min, factor);
    max = std::max(max, factor);
  }
  EXPECT_NEAR(min, .8, .01);
  EXPECT_NEAR(max, 1.2, .01);
}

TEST(Augmentation, TurnsUpToItsRangeAndNoFurther) {
  // A spot 20 pixels right of the centre: its direction after a turn.
  image::Image spot{image::ImageShape{1, 64, 64}};
  for (int row = 29; row < 35; ++row) {
    for (int column = 49; column < 55; ++column) spot.at(0, row, column) = 1;
  }
  const Augmentation turn{{{.name = "rotate", .range = {30}}}};
  double min = 180;
  double max = -180;
  for (std::uint64_t draw = 0; draw < 1000; ++draw) {
    const std::vector<float> turned = augmented(turn, spot, draw);
    double x = 0;
    double y = 0;
    for (std::size_t i = 0; i < turned.size(); ++i) {
      const std::size_t row = i / 64, column = i % 64;
      x += turned[i] * (static_cast<double>(column) - 31.5);
      y += turned[i] * (static_cast<double>(row) - 31.5);
    }
    const double degrees = std::atan2(y, x) * 180 / std::numbers::pi;
    min = std::min(min, degrees);
    max = std::max(max, degrees);
  }
  EXPECT_NEAR(min, -30, .3);
  EXPECT_NEAR(max, 30, .3);
}

TEST(Augmentation, ChangesColoursUpToItsRangeAndNoFurther) {
  // Hue 40 degrees, saturation .5, value .6; the ranges are OpenCV's: 2 degrees, 1/255, 1/255 a unit.
  const image::Image colour{{3, 1, 1}, std::vector<float>{.6F, .5F, .3F}};
  const Augmentation step{{{.name = "hue_saturation_value", .range = {10, 20, 30}}}};
  double hue = 0;
  double saturation = 0;
  double value = 0;
  for (std::uint64_t draw = 0; draw < 3000; ++draw) {
    const std::vector<float> rgb = augmented(step, colour, draw);  // red stays the greatest, blue the least
    hue = std::max(hue, std::abs(60.0 * (rgb[1] - rgb[2]) / (rgb[0] - rgb[2]) - 40));
    saturation = std::max(saturation, std::abs(1 - rgb[2] / rgb[0] - .5));
    value = std::max(value, std::abs(rgb[0] - .6));
  }
  EXPECT_NEAR(hue, 20, .1);
  EXPECT_NEAR(saturation, 20 / 255.0, 1e-3);
  EXPECT_NEAR(value, 30 / 255.0, 1e-3);
}

TEST(Augmentation, ChangesBrightnessContrastAndGammaUpToTheirRanges) {
  const image::Image two_greys{{1, 1, 2}, std::vector<float>{.4F, .6F}};
  const Augmentation linear{{{.name = "brightness_contrast", .range = {.1, .2}}}};
  const Augmentation power{{{.name = "gamma", .range = {.8, 1.2}}}};
  double contrast = 0;
  double brightness = 0;
  double min = 2;
  double max = 0;
  for (std::uint64_t draw = 0; draw < 3000; ++draw) {
    const std::vector<float> line = augmented(linear, two_greys, draw);
    const double slope = (line[1] - line[0]) / .2;
    contrast = std::max(contrast, std::abs(slope - 1));
    brightness = std::max(brightness, std::abs(line[0] - .4 * slope));
    const double gamma = std::log(augmented(power, two_greys, draw)[0]) / std::log(.4);
    min = std::min(min, gamma);
    max = std::max(max, gamma);
  }
  EXPECT_NEAR(brightness, .1, 1e-3);
  EXPECT_NEAR(contrast, .2, 1e-3);
  EXPECT_NEAR(min, .8, 1e-3);
  EXPECT_NEAR(max, 1.2, 1e-3);
}

TEST(Augmentation, AddsNoiseOfTheDeviationDrawn) {
  const image::Image grey{image::ImageShape{2, 64, 64}, .5F};
  const Augmentation step{{{.name = "noise", .range = {.1}}}};
  double mean_variance = 0;
  constexpr int draws = 300;
  for (std::uint64_t draw = 0; draw < draws; ++draw) {
    for (const float value : augmented(step, grey, draw)) mean_variance += (value - .5) * (value - .5) / (draws * 8192);
  }
  // Deviations even in [0, .1]: the mean variance is .1^2 / 3, and over 300 draws uncertain by .1^2 sqrt(4/45) / sqrt(300).
  EXPECT_NEAR(mean_variance, .01 / 3, 5 * .01 * std::sqrt(4 / 45.0 / draws));
}

TEST(Augmentation, GivesEachBandItsOwnGain) {
  const image::Image grey{image::ImageShape{3, 8, 8}, .5F};
  const std::vector<float> out = augmented(Augmentation{{{.name = "band_gain", .range = {.2}}}}, grey, 1);
  EXPECT_NE(out[0], out[64]);
  EXPECT_NE(out[64], out[128]);
  for (std::size_t i = 0; i < out.size(); ++i) {
    EXPECT_EQ(out[i], out[i / 64 * 64]);
    EXPECT_NEAR(out[i], .5, .1);
  }
}

TEST(Augmentation, DropsOneBandButNeverTheOnlyOne) {
  const Augmentation step{{{.name = "band_dropout"}}};
  std::array<int, 3> dropped{};
  for (std::uint64_t draw = 0; draw < 300; ++draw) {
    const std::vector<float> out = augmented(step, image::Image{image::ImageShape{3, 2, 2}, 1.0F}, draw);
    EXPECT_EQ(std::ranges::count(out, 0.0F), 4);
    for (std::size_t b = 0; b < 3; ++b) dropped[b] += out[b * 4] == 0 ? 1 : 0;
  }
  for (const int count : dropped) EXPECT_NEAR(count, 100, 41);
  EXPECT_THAT(augmented(step, image::Image{image::ImageShape{1, 2, 2}, 1.0F}, 0), Each(1.0F));
}

TEST(Augmentation, CutsASquareOut) {
  const Augmentation step{{{.name = "cutout", .range = {.25}}}};
  std::ptrdiff_t max = 0;
  for (std::uint64_t draw = 0; draw < 200; ++draw)
    max = std::max(max, std::ranges::count(augmented(step, image::Image{image::ImageShape{1, 32, 32}, 1.0F}, draw), 0.0F));
  EXPECT_EQ(max, 64);
}

TEST(Augmentation, LeavesMixupToTheTrainer) {
  const Augmentation augmentation{{{.name = "mixup", .probability = .4, .range = {.3}}}};
  EXPECT_TRUE(augmentation.empty());
  EXPECT_EQ(augmentation.mixup_probability(), .4);
  EXPECT_EQ(augmentation.mixup_alpha(), .3);
  EXPECT_EQ(Augmentation{}.mixup_probability(), 0);
}

TEST(Augmentation, LeavesArcCutMixToTheTrainer) {
  const Augmentation augmentation{{{.name = "arc_cutmix", .probability = .4, .range = {3, 15, .9}}}};
  EXPECT_TRUE(augmentation.empty());
  EXPECT_EQ(augmentation.arc_cutmix().probability, .4);
  EXPECT_EQ(augmentation.arc_cutmix().inner, 3);
  EXPECT_EQ(augmentation.arc_cutmix().outer, 15);
  EXPECT_EQ(augmentation.arc_cutmix().label_weight, .9);
  EXPECT_EQ(Augmentation{}.arc_cutmix().probability, 0);
}

TEST(Augmentation, DrawsTheRadiusOfTheErasedCoreFromItsRange) {
  // Pixels up to 1 from the centre of a 33-pixel image: 5; up to 4: 49.
  const image::Image image = noise({1, 33, 33});
  const Augmentation step{{{.name = "core_erasing", .range = {1, 4.1}}}};
  std::ptrdiff_t fewest = 1000, most = 0;
  for (std::uint64_t draw = 0; draw < 500; ++draw) {
    const std::vector<float> out = augmented(step, image, draw), before = values_of(image);
    std::ptrdiff_t changed = 0;
    for (std::size_t i = 0; i < out.size(); ++i) changed += out[i] != before[i] ? 1 : 0;
    fewest = std::min(fewest, changed);
    most = std::max(most, changed);
  }
  EXPECT_EQ(fewest, 5);
  EXPECT_EQ(most, 49);
}

TEST(Augmentation, RefusesWhatItCannotDo) {
  EXPECT_THAT(hint_of({{.name = "horizontal_flop"}}), HasSubstr("did you mean horizontal_flip?"));
  EXPECT_THAT(hint_of({{.name = "rotate", .range = {200}}}), HasSubstr("augmentation rotate: range = [200]"));
  EXPECT_THAT(hint_of({{.name = "gamma", .range = {1.2, .8}}}), HasSubstr("give [least, most]"));
  EXPECT_THAT(hint_of({{.name = "gamma", .range = {1.2}}}), HasSubstr("range = [1.2] has 1 numbers"));
  EXPECT_THAT(hint_of({{.name = "blur", .range = {4}}}), HasSubstr("is odd"));
  EXPECT_THAT(hint_of({{.name = "gaussian_blur", .range = {9}}}), HasSubstr("3, 5 or 7 pixels"));
  EXPECT_THAT(hint_of({{.name = "transpose", .range = {4}}}), HasSubstr("it takes none"));
  EXPECT_THAT(hint_of({{.name = "one_of"}}), HasSubstr("the group is empty"));
  EXPECT_THAT(hint_of({{.name = "rotate", .one_of = {{.name = "blur"}}}}), HasSubstr("only a step of the name one_of has a group"));
  EXPECT_THAT(hint_of({{.name = "one_of", .one_of = {{.name = "blur", .probability = 0}}}}), HasSubstr("all weights are 0"));
  EXPECT_THAT(hint_of({{.name = "one_of", .one_of = {{.name = "mixup"}}}}), HasSubstr("mixup cannot be in a group"));
  EXPECT_THAT(hint_of({{.name = "one_of", .one_of = {{.name = "arc_cutmix"}}}}), HasSubstr("arc_cutmix cannot be in a group"));
  EXPECT_THAT(hint_of({{.name = "arc_cutmix", .range = {20, 4, .8}}}), HasSubstr("0 <= inner < outer"));
  EXPECT_THAT(hint_of({{.name = "arc_cutmix", .range = {4, 1001, .8}}}), HasSubstr("outer <= 1000 pixels"));
  EXPECT_THAT(hint_of({{.name = "arc_cutmix", .range = {4, 20, 0}}}), HasSubstr("a weight above 0"));
  EXPECT_THAT(hint_of({{.name = "arc_cutmix", .range = {4, 20}}}), HasSubstr("range = [4, 20] has 2 numbers"));
  EXPECT_THAT(hint_of({{.name = "mixup"}, {.name = "arc_cutmix"}}), HasSubstr("leaves it no cutout"));
  EXPECT_THAT(hint_of({{.name = "core_erasing", .range = {.5, 4}}}), HasSubstr("1 <= least <= largest"));
  EXPECT_THAT(hint_of({{.name = "core_erasing", .range = {4, 3}}}), HasSubstr("1 <= least <= largest"));
  EXPECT_THAT(hint_of({{.name = "psf_mismatch", .range = {11}}}), HasSubstr("between 0 and 10"));
  EXPECT_THAT(hint_of({{.name = "noise_injection", .range = {-1}}}), HasSubstr("between 0 and 100"));
  image::Image two_bands{image::ImageShape{2, 8, 8}};
  RandomStream random{0, Purpose::test};
  EXPECT_THROW(Augmentation({{.name = "hue_saturation_value"}}).apply(two_bands.view(), random), Error);
}

TEST(AugmentationStep, IsReadFromARecipe) {
  const Value table = parse_toml(
      "name = 'one_of'\nprobability = 0.5\none_of = [{name = 'rotate', range = [30], border = 'zero'}, {name = 'gamma', depth = "
      "'uint8'}]\n",
      "recipe");
  AugmentationStep step;
  read_fields(table, step, "recipe");
  ASSERT_EQ(step.one_of.size(), 2u);
  EXPECT_EQ(step.one_of[0].border, image::Border::zero);
  EXPECT_EQ(step.one_of[1].border, image::Border::reflect);
  EXPECT_EQ(step.one_of[1].depth, PixelDepth::eight_bits);
  AugmentationStep again;
  read_fields(write_fields(step), again, "written");
  EXPECT_EQ(again, step);
}

}  // namespace
}  // namespace lensfind::dataset
