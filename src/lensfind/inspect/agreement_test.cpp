#include "lensfind/inspect/agreement.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace lensfind::inspect {
namespace {

constexpr double n = std::numeric_limits<double>::quiet_NaN();

Ballots ballots(std::size_t graders, std::vector<double> values) {
  Ballots out{.values = std::move(values)};
  for (std::size_t i = 0; i < graders; ++i) out.graders.push_back("g" + std::to_string(i));
  for (std::size_t i = 0; graders > 0 && i < out.values.size() / graders; ++i) out.objects.push_back("o" + std::to_string(i));
  return out;
}

// Krippendorff (2011), "Computing Krippendorff's alpha-reliability", section C; digits by PyPI's krippendorff 0.8.
const Ballots krippendorffs = ballots(4, {1, 2, 3, 3, 2, 1, 4, 1, 2, n, n, n,  //
                                          1, 2, 3, 3, 2, 2, 4, 1, 2, 5, n, 3,  //
                                          n, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, n,  //
                                          1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, n});

TEST(KrippendorffAlpha, IsThatOfHisExample) {
  EXPECT_NEAR(krippendorff_alpha(krippendorffs, Measurement::nominal), 0.743421052631579, 1e-9);
  EXPECT_NEAR(krippendorff_alpha(krippendorffs, Measurement::ordinal), 0.8153875037548814, 1e-9);
  EXPECT_NEAR(krippendorff_alpha(krippendorffs, Measurement::interval), 0.8491071428571428, 1e-9);
}

// Half grades that are missing here and there; numbers by PyPI's krippendorff.
TEST(KrippendorffAlpha, IsThatOfThePackageForHalfGrades) {
  const Ballots half = ballots(3, {3,   0,   1.5, 2, n, 0,   0, 3,   2.5, 1, 0, 0.5,  //
                                   2.5, 0,   1,   2, 2, 0.5, 0, 3,   n,   n, 0, 0,    //
                                   3,   0.5, 2,   n, 1, 0,   1, 2.5, 2,   1, 0, 0});
  EXPECT_NEAR(krippendorff_alpha(half, Measurement::nominal), 0.27995110024449876, 1e-9);
  EXPECT_NEAR(krippendorff_alpha(half, Measurement::ordinal), 0.8609924198532252, 1e-9);
  EXPECT_NEAR(krippendorff_alpha(half, Measurement::interval), 0.8938997382725992, 1e-9);
}

TEST(KrippendorffAlpha, IsNotDefinedWhereNothingDiffers) {
  EXPECT_TRUE(std::isnan(krippendorff_alpha(ballots(2, {1, 1, 1, 1}), Measurement::ordinal)));
  EXPECT_TRUE(std::isnan(krippendorff_alpha(ballots(1, {0, 1, 2}), Measurement::ordinal)));
  EXPECT_TRUE(std::isnan(krippendorff_alpha(ballots(0, {}), Measurement::nominal)));
}

// scikit-learn's cohen_kappa_score.
TEST(CohenKappa, IsThatOfScikitLearn) {
  const Ballots two = ballots(2, {3, 0, 1, 2, 2, 0, 0, 3, 1, 1, 0, 2, 3, 0, n,  //
                                  2, 0, 1, 2, 3, 0, 1, 3, 1, 0, 0, 2, 3, 0, 1});
  EXPECT_NEAR(cohen_kappa(two, 0, 1), 0.611111111111111, 1e-12);
  EXPECT_NEAR(cohen_kappa(two, 0, 1, true), 0.8939393939393939, 1e-12);
  EXPECT_NEAR(cohen_kappa(two, 1, 0, true), 0.8939393939393939, 1e-12);
}

// Fleiss' own way of counting, on the example of Wikipedia's article: 14 raters, 10 subjects, 5 categories, kappa 0.210.
TEST(FleissKappa, IsThatOfTheTextbookExample) {
  const int counts[10][5] = {{0, 0, 0, 0, 14}, {0, 2, 6, 4, 2}, {0, 0, 3, 5, 6}, {0, 3, 9, 2, 0}, {2, 2, 8, 1, 1},
                             {7, 7, 0, 0, 0},  {3, 2, 6, 3, 0}, {2, 5, 3, 2, 2}, {6, 5, 2, 1, 0}, {0, 2, 2, 3, 7}};
  std::vector<double> values(14 * 10);
  for (std::size_t subject = 0; subject < 10; ++subject) {
    std::size_t rater = 0;
    for (int category = 0; category < 5; ++category)
      for (int i = 0; i < counts[subject][category]; ++i) values[rater++ * 10 + subject] = category;
  }
  EXPECT_NEAR(fleiss_kappa(ballots(14, values)), 0.20993070442195522, 1e-9);
}

TEST(Ballots, TakeFirstShowingsOfTheSchemeOnly) {
  const std::vector<Grade> grades{
      {.uid = "1", .time = "1", .grader = "anna", .object = "x", .scheme = "abcx", .grade = "A"},
      {.uid = "2", .time = "2", .grader = "anna", .object = "x", .presentation = 1, .scheme = "abcx", .grade = "C"},
      {.uid = "3", .time = "3", .grader = "ben", .object = "y", .scheme = "abcx", .grade = "b"},
      {.uid = "4", .time = "4", .grader = "ben", .object = "x", .scheme = "half", .grade = "0"},
      {.uid = "5", .time = "5", .grader = "ben", .object = "z", .scheme = "abcx", .grade = "Q"}};
  const Ballots table = ballots_of(grades, abcx());
  EXPECT_EQ(table.graders, (std::vector<std::string>{"anna", "ben"}));
  EXPECT_EQ(table.objects, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(table.at(0, 0), 3);
  EXPECT_EQ(table.at(1, 1), 2);
  EXPECT_TRUE(std::isnan(table.at(1, 0)));
}

}  // namespace
}  // namespace lensfind::inspect
