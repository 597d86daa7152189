#include "lensfind/dataset/shortcuts.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lensfind/base/random.h"

namespace lensfind::dataset {
namespace {

std::vector<double> features(const std::string& name, image::ImageView image) {
  const auto found = std::find_if(shortcuts().begin(), shortcuts().end(), [&](const Shortcut& s) { return s.name == name; });
  return found->features(image);
}

/// Two bands of noise of standard deviations .1 and .3, with a round Gaussian of standard deviation 3 pixels and peak `peak` at an offset
/// from the middle.
image::Image noisy_blob(double peak, double offset_column = 0, double offset_row = 0, std::uint64_t item = 0) {
  image::Image out{image::ImageShape{2, 64, 64}};
  RandomStream random{1, Purpose::test, item};
  for (int b = 0; b < 2; ++b) {
    for (int row = 0; row < 64; ++row) {
      for (int column = 0; column < 64; ++column) {
        const double x = column - 31.5 - offset_column, y = row - 31.5 - offset_row;
        out.at(b, row, column) = static_cast<float>(peak * std::exp(-(x * x + y * y) / 18) + random.normal(0, b == 0 ? .1 : .3));
      }
    }
  }
  return out;
}

TEST(Shortcuts, NoiseIsThatOfTheBackgroundWhateverStandsInTheMiddle) {
  for (const double peak : {0.0, 100.0}) {
    const image::Image image = noisy_blob(peak);
    const std::vector<double> noise = features("background_noise", image.view());
    ASSERT_EQ(noise.size(), 2u);
    EXPECT_NEAR(noise[0], std::log(.1), 0.06);
    EXPECT_NEAR(noise[1], std::log(.3), 0.06);
    EXPECT_NEAR(features("noise_ratios", image.view())[0], std::log(3), 0.08);
  }
}

TEST(Shortcuts, BordersDoNotSeeTheMiddle) {
  EXPECT_EQ(features("borders", noisy_blob(0).view()), features("borders", noisy_blob(1e-3).view()));
  image::Image edge = noisy_blob(0);
  for (int column = 0; column < 64; ++column) edge.at(0, 0, column) += 5;
  EXPECT_NE(features("borders", noisy_blob(0).view()), features("borders", edge.view()));
}

TEST(Shortcuts, PowerOfAWaveStandsInItsRing) {
  image::Image image{image::ImageShape{1, 64, 64}};
  // 16 periods a side are half the Nyquist frequency: the seventh of 12 rings begins there, and Hann's window widens it by one period.
  for (int row = 0; row < 64; ++row) {
    for (int column = 0; column < 64; ++column) image.at(0, row, column) = static_cast<float>(std::sin(2 * M_PI * 17.5 * column / 64));
  }
  const std::vector<double> power = features("power_spectrum", image.view());
  ASSERT_EQ(power.size(), 12u);
  EXPECT_EQ(std::max_element(power.begin(), power.end()) - power.begin(), 6);
}

TEST(Shortcuts, CentreIsThatOfTheLight) {
  const std::vector<double> centre = features("centre", noisy_blob(100, 0.8, -0.5).view());
  // A disc of radius R about a Gaussian's side leaves 1 - u / (exp(u) - 1) of a small offset, u = R^2 / (2 sigma^2) = 2.
  EXPECT_NEAR(centre[0], 0.8 * 0.687, 0.01);
  EXPECT_NEAR(centre[1], -0.5 * 0.687, 0.01);
  EXPECT_NEAR(centre[2], std::hypot(centre[0], centre[1]), 1e-9);
}

TEST(Shortcuts, CoreIsTheMiddleAboveTheNoise) {
  const std::vector<double> core = features("core", noisy_blob(100).view());
  ASSERT_EQ(core.size(), 8u);
  EXPECT_NEAR(std::sinh(core[0]), 100 / .1 * 0.97, 60);  // the four pixels about the middle lie at .7: exp(-.5 / 18) = .97
  EXPECT_GT(core[0], core[3]);
}

TEST(Shortcuts, NeighboursAreCountedAwayFromTheMiddle) {
  // Peak, light and number of each band: what stands in the middle does not count, what stands 25 pixels away does.
  const std::vector<double> middle = features("neighbours", noisy_blob(100).view()),
                            beside = features("neighbours", noisy_blob(100, 25).view());
  ASSERT_EQ(middle.size(), 6u);
  EXPECT_EQ(middle[0], 0);
  EXPECT_EQ(middle[1], 0);
  EXPECT_EQ(beside[0], 1);
  EXPECT_NEAR(std::expm1(beside[1]), 100 / .1 * 0.97, 120);
}

TEST(Shortcuts, EmptyImagesGiveFiniteNumbers) {
  const image::Image image{image::ImageShape{3, 32, 33}};
  for (const Shortcut& shortcut : shortcuts()) {
    for (const double value : shortcut.features(image.view())) EXPECT_TRUE(std::isfinite(value)) << shortcut.name;
  }
}

TEST(Shortcuts, DifferentNoiseIsFound) {
  std::vector<image::Image> images;
  std::vector<char> positive;
  for (std::uint64_t k = 0; k < 100; ++k) {
    images.push_back(noisy_blob(10, 0, 0, k));
    positive.push_back(k % 2 == 0);
    if (k % 2 == 0) {
      for (float& value : images.back().values()) value *= 1.2f;
    }
  }
  const auto auc_of = [&](const Shortcut& shortcut) {
    return cross_validated_auc(shortcut_table(shortcut, images.size(), [&](std::size_t i) { return images[i].view(); }), positive).value;
  };
  EXPECT_GT(auc_of(shortcuts()[0]), 0.95);  // background_noise
  EXPECT_LT(auc_of(shortcuts()[1]), 0.75);  // noise_ratios stay
}

}  // namespace
}  // namespace lensfind::dataset
