#include "lensfind/dataset/shortcut_check.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "lensfind/dataset/test_set.h"

namespace lensfind {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Cutouts of noise in two bands; the second band's is `ratio` times the first's.
Image noisy(double ratio, std::uint64_t item) {
  Image image{ImageShape{2, 24, 24}};
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
  write("train_lenses/flat.npy", Image{ImageShape{2, 24, 24}, 1});
  const ShortcutReport report = check_shortcuts(root_);
  EXPECT_EQ(report.lenses, 3);
  EXPECT_TRUE(report.findings.empty());
  EXPECT_THAT(summary(report), HasSubstr("not tried"));
}

// Scaled to [0, 1] band by band, the noise of the genuine cutouts hangs on how bright their objects are, and lenses are the brighter ones.
TEST_F(ShortcutCheck, GenuineCutoutsGiveLensesAwayByTheirNoise) {
  const std::filesystem::path genuine = shared("data/deeplense-sample");
  if (genuine.empty()) GTEST_SKIP() << "../shared is not here";
  const ShortcutReport report = check_shortcuts(genuine);
  EXPECT_TRUE(named(report, "noise_ratios").tells_classes_apart()) << summary(report);
}

}  // namespace
}  // namespace lensfind
