#include "lensfind/dataset/shortcut_check.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/dataset/test_set.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::dataset {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Cutouts of noise in two bands; the second band's is `ratio` times the first's.
image::Image noisy(double ratio, std::uint64_t item) {
  image::Image image{image::ImageShape{2, 24, 24}};
  RandomStream random{5, Purpose::test, item};
  for (int band = 0; band < 2; ++band)
    for (float& value : image.band(band)) value = static_cast<float>(random.normal(0, band == 0 ? 1 : ratio));
  return image;
}

class ShortcutCheck : public TestSet {
 protected:
  void write_set(int a_class, double lens_ratio, double other_ratio) {
    for (int i = 0; i < a_class; ++i) {
      write("train_lenses/" + std::to_string(i) + ".npy", noisy(lens_ratio, static_cast<std::uint64_t>(2 * i)));
      write("train_nonlenses/" + std::to_string(i) + ".npy", noisy(other_ratio, static_cast<std::uint64_t>(2 * i + 1)));
    }
  }
  static const ShortcutFinding& named(const ShortcutReport& report, const std::string& name) {
    return *std::ranges::find(report.findings, name, &ShortcutFinding::name);
  }
};

TEST_F(ShortcutCheck, ShowsNoiseRatiosThatDifferByClass) {
  write_set(60, 3, 2);
  const ShortcutReport report = check_shortcuts(root_);
  EXPECT_EQ(report.lenses, 60);
  EXPECT_EQ(report.nonlenses, 60);
  const ShortcutFinding& ratios = named(report, "noise_ratios");
  EXPECT_GT(ratios.auc.low, .5);
  EXPECT_TRUE(ratios.tells_classes_apart());
  ASSERT_EQ(ratios.numbers.size(), 1u);
  EXPECT_NEAR(ratios.numbers[0].lens_median, 3, .15);
  EXPECT_NEAR(ratios.numbers[0].non_lens_median, 2, .1);
  EXPECT_GT(ratios.numbers[0].auc.low, .5);
  EXPECT_THAT(summary(report), HasSubstr("noise of band 2 / band 1"));
  EXPECT_EQ(to_value(report).at("findings").as_array().size(), report.findings.size());
}

TEST_F(ShortcutCheck, FindsNothingWhereClassesAreAlike) {
  write_set(60, 2, 2);
  for (const ShortcutFinding& finding : check_shortcuts(root_).findings) EXPECT_FALSE(finding.tells_classes_apart()) << finding.name;
}

TEST_F(ShortcutCheck, LooksAtTheTrainPartAndDrawsNoMoreThanItShould) {
  write_set(12, 2, 2);
  for (int i = 0; i < 5; ++i) write("test_lenses/" + std::to_string(i) + ".npy", noisy(9, 100 + static_cast<std::uint64_t>(i)));
  const ShortcutReport report = check_shortcuts(root_, {.max_a_class = 7});
  EXPECT_EQ(report.split, Split::train);
  EXPECT_EQ(report.lenses, 7);
  EXPECT_EQ(report.nonlenses, 7);
}

TEST_F(ShortcutCheck, PassesOverUnusableCutoutsAndTinyClasses) {
  write_set(3, 2, 2);
  write("train_lenses/flat.npy", image::Image{image::ImageShape{2, 24, 24}, 1});
  const ShortcutReport report = check_shortcuts(root_);
  EXPECT_EQ(report.lenses, 3);
  EXPECT_TRUE(report.findings.empty());
  EXPECT_THAT(summary(report), HasSubstr("not tried"));
}

/// A galaxy in two bands of equal noise, `peak` bright in the second; each band scaled to [0, 1].
image::Image scaled_galaxy(double peak, std::uint64_t item) {
  image::Image image = noisy(1, item);
  for (int band = 0; band < 2; ++band) {
    for (int row = 0; row < 24; ++row) {
      for (int column = 0; column < 24; ++column)
        image.at(band, row, column) += static_cast<float>((band == 0 ? 20 : peak) * std::exp(-std::hypot(row - 11.5, column - 11.5) / 3));
    }
    const auto [low, high] = std::ranges::minmax(image.band(band));
    for (float& value : image.band(band)) value = (value - low) / (high - low);
  }
  return image;
}

// Scaled to [0, 1] band by band, the noise of cutouts hangs on how bright their objects are: made ones, and genuine ones where they are.
TEST_F(ShortcutCheck, ScaledCutoutsGiveBrighterLensesAwayByTheirNoise) {
  for (int i = 0; i < 40; ++i) {
    write("train_lenses/" + std::to_string(i) + ".npy", scaled_galaxy(40, static_cast<std::uint64_t>(2 * i)));
    write("train_nonlenses/" + std::to_string(i) + ".npy", scaled_galaxy(20, static_cast<std::uint64_t>(2 * i + 1)));
  }
  const ShortcutReport made = check_shortcuts(root_);
  EXPECT_TRUE(named(made, "noise_ratios").tells_classes_apart()) << summary(made);
  if (const auto genuine = test::shared_file("data/deeplense-sample")) {
    const ShortcutReport report = check_shortcuts(*genuine);
    EXPECT_GT(named(report, "noise_ratios").auc.value, 0.6) << summary(report);  // twenty cutouts: too few for an interval above 1/2
  }
}

}  // namespace
}  // namespace lensfind::dataset
