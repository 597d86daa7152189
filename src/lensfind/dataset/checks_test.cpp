#include "lensfind/dataset/checks.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/dataset/test_set.h"
#include "lensfind/image/symmetry.h"

namespace lensfind::dataset {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CheckDataset : public TestSet {};

TEST_F(CheckDataset, FindsNothingInAGoodSet) {
  for (const char* name : {"train_lenses/1.npy", "train_nonlenses/1.npy", "test_lenses/1.npy", "test_nonlenses/1.npy"}) write(name);
  const CheckReport report = check_dataset(root_);
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.cutouts, 4);
  EXPECT_EQ(report.lenses, 2);
  EXPECT_THAT(summary(report), HasSubstr("sets of exact copies: none"));
}

TEST_F(CheckDataset, SortsBadPixelsByKind) {
  write("lenses/1.npy");
  image::Image image = noise(1);
  image.at(0, 0, 1) = std::nanf("");
  write("lenses/2.npy", image);
  image = noise(2);
  std::ranges::fill(image.band(1), 3.0F);
  write("lenses/3.npy", image);
  image = noise(3);
  for (std::size_t i = 0; i < image.band(1).size(); ++i) image.band(1)[i] = i % 2 == 0 ? .5F : 1;
  write("nonlenses/1.npy", image);
  write_text("nonlenses/2.npy", "text");
  const CheckReport report = check_dataset(root_);
  EXPECT_FALSE(report.clean());
  ASSERT_EQ(report.not_finite.size(), 1u);
  EXPECT_EQ(report.not_finite[0].input, "lenses/2.npy");
  EXPECT_EQ(report.not_finite[0].reason, "pixel (band 0, row 0, column 1) is not a number");
  ASSERT_EQ(report.constant.size(), 1u);
  EXPECT_EQ(report.constant[0].input, "lenses/3.npy");
  ASSERT_EQ(report.broken.size(), 1u);
  EXPECT_EQ(report.broken[0].input, "nonlenses/1.npy");
  ASSERT_EQ(report.unreadable.size(), 1u);
  EXPECT_EQ(report.unreadable[0].reason, "is no .npy file");
  EXPECT_THAT(report.copies, IsEmpty());
}

TEST_F(CheckDataset, FindsCopiesAcrossPartsAndLabels) {
  const image::Image same = noise(1);
  write("train_lenses/1.npy", same);
  write("train_nonlenses/1.npy");
  write("test_nonlenses/5.npy", same);
  const CheckReport report = check_dataset(root_);
  ASSERT_EQ(report.copies.size(), 1u);
  EXPECT_THAT(report.copies[0].ids, ElementsAre("train_lenses/1", "test_nonlenses/5"));
  EXPECT_FALSE(report.copies[0].turned);
  EXPECT_TRUE(report.copies[0].in_both_splits);
  EXPECT_TRUE(report.copies[0].labels_differ);
  EXPECT_THAT(summary(report), HasSubstr("copies in both the train and the test split: 1 (train_lenses/1 = test_nonlenses/5)"));
}

TEST_F(CheckDataset, FindsEveryFlipAndQuarterTurn) {
  for (int element = 0; element < image::d4_elements; ++element) {
    image::Image turned = noise(1);
    image::apply_d4(turned.view(), element);
    write("lenses/" + std::to_string(element) + ".npy", turned);
  }
  write("lenses/8.npy");
  const CheckReport report = check_dataset(root_);
  ASSERT_EQ(report.copies.size(), 1u);
  EXPECT_EQ(report.copies[0].ids.size(), 8u);
  EXPECT_TRUE(report.copies[0].turned);
}

TEST_F(CheckDataset, FindsOneObjectInBothParts) {
  write("train_lenses/1.npy");
  write("test_lenses/1.npy");
  write("test_lenses/2.npy");
  write_text("truth.csv", "id,group\ntrain_lenses/1,J0001\ntest_lenses/1,J0002\ntest_lenses/2,J0001\n");
  EXPECT_THAT(check_dataset(root_).objects_in_both_splits, ElementsAre("J0001"));
}

TEST_F(CheckDataset, WritesJson) {
  write("train_lenses/1.npy");
  write_text("train_lenses/2.npy", "");
  const Value value = to_value(check_dataset(root_));
  EXPECT_FALSE(value.at("clean").as_bool());
  EXPECT_EQ(value.at("cutouts").as_integer(), 2);
  EXPECT_EQ(value.at("unreadable").as_array()[0].at("input").as_string(), "train_lenses/2.npy");
}

}  // namespace
}  // namespace lensfind::dataset
