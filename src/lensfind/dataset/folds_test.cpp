#include "lensfind/dataset/folds.h"

#include <map>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::dataset {
namespace {

Sample sample(int number, Label label, const std::string& group = "") {
  const std::string id = fmt::format("{}{}", label == Label::lens ? "lens" : "other", number);
  return {.id = id, .label = label, .group = group.empty() ? id : group};
}

std::vector<Sample> set_of(int lenses, int others) {
  std::vector<Sample> samples;
  for (int i = 0; i < lenses; ++i) samples.push_back(sample(i, Label::lens));
  for (int i = 0; i < others; ++i) samples.push_back(sample(i, Label::non_lens));
  return samples;
}

/// How many samples of a class each fold has.
std::map<int, int> counts(const std::vector<Sample>& samples, const std::vector<int>& folds, Label label) {
  std::map<int, int> found;
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (samples[i].label == label) ++found[folds[i]];
  return found;
}

TEST(Folds, HaveTheSameShareOfEachClass) {
  const auto samples = set_of(40, 69);
  const auto folds = folds_by_group(samples, 5, 1);
  EXPECT_THAT(counts(samples, folds, Label::lens),
              ::testing::ElementsAre(::testing::Pair(0, 8), ::testing::Pair(1, 8), ::testing::Pair(2, 8), ::testing::Pair(3, 8),
                                     ::testing::Pair(4, 8)));
  for (const auto& [fold, count] : counts(samples, folds, Label::non_lens)) EXPECT_THAT(count, ::testing::AnyOf(13, 14)) << fold;
}

TEST(Folds, NeverPartAGroup) {
  std::vector<Sample> samples;
  for (int i = 0; i < 60; ++i) samples.push_back(sample(i, i % 3 == 0 ? Label::lens : Label::non_lens, fmt::format("object {}", i / 2)));
  const auto folds = folds_by_group(samples, 4, 3);
  std::map<std::string, std::set<int>> of_group;
  for (std::size_t i = 0; i < samples.size(); ++i) of_group[samples[i].group].insert(folds[i]);
  for (const auto& [group, in] : of_group) EXPECT_EQ(in.size(), 1U) << group;
}

TEST(Folds, DoNotHangOnTheOrderOfSamples) {
  auto samples = set_of(12, 30);
  const auto folds = folds_by_group(samples, 3, 7);
  std::map<std::string, int> by_id;
  for (std::size_t i = 0; i < samples.size(); ++i) by_id[samples[i].id] = folds[i];
  std::ranges::reverse(samples);
  const auto again = folds_by_group(samples, 3, 7);
  for (std::size_t i = 0; i < samples.size(); ++i) EXPECT_EQ(again[i], by_id[samples[i].id]) << samples[i].id;
  EXPECT_NE(folds, folds_by_group(set_of(12, 30), 3, 8));
}

TEST(Folds, LeaveOutWhatHasNoLabel) {
  auto samples = set_of(5, 5);
  samples.push_back({.id = "unknown", .group = "unknown"});
  EXPECT_EQ(folds_by_group(samples, 5, 0).back(), -1);
}

TEST(Folds, NeedAGroupOfEachClassInEachFold) {
  EXPECT_THROW(folds_by_group(set_of(4, 30), 5, 0), Error);
  EXPECT_THROW(folds_by_group(set_of(30, 30), 1, 0), Error);
}

}  // namespace
}  // namespace lensfind::dataset
