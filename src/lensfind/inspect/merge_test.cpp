#include "lensfind/inspect/merge.h"

#include <cmath>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::inspect {
namespace {

/// Grades as letters, an object a column: '.' is none.
GradeSet set_of(const std::vector<std::pair<std::string, std::string>>& people, const std::vector<Label>& truths = {}) {
  GradeSet set{.schemes = {abcx()}};
  for (std::size_t i = 0; i < people.front().second.size(); ++i) {
    const Label truth = i < truths.size() ? truths[i] : Label::unknown;
    set.objects.push_back({.id = std::to_string(i), .role = truth == Label::unknown ? Role::candidate : Role::known, .truth = truth});
  }
  for (const auto& [who, grades] : people)
    for (std::size_t i = 0; i < grades.size(); ++i)
      if (grades[i] != '.')
        set.rows.push_back({.uid = who + std::to_string(i),
                            .time = "1",
                            .grader = who,
                            .object = std::to_string(i),
                            .scheme = "abcx",
                            .grade = std::string{grades[i]},
                            .seconds = static_cast<double>(i + 1)});
  return set;
}

const MergedObject& object(const Merged& merged, const std::string& id) {
  for (const MergedObject& one : merged.objects)
    if (one.object.id == id) return one;
  throw Error{"no object " + id, "look"};
}

TEST(Merge, MeanAndSpreadByHand) {
  const Merged merged = merge_grades(set_of({{"anna", "AX."}, {"ben", "CX."}}));
  EXPECT_EQ(merged.method, ConsensusMethod::mean);
  ASSERT_EQ(merged.objects.size(), 2u) << "what nobody graded is left out";
  EXPECT_DOUBLE_EQ(object(merged, "0").mean, 2);
  EXPECT_DOUBLE_EQ(object(merged, "0").spread, std::sqrt(2));
  EXPECT_EQ(object(merged, "0").grade, "C") << "the lower of two medians";
  EXPECT_DOUBLE_EQ(object(merged, "1").spread, 0);
  EXPECT_FALSE(object(merged, "0").lens);
  EXPECT_EQ(merged.graders[1].median_seconds, 1);
}

// 10 lenses and 10 others as controls; anna is right on all, ben says A to everything.
TEST(Merge, GradersAreMeasuredOnControlsAndWeighedByThem) {
  std::vector<Label> truths(10, Label::lens);
  truths.resize(20, Label::non_lens);
  const Merged merged = merge_grades(set_of({{"anna", "AAAAAAAABBXXXXXXXXXXXA"}, {"ben", "AAAAAAAAAAAAAAAAAAAAAX"}}, truths));
  EXPECT_EQ(merged.method, ConsensusMethod::swap);
  EXPECT_EQ(merged.graders[0].lens_controls, 10);
  EXPECT_EQ(merged.graders[0].completeness.value, 1);
  EXPECT_EQ(merged.graders[0].false_positive_rate.value, 0);
  EXPECT_NEAR(merged.graders[0].completeness.low, std::pow(.025, .1), 1e-12) << "Jeffreys, as modified at the end";
  EXPECT_EQ(merged.graders[1].false_positive_rate.value, 1);
  EXPECT_GT(object(merged, "21").lens->value, object(merged, "20").lens->value) << "anna's word counts, not the mean";
  EXPECT_EQ(object(merged, "21").mean, object(merged, "20").mean);
}

TEST(Merge, RepeatsMeasureConsistency) {
  GradeSet set = set_of({{"anna", "ABCX"}, {"ben", "ABCX"}});
  for (const auto& [place, grade] : {std::pair{"0", "A"}, {"1", "C"}, {"2", "C"}})
    set.rows.push_back({.uid = std::string{"r"} + place,
                        .time = "9",
                        .grader = "anna",
                        .object = place,
                        .presentation = 1,
                        .scheme = "abcx",
                        .grade = grade});
  const Merged merged = merge_grades(set);
  EXPECT_EQ(merged.graders[0].repeats, 3);
  EXPECT_NEAR(merged.graders[0].consistency.value, 2. / 3, 1e-12);
  EXPECT_EQ(merged.graders[1].repeats, 0);
  EXPECT_EQ(object(merged, "1").mean, 2) << "repeats do not count twice";
  EXPECT_EQ(merged.alpha_nominal, 1);
}

TEST(Merge, SettlesOnlyWhatTheIntervalAllows) {
  std::vector<Label> truths(40, Label::lens);
  truths.resize(80, Label::non_lens);
  std::string good = std::string(40, 'A') + std::string(40, 'X');
  const Merged merged = merge_grades(set_of({{"a", good + "AX"}, {"b", good + "AX"}, {"c", good + "A."}}, truths));
  EXPECT_EQ(object(merged, "80").settled, Label::lens);
  EXPECT_EQ(object(merged, "81").settled, Label::non_lens);
  const Merged few = merge_grades(set_of({{"a", good + "AX"}, {"b", good + "AX"}, {"c", good + "A."}}, truths), {.min_grades = 3});
  EXPECT_EQ(object(few, "81").settled, Label::unknown) << "two people only";
}

TEST(Merge, WhatCannotBeSaysWhy) {
  EXPECT_THROW(merge_grades(set_of({{"a", ".."}})), Error);
  EXPECT_THROW(merge_grades(set_of({{"a", "AX"}}), {.method = ConsensusMethod::swap}), Error);
  EXPECT_THROW(merge_grades(set_of({{"a", "AX"}}), {.scheme = "half"}), Error);
}

}  // namespace
}  // namespace lensfind::inspect
