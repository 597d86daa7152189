#include "lensfind/dataset/set_comparison.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/dataset/test_set.h"

namespace lensfind::dataset {
namespace {

using ::testing::HasSubstr;

class SetsCompared : public TestSet {
 protected:
  /// Cutouts of white noise, this standard deviation.
  void write_cutouts(const std::string& folder, int count, double std_dev, std::uint64_t seed, int side = 24) {
    for (int i = 0; i < count; ++i) {
      image::Image image{image::ImageShape{2, side, side}};
      RandomStream random{seed, Purpose::test, static_cast<std::uint64_t>(i)};
      const double own = std_dev * std::exp(random.normal(0, .1));
      for (float& value : image.values()) value = static_cast<float>(random.normal(0, own));
      write(folder + "/" + std::to_string(i) + ".npy", image);
    }
  }
};

TEST_F(SetsCompared, OfOneLawAreNotToldApart) {
  write_cutouts("a/train_lenses", 60, 1, 1);
  write_cutouts("a/train_nonlenses", 60, 1, 2);
  write_cutouts("b/test_lenses", 60, 1, 3);
  write_cutouts("b/test_nonlenses", 60, 1, 4);
  const SetComparison compared = compare_sets(root_ / "a", root_ / "b");
  ASSERT_EQ(compared.classes.size(), 2u);
  EXPECT_EQ(compared.classes[0].name(), "lenses");
  EXPECT_EQ(compared.classes[1].name(), "non-lenses");
  for (const ClassInSets& of : compared.classes) {
    EXPECT_EQ(of.here, 60);
    EXPECT_EQ(of.there, 60);
    EXPECT_LT(of.auc.low, .5);
    EXPECT_LT(of.auc.value, .65);  // three standard errors of 60 and 60
  }
}

TEST_F(SetsCompared, NameWhatTellsMostFirst) {
  write_cutouts("a/train_lenses", 50, 2, 1);
  write_cutouts("a/train_nonlenses", 50, 1, 2);
  write_cutouts("b/train_lenses", 50, 1, 3);
  write_cutouts("b/train_nonlenses", 50, 1, 4);
  const SetComparison compared = compare_sets(root_ / "a", root_ / "b");
  const ClassInSets &lenses = compared.classes[0], &others = compared.classes[1];
  EXPECT_GT(lenses.auc.low, .9);
  EXPECT_LT(others.auc.low, .5) << "class by class";
  const NumberInSets& first = lenses.numbers.front();
  EXPECT_GT(first.auc.value, .99);
  EXPECT_NEAR(first.here_median / first.there_median, 2, .2) << first.name;
  for (std::size_t i = 1; i < lenses.numbers.size(); ++i)
    EXPECT_GE(std::abs(lenses.numbers[i - 1].auc.value - .5), std::abs(lenses.numbers[i].auc.value - .5));
  EXPECT_THAT(summary(compared), HasSubstr(first.name));
  const Value value = to_value(compared);
  EXPECT_EQ(value.at("classes").as_array()[0].at("numbers").as_array()[0].at("name").as_string(), first.name);
}

TEST_F(SetsCompared, WithoutLabelsOrOfOtherSizesAreComparedAsFarAsTheyGo) {
  write_cutouts("a/train_lenses", 20, 1, 1);
  write_cutouts("a/train_nonlenses", 20, 1, 2);
  write_cutouts("images", 30, 1, 3, 32);
  const SetComparison compared = compare_sets(root_ / "a", root_ / "images", {.pictures = 5});
  ASSERT_EQ(compared.classes.size(), 1u);
  EXPECT_EQ(compared.classes[0].name(), "cutouts");
  EXPECT_EQ(compared.classes[0].here, 40);
  EXPECT_EQ(compared.classes[0].there_pictures.size(), 5u);
  EXPECT_EQ(compared.classes[0].there_pictures[0].shape().width, 24);
  EXPECT_THAT(compared.notes, ::testing::Contains(HasSubstr("cut at their centres to 24 x 24")));
}

TEST_F(SetsCompared, OfTooFewAreShownAloneAndOfOtherBandsRefused) {
  write_cutouts("a", 9, 1, 1);
  write_cutouts("b", 40, 1, 2);
  const SetComparison few = compare_sets(root_ / "a", root_ / "b");
  EXPECT_TRUE(few.classes[0].numbers.empty());
  EXPECT_EQ(few.classes[0].here_pictures.size(), 9u);
  EXPECT_EQ(few.classes[0].auc.high - few.classes[0].auc.low, 1);
  EXPECT_THAT(summary(few), HasSubstr("9 and 40 are too few"));
  for (int i = 0; i < 12; ++i) write("c/" + std::to_string(i) + ".npy", noise(static_cast<std::uint64_t>(i), {3, 24, 24}));
  EXPECT_THROW((void)compare_sets(root_ / "b", root_ / "c"), Error);
}

}  // namespace
}  // namespace lensfind::dataset
