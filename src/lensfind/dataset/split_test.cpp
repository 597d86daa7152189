#include "lensfind/dataset/split.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lensfind/base/error.h"

namespace lensfind::dataset {
namespace {

std::vector<Sample> samples(int lenses, int non_lenses, int copies = 1) {
  std::vector<Sample> made;
  for (int i = 0; i < lenses + non_lenses; ++i) {
    for (int copy = 0; copy < copies; ++copy) {
      const std::string group = "object" + std::to_string(i);
      made.push_back({.id = group + "-" + std::to_string(copy), .label = i < lenses ? Label::lens : Label::non_lens, .group = group});
    }
  }
  return made;
}

std::int64_t lenses_in(const std::vector<Sample>& all, const std::vector<std::int64_t>& side) {
  return std::ranges::count_if(side, [&](std::int64_t i) { return all[static_cast<std::size_t>(i)].label == Label::lens; });
}

std::set<std::string> groups_in(const std::vector<Sample>& all, const std::vector<std::int64_t>& side) {
  std::set<std::string> groups;
  for (const std::int64_t i : side) groups.insert(all[static_cast<std::size_t>(i)].group);
  return groups;
}

TEST(SplitByGroup, IsStratifiedByClass) {
  // The DeepLense training set: 10% of 1730 and of 28675.
  const auto all = samples(1730, 28675);
  const SplitIndices split = split_by_group(all, .1, 0);
  EXPECT_EQ(lenses_in(all, split.validation), 173);
  EXPECT_NEAR(static_cast<double>(split.validation.size()), 3040.5, 1);
  EXPECT_EQ(split.train.size() + split.validation.size(), all.size());
}

TEST(SplitByGroup, NeverPartsAGroup) {
  const auto all = samples(30, 70, 7);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const SplitIndices split = split_by_group(all, .25, seed);
    const auto train = groups_in(all, split.train);
    for (const std::string& group : groups_in(all, split.validation)) ASSERT_FALSE(train.contains(group)) << group;
    EXPECT_NEAR(static_cast<double>(split.validation.size()), 175, 7);
  }
}

TEST(SplitByGroup, PutsEachSampleOnOneSideOnce) {
  const auto all = samples(5, 20, 2);
  const SplitIndices split = split_by_group(all, .3, 1);
  std::set<std::int64_t> seen{split.train.begin(), split.train.end()};
  seen.insert(split.validation.begin(), split.validation.end());
  EXPECT_EQ(seen.size(), all.size());
  EXPECT_EQ(split.train.size() + split.validation.size(), all.size());
  EXPECT_TRUE(std::ranges::is_sorted(split.train));
}

TEST(SplitByGroup, KeepsOneOfEachClassOnEitherSide) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const double fraction : {.001, .1, .999}) {
      const auto all = samples(2, 500);
      const SplitIndices split = split_by_group(all, fraction, seed);
      EXPECT_EQ(lenses_in(all, split.validation), 1);
      EXPECT_EQ(lenses_in(all, split.train), 1);
    }
  }
}

TEST(SplitByGroup, LeavesTheOnlyGroupOfAClassToTraining) {
  const auto all = samples(1, 10);
  EXPECT_EQ(lenses_in(all, split_by_group(all, .5, 0).train), 1);
}

TEST(SplitByGroup, DependsOnTheSeedAndNotOnTheOrderOfSamples) {
  auto all = samples(40, 60);
  const auto before = groups_in(all, split_by_group(all, .2, 3).validation);
  std::ranges::reverse(all);
  EXPECT_EQ(groups_in(all, split_by_group(all, .2, 3).validation), before);
  EXPECT_NE(groups_in(all, split_by_group(all, .2, 4).validation), before);
}

TEST(SplitByGroup, LeavesUnlabelledSamplesOut) {
  auto all = samples(10, 10);
  all[3].label = Label::unknown;
  const SplitIndices split = split_by_group(all, .2, 0);
  EXPECT_EQ(split.train.size() + split.validation.size(), 19u);
}

/// Where samples stood before: the first `trained` of each class in training, the next `held_out` in validation.
std::vector<StoodIn> stood(const std::vector<Sample>& all, int trained, int held_out) {
  std::vector<StoodIn> before;
  int of_class[2]{};
  for (const Sample& sample : all) {
    const int number = of_class[sample.label == Label::lens ? 1 : 0]++;
    before.push_back(number < trained ? StoodIn::training : number < trained + held_out ? StoodIn::validation : StoodIn::neither);
  }
  return before;
}

std::int64_t count_in(const std::vector<std::int64_t>& side, const std::vector<StoodIn>& before, StoodIn where) {
  return std::ranges::count_if(side, [&](std::int64_t i) { return before[static_cast<std::size_t>(i)] == where; });
}

TEST(SplitByGroup, WhatWasTrainedOnBeforeIsNeverHeldOut) {
  // 90 and 10 of 100 of each class, as another seed's split left them: the same ten of each are held out again, whatever the seed.
  const auto all = samples(100, 100);
  const auto before = stood(all, 90, 10);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const SplitIndices split = split_by_group(all, .1, seed, before);
    EXPECT_EQ(split.validation.size(), 20u);
    EXPECT_EQ(count_in(split.validation, before, StoodIn::validation), 20);
  }
}

TEST(SplitByGroup, NewSamplesAreSplitByTheFractionBesideThoseKnown) {
  // 900 trained, 40 held out, 60 new of each class: 40 held out and 6 of the new ones validate, though a tenth of all would be 100.
  const auto all = samples(1000, 1000);
  const auto before = stood(all, 900, 40);
  const SplitIndices split = split_by_group(all, .1, 1, before);
  EXPECT_EQ(count_in(split.validation, before, StoodIn::training), 0);
  EXPECT_EQ(count_in(split.validation, before, StoodIn::validation), 80);
  EXPECT_EQ(count_in(split.validation, before, StoodIn::neither), 12);
  // With a smaller fraction some that were held out are trained on now.
  EXPECT_EQ(split_by_group(all, .02, 1, before).validation.size(), 40u);
}

TEST(SplitByGroup, AGroupOfWhichOneWasTrainedOnStaysInTraining) {
  const auto all = samples(10, 10, 3);
  std::vector<StoodIn> before(all.size(), StoodIn::neither);
  for (std::size_t i = 0; i < 24; i += 3) before[i] = StoodIn::training;  // one of three copies of eight lenses
  const SplitIndices split = split_by_group(all, .5, 4, before);
  for (const std::string& group : groups_in(all, split.validation)) EXPECT_GE(std::stoi(group.substr(6)), 8) << group;
}

TEST(SplitByGroup, NoneIsHeldOutOfAClassThatWasTrainedOnWhole) {
  const auto all = samples(10, 10);
  EXPECT_TRUE(split_by_group(all, .5, 0, stood(all, 10, 0)).validation.empty());
  EXPECT_EQ(lenses_in(all, split_by_group(all, .01, 0, stood(all, 9, 1)).validation), 1);
  EXPECT_EQ(lenses_in(all, split_by_group(all, .01, 0, stood(all, 9, 0)).validation), 1);
}

TEST(SplitByGroup, RefusesAFractionOutOfRange) {
  for (const double fraction : {0.0, 1.0, -1.0}) EXPECT_THROW(split_by_group(samples(4, 4), fraction, 0), Error);
}

}  // namespace
}  // namespace lensfind::dataset
