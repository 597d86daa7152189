#include "lensfind/inject/hosts.h"

#include <set>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::inject {
namespace {

using ::testing::HasSubstr;

TEST(HostDivision, GivesNoCutoutTwoPurposes) {
  const HostNeeds needs{.lenses = 300, .nonlenses = 20, .test_lenses = 100, .test_nonlenses = 10};
  const HostDivision division{110, needs, 4};
  std::multiset<std::int64_t> all;
  for (const simulate::Split split : {simulate::Split::train, simulate::Split::test}) {
    for (const bool lens : {true, false}) all.insert(division.of(split, lens).begin(), division.of(split, lens).end());
  }
  EXPECT_EQ(all.size(), 110u);
  EXPECT_EQ(std::set<std::int64_t>(all.begin(), all.end()).size(), 110u);
  EXPECT_EQ(division.of(simulate::Split::train, false).size(), 20u);
  EXPECT_EQ(division.of(simulate::Split::test, false).size(), 10u);
  // Eighty are left for lenses, three of them in training for one to test.
  EXPECT_EQ(division.of(simulate::Split::train, true).size(), 60u);
  EXPECT_EQ(division.of(simulate::Split::test, true).size(), 20u);
}

TEST(HostDivision, EitherSplitWithLensesHasAHost) {
  const HostNeeds needs{.lenses = 1000, .nonlenses = 3, .test_lenses = 1};
  const HostDivision division{5, needs, 0};
  EXPECT_EQ(division.of(simulate::Split::train, true).size(), 1u);
  EXPECT_EQ(division.of(simulate::Split::test, true).size(), 1u);
  const HostDivision ten{10, {.lenses = 1000, .nonlenses = 3, .test_lenses = 10}, 0};
  EXPECT_EQ(ten.of(simulate::Split::train, true).size(), 4u);
  EXPECT_EQ(ten.of(simulate::Split::test, true).size(), 3u) << "in proportion it would be none";
  EXPECT_EQ((HostDivision{9, {.test_lenses = 5}, 0}.of(simulate::Split::test, true).size()), 9u);
  EXPECT_TRUE((HostDivision{9, {.nonlenses = 5}, 0}.of(simulate::Split::train, true).empty()));
}

TEST(HostDivision, SaysHowManyAreNeeded) {
  const HostNeeds needs{.lenses = 5, .nonlenses = 6, .test_lenses = 2, .test_nonlenses = 3};
  EXPECT_EQ(needs.min(), 11);
  EXPECT_NO_THROW((HostDivision{11, needs, 0}));
  try {
    const HostDivision division{10, needs, 0};
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("are too few: 11 are needed, one for each of 9 non-lenses"));
  }
}

TEST(HostDivision, DependsOnTheSeedAlone) {
  const HostNeeds needs{.lenses = 10, .nonlenses = 20};
  EXPECT_EQ((HostDivision{100, needs, 7}.of(simulate::Split::train, false)),
            (HostDivision{100, needs, 7}.of(simulate::Split::train, false)));
  EXPECT_NE((HostDivision{100, needs, 7}.of(simulate::Split::train, false)),
            (HostDivision{100, needs, 8}.of(simulate::Split::train, false)));
}

}  // namespace
}  // namespace lensfind::inject
